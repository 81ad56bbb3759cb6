"""An authority opens in steps, each gated by facts and signed by two people (SHI-10)."""
