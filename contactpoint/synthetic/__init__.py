"""A made-up England with known truth: for the demo, practice, tests and benchmarks.

Never holds a real person's record: names are drawn from lists of common names and from generators,
telephone numbers from the ranges that Ofcom keeps for drama, e-mail addresses from example.org,
NHS numbers from the nine hundred millions, which are not issued.
"""
