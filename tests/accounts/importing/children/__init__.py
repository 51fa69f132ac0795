"""Kinds whose rows belong to an account."""
