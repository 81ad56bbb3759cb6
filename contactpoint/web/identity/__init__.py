"""Pages of new identities: the officer's, and the custodian's (SHI-7)."""
