"""Pages of brokered contact: who asks, the broker, the provider (SEN-5)."""
