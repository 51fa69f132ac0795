"""Views of the queue and the team."""
