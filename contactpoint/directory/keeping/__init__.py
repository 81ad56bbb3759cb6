"""Keeping and forgetting: what leaves the live directory when, and how it is destroyed (RET).

Whether a record is live is decided from its dates at every read (RET-5); here data is only moved.
Keys and the ledger lie in folders that no backup of the database holds (RET-4).
Works as the role `match`, which sees both sides; never decides who may look into the archive.
"""
