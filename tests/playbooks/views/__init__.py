"""Tests of the playbook pages, a file for each endpoint."""
