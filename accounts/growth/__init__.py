"""Subtypes, families of accounts, and where an account could grow."""
