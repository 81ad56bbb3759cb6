"""Pages of break-glass and of those who investigate it (SHI-6)."""
