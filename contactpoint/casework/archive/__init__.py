"""Opening what is archived, and the register of what was disclosed outside the service (RET-2, FAM-4)."""
