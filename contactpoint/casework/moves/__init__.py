"""Moves between authorities: proposed by one side, or by an address, decided by the other (REC-6)."""
