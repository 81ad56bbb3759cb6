"""A practitioner's journey: find a child, say why, read the record, say that one works with the child.

Views read the input and choose the page; the doors of the directory and of intake decide, log and redact.
"""
