"""Measuring: how fast, how sure, how many at once, each beside a peer where one runs here.

Owns the benchmark's own databases, one for each size, its questions and its reports.
Goes through the same doors as everybody: nothing is switched off to look faster (AUD-2, SEA-4, SEA-8).
Never touches the service's own database.
"""
