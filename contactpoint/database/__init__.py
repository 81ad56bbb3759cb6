"""The database beside the layers: where it is, its roles, and the embedded server.

Read by settings and by the doors, and by no domain module.
"""
