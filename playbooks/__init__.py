"""Playbooks, their runs on accounts, and the tasks that surface in the queue."""
