"""Connections to outside systems, one folder each."""
