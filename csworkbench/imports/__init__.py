"""Imports as deployments: read, map, validate, diff, approve, apply, reject."""
