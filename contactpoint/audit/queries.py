"""Reading the log. Doors that show it to people log that they did."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from contactpoint.audit.keys import KeyDestroyed, unseal
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor, Event
from contactpoint.prepared import ask_prepared

_COLUMNS = "e.id, e.at, e.kind, e.refused, e.purpose, e.body, e.sealed"


# One walk through the longest time, by index.
_COUNT = """
WITH done AS MATERIALIZED (
    SELECT at FROM audit_event
    WHERE account_id = %(account)s AND at > %(first)s AND kind = ANY(%(kinds)s) AND on_behalf_of IS NULL
    UNION ALL
    SELECT at FROM audit_event WHERE on_behalf_of = %(account)s AND at > %(first)s AND kind = ANY(%(kinds)s)
)
SELECT array_agg((SELECT count(*) FROM done WHERE at > since) ORDER BY place)
FROM unnest(%(since)s::timestamptz[]) WITH ORDINALITY AS each (since, place)
"""


def count_events(*, account_id: int, kinds: Sequence[EventKind], since: Sequence[datetime]) -> list[int]:
    """How many such events the account had since each of these times; for the limits of SEA-8.

    What a mediator did counts against whom they served, never against the mediator (ACC-6).
    """
    asked = {
        "account": account_id,
        "kinds": [kind.value for kind in kinds],
        "since": list(since),
        "first": min(since),
    }
    found = ask_prepared(_COUNT, asked)
    return list(found[0]) if found else [0] * len(since)


def find_last_event(*, account_id: int, kind: EventKind, since: datetime) -> int | None:
    """The id of the account's last event of that kind that was not refused; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM audit_event WHERE account_id = %s AND at > %s AND kind = %s AND NOT refused"
            " ORDER BY at DESC, id DESC LIMIT 1",
            [account_id, since, kind.value],
        )
        found = cursor.fetchone()
    return int(found[0]) if found else None


def find_events_of_child(*, child_id: int, since: datetime, limit: int = 200) -> tuple[Event, ...]:
    """Who saw or changed this child, newest first (AUD-7, AUD-8). Without what was typed."""
    return _read(
        f"SELECT {_COLUMNS} FROM audit_event_child c JOIN audit_event e ON e.id = c.event_id AND e.at = c.at"
        " WHERE c.child_id = %s AND c.at > %s ORDER BY c.at DESC, c.event_id DESC LIMIT %s",
        [child_id, since, limit],
    )


def find_events_of_account(
    *, account_id: int, since: datetime, limit: int = 200, typed: bool = False
) -> tuple[Event, ...]:
    """What an account did, or had done by a mediator, newest first.

    `typed` opens what was typed, where the month's key still exists.
    """
    return _read(
        f"SELECT {_COLUMNS} FROM audit_event e WHERE (e.account_id = %s OR e.on_behalf_of = %s) AND e.at > %s"
        " ORDER BY e.at DESC, e.id DESC LIMIT %s",
        [account_id, account_id, since, limit],
        typed=typed,
    )


def read_events(query: str, parameters: Mapping[str, Any] | list[Any]) -> tuple[Event, ...]:
    """Events that a query of id, at, kind, refused, purpose, body, sealed gives; nothing typed."""
    return _read(query, parameters)


def _read(query: str, parameters: Mapping[str, Any] | list[Any], *, typed: bool = False) -> tuple[Event, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return tuple(_event(row, typed=typed) for row in cursor.fetchall())


def _event(row: tuple[Any, ...], *, typed: bool) -> Event:
    event_id, at, kind, refused, purpose, body, sealed = row
    said = json.loads(bytes(body))
    return Event(
        id=event_id,
        at=at,
        kind=kind,
        refused=refused,
        actor=Actor(
            said["account"], said["organisation"], said["door"], said["address"], said["on_behalf_of"]
        ),
        purpose=purpose,
        children=tuple(said["children"]),
        facts=said["facts"],
        typed=_open(bytes(sealed), at) if typed and sealed else None,
    )


def _open(sealed: bytes, at: datetime) -> dict[str, str] | None:
    try:
        return dict(json.loads(unseal(sealed=sealed, at=at)))
    except KeyDestroyed:
        return None
