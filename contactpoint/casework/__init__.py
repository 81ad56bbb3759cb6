"""Cases about shields: requests, officers' decisions, rows held near shields, messages (SHI-1 to SHI-5)."""
