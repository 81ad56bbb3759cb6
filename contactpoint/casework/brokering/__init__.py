"""Brokered contact with a sensitive service: who asks, the broker, the provider (SEN-3 to SEN-5, SEN-7)."""
