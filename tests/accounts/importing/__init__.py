"""Tests of importing into the accounts floor."""
