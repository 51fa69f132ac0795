"""Tests: behaviour at stable edges, against a real PostgreSQL and Valkey, as the restricted database role."""
