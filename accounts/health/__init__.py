"""Health: measures over facts, the score and colour they yield, and what members say over it (HLT)."""
