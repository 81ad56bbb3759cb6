"""Readers of the formats that suppliers send: each gives the mapped columns, and what was wrong."""
