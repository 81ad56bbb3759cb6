"""Pages of a sensitive service's own people: record with consent, review, renew, withdraw (SEN)."""
