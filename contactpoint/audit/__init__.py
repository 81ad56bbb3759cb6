"""The log: every look, refusal and change, append-only (AUD-1, AUD-2, AUD-3, AUD-8).

Owns the events and the keys of their months.
Knows no domain: a child is a number to it, a purpose a word.
Never changes or deletes an event; the database gives the server no right to.
"""
