"""Hostile requests from one workspace to another."""
