"""Rules decide levels and scores; the ranked queue shows them. The top floor: nobody imports it."""
