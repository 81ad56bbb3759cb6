"""Suppliers and feeds: from a file or message to published values."""
