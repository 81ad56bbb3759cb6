"""Writing to the log: the one way in (AUD-1, AUD-2)."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import psycopg
from django.db import connections, transaction

from contactpoint.audit.canonical import canonical_bytes, digest
from contactpoint.audit.keys import seal
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor

RULES = "2026-11"  # the version of the rules that decided; changes when a rule does

_INSERT = """
WITH happened AS (
    INSERT INTO audit_event
        (at, kind, refused, account_id, organisation_id, on_behalf_of, purpose, body, digest, sealed)
    VALUES (%(at)s, %(kind)s, %(refused)s, %(account)s, %(organisation)s, %(on_behalf_of)s,
            %(purpose)s, %(body)s, %(digest)s, %(sealed)s)
    RETURNING id, at
), concerned AS (
    INSERT INTO audit_event_child (event_id, child_id, at)
    SELECT id, child, at FROM happened, unnest(%(children)s::bigint[]) AS child
)
SELECT id FROM happened
"""

_months_ready: set[tuple[str, int, int]] = set()


class NotDurable(RuntimeError):
    """The log was written outside a transaction: a mistake of ours, never of a user's."""


def record_event(
    *,
    kind: EventKind,
    actor: Actor,
    at: datetime,
    purpose: str = "",
    children: Sequence[int] = (),
    typed: Mapping[str, str] | None = None,
    facts: Mapping[str, str | int] | None = None,
    refused: bool = False,
    using: str = "default",
) -> int:
    """Write one event and give its id.

    Must run inside the transaction of what it logs, which the door opened as durable:
    if the event can't be written, neither is the change, and nothing is shown (AUD-2).
    `facts` are ids and names of fields, never values; `typed` is sealed under the month's key (AUD-8).
    A refusal's error is raised after that transaction has closed, or its event is lost.
    """
    if not transaction.get_connection(using).in_atomic_block:
        raise NotDurable("record_event was called outside a transaction")
    utc = at.astimezone(UTC)
    sealed = seal(text=json.dumps(dict(typed), sort_keys=True), at=utc) if typed else b""
    body = canonical_bytes(
        kind=kind.value,
        at=utc,
        actor=actor,
        purpose=purpose,
        children=tuple(children),
        facts=dict(facts or {}),
        refused=refused,
        sealed=sealed,
        rules=RULES,
    )
    database = connections[using]
    with database.cursor() as cursor:
        _ready_month(cursor, using, utc)
    # Prepared once a connection: planning the insert anew costs the database more than doing it.
    with database.wrap_database_errors, psycopg.Cursor(database.connection) as prepared:
        prepared.execute(
            _INSERT,
            {
                "at": utc,
                "kind": kind.value,
                "refused": refused,
                "account": actor.account_id,
                "organisation": actor.organisation_id,
                "on_behalf_of": actor.on_behalf_of,
                "purpose": purpose,
                "body": body,
                "digest": digest(body),
                "sealed": sealed,
                "children": list(children),
            },
            prepare=True,
        )
        (event_id,) = prepared.fetchone() or (0,)
    return int(event_id)


def forget_ready_month(*, month: date, using: str) -> None:
    """Its partitions are gone: this process must not think that they are there."""
    _months_ready.discard((connections[using].settings_dict["NAME"], month.year, month.month))


def _ready_month(cursor: object, using: str, at: datetime) -> None:
    """Make the month's partitions if this process has not seen them yet.

    The nightly job makes them beforehand; this is for a clock that jumps and for the first event of all.
    """
    key = (connections[using].settings_dict["NAME"], at.year, at.month)
    if key in _months_ready:
        return
    cursor.execute("SELECT audit_ready_month(%s)", [at.date()])  # type: ignore[attr-defined]
    transaction.on_commit(lambda: _months_ready.add(key), using=using)
