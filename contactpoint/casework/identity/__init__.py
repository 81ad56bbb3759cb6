"""A new identity: the former record is sealed, a fresh one starts, one role alone knows both (SHI-7)."""
