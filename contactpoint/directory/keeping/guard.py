"""Nobody reads a database that is older than the ledger (RET-4).

Every new connection of a serving process is asked once; where the database is behind, the ledger is replayed
before the connection is used. Should that fail, the connection does, and with it the request.
"""

from datetime import UTC, datetime
from typing import Any
from weakref import WeakSet

from django.db import connections
from django.db.backends.signals import connection_created

from contactpoint.audit.records import Actor
from contactpoint.directory.keeping.archive import USING
from contactpoint.directory.keeping.ledger import is_behind
from contactpoint.directory.keeping.replay import replay

WORKER = Actor(account_id=None, organisation_id=None, door="worker")
_asked: "WeakSet[Any]" = WeakSet()


def bring_up_to_ledger() -> int:
    """Replay what is missing; gives how many entries. Raises LedgerDamaged."""
    with connections[USING].cursor() as cursor:
        behind = is_behind(cursor)
    return replay(by=WORKER, at=datetime.now(UTC)) if behind else 0


def guard_connections() -> None:
    """From now on, in this process."""
    connection_created.connect(_ask, dispatch_uid="ledger")


def _ask(connection: Any, **_: Any) -> None:
    real = connection.connection
    if connection.alias != "default" or real in _asked:
        return
    with connection.cursor() as cursor:
        behind = is_behind(cursor)
    if behind:
        bring_up_to_ledger()
    _asked.add(real)
