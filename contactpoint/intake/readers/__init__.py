"""Readers of the formats that suppliers send: each gives rows of the columns a profile maps, and what was wrong."""
