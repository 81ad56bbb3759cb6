"""Children, who works with them, search, shields and keeping: the record and its rules.

Owns the open tables that the server reads, and the hidden tables that it may not (SHI-9).
`queries.search_children` and `queries.open_record` are the only ways to a child:
they load, decide, log and redact, and return frozen values.
"""
