"""Sensitive services: what their own people record, see, renew and withdraw (SEN-1 to SEN-7).

Everything is on the hidden side, behind functions of the database that check and are logged.
Nothing here shows an entry to anybody but the organisation that provides the service.
"""
