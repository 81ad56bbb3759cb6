"""Left England, died, or stays on after 18: what ends a record, and what lets it go on (REC-1, REC-9)."""
