"""Break-glass: a shielded record opened once, by a separate permission, investigated by another (SHI-6)."""
