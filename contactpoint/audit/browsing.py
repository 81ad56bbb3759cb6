"""Finding events by who, which child, when and what kind, for those who watch (AUD-4).

Whose events somebody may see is decided above; here it arrives as an organisation, or a query of accounts.
Ids and kinds only: what was typed stays sealed (AUD-8).
"""

from dataclasses import dataclass
from datetime import datetime

from contactpoint.audit.kinds import EventKind
from contactpoint.audit.queries import read_events
from contactpoint.audit.records import Event


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for between two moments; None means any."""

    since: datetime
    until: datetime
    account_id: int | None = None
    child_id: int | None = None
    kind: EventKind | None = None
    refused_only: bool = False


@dataclass(frozen=True, slots=True)
class Accounts:
    """Whose events: a query of account ids, with what is given to it; thousands of ids stay there."""

    query: str
    given: dict[str, str]


# The newest first. A child's events come through their own index, the others through the account's or time's.
_EVENTS = """
SELECT e.id, e.at, e.kind, e.refused, e.purpose, e.body, e.sealed
FROM audit_event e
WHERE e.at >= %(since)s AND e.at < %(until)s
  AND (%(account)s::bigint IS NULL OR e.account_id = %(account)s OR e.on_behalf_of = %(account)s)
  AND (%(kind)s::text IS NULL OR e.kind = %(kind)s)
  AND (NOT %(refused)s OR e.refused)
  {whose} {child}
ORDER BY e.at DESC, e.id DESC
LIMIT %(most)s OFFSET %(before)s
"""
_OF_ORGANISATION = """AND (e.organisation_id = %(organisation)s
      OR e.on_behalf_of IS NOT NULL AND e.account_id IN ({query}))"""
_OF_ACCOUNTS = "AND (e.account_id IN ({query}) OR e.on_behalf_of IN ({query}))"
_OF_CHILD = """AND (e.id, e.at) IN (
      SELECT c.event_id, c.at FROM audit_event_child c
      WHERE c.child_id = %(child)s AND c.at >= %(since)s AND c.at < %(until)s)"""


def find_events(
    *,
    wanted: Filter,
    organisation_id: int | None,
    accounts: Accounts | None,
    most: int,
    before: int = 0,
) -> tuple[Event, ...]:
    """Newest first: of one organisation's people, of these accounts, or, where neither is named, of all.

    What a mediator did is of both: of whom they served and, where `accounts` names them, of their own.
    """
    whose = _OF_ORGANISATION if organisation_id is not None else _OF_ACCOUNTS if accounts else ""
    return read_events(
        _EVENTS.format(
            whose=whose.format(query=accounts.query if accounts else "NULL"),
            child=_OF_CHILD if wanted.child_id is not None else "",
        ),
        {
            **(accounts.given if accounts else {}),
            "since": wanted.since,
            "until": wanted.until,
            "account": wanted.account_id,
            "child": wanted.child_id,
            "kind": wanted.kind.value if wanted.kind else None,
            "refused": wanted.refused_only,
            "organisation": organisation_id,
            "most": most,
            "before": before,
        },
    )
