"""Pages of the ground floor: the entrance, members, settings, mail, history."""
