"""Pages of the archive and of the register of disclosures (RET-2, FAM-4)."""
