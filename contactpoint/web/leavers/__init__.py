"""Pages of leavers: left England, died, or stays on after 18 (REC-1, REC-9)."""
