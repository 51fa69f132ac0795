"""Escalation cases: the floor beside transitions, above playbooks."""
