"""Transitions: planned moves of accounts from one CSM to another; the floor beside escalations."""
