"""Pages about shields: asking for one, passing a message, and all that a shielding officer decides (SHI)."""
