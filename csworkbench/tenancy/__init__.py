"""Workspaces, members and the three belts that keep one workspace's rows from another's."""
