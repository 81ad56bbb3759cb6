"""A connection as the tables' owner, for what measuring needs beside the doors: peers, sizes, answers."""

import psycopg
from django.conf import settings

from contactpoint.database.facts import OWNER


def connect_as_owner() -> psycopg.Connection:
    """To the benchmark's own database; close it, or use it in a `with`."""
    return psycopg.connect(**settings.DATABASE.connection(OWNER))
