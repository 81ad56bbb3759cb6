"""Pages of moves between authorities (REC-6)."""
