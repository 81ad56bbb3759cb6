"""The log for those who watch: a manager their staff, an auditor their authority, the nation all (AUD-4).

Each look is logged before anything is shown, with its filter and the child that was asked about (AUD-2).
Who watches cannot search: a child is asked for by number, which some paper or event names.
"""

import csv
import io
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from contactpoint.access.actions.insist import insist_on
from contactpoint.access.models import Account
from contactpoint.access.records import Decision, Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.browsing import Accounts, Filter, find_events
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Event
from contactpoint.codes.child_number import encode, format_child_number
from contactpoint.errors import Invalid

__all__ = ["PAGE", "Filter", "LogLine", "export_log", "may_read_log", "read_log"]

PAGE = 50
MOST_EXPORTED = 10_000
_STAFF = "SELECT a.id FROM access_account a WHERE a.organisation_id = %(organisation)s"
_GRANTED = "SELECT a.id FROM access_account a WHERE a.granted_by_authority = %(authority)s"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class NoReason(Invalid):
    """An export needs a reason; nothing was exported."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event with the name of whoever caused it; '' for the service itself."""

    event: Event
    who: str
    on_behalf_of: str

    @property
    def numbers(self) -> tuple[str, ...]:
        """The children concerned, by number as people write it."""
        return tuple(format_child_number(encode(child)) for child in self.event.children)


@dataclass(frozen=True, slots=True)
class _Reach:
    organisation_id: int | None = None
    accounts: Accounts | None = None


def may_read_log(*, viewer: Viewer) -> bool:
    """Does any role show somebody a part of the log?"""
    watching = (Action.READ_LOG, Action.READ_LOG_OF_AUTHORITY, Action.READ_LOG_OF_STAFF)
    return any(viewer.may(action) for action in watching)


def read_log(*, by: Viewer, wanted: Filter, at: datetime, page: int = 1) -> tuple[LogLine, ...]:
    """One page and one more, newest first. Raises ActionRefused, which is logged."""
    reach = _find_reach(by=by, at=at)
    with transaction.atomic(durable=True):
        _record(EventKind.LOG_READ, by, wanted, at=at, facts={"page": page})
        events = find_events(
            wanted=wanted,
            organisation_id=reach.organisation_id,
            accounts=reach.accounts,
            most=PAGE + 1,
            before=(page - 1) * PAGE,
        )
    return _name(events)


def export_log(*, by: Viewer, wanted: Filter, reason: str, at: datetime) -> str:
    """The same as a CSV file, without cells that a spreadsheet would calculate.

    The reason is sealed in the log. Raises NoReason, ActionRefused.
    """
    reach = _find_reach(by=by, at=at)
    if not reason.strip():
        raise NoReason("Enter why you need this export.", about="reason")
    with transaction.atomic(durable=True):
        events = find_events(
            wanted=wanted,
            organisation_id=reach.organisation_id,
            accounts=reach.accounts,
            most=MOST_EXPORTED,
        )
        facts = {"count": len(events)}
        _record(EventKind.LOG_EXPORTED, by, wanted, at=at, facts=facts, typed={"reason": reason[:500]})
    return _to_csv(_name(events))


def _find_reach(*, by: Viewer, at: datetime) -> _Reach:
    if by.may(Action.READ_LOG):
        return _Reach()
    if by.may(Action.READ_LOG_OF_AUTHORITY) and by.authority:
        return _Reach(accounts=Accounts(_GRANTED, {"authority": by.authority}))
    if not by.may(Action.READ_LOG_OF_STAFF):
        refused = Decision(False, ("Your role does not allow this.",), ("role",))
        insist_on(refused, by=by, action=Action.READ_LOG_OF_AUTHORITY, at=at)
    return _Reach(organisation_id=by.organisation_id, accounts=Accounts(_STAFF, {}))


def _record(
    kind: EventKind,
    by: Viewer,
    wanted: Filter,
    *,
    at: datetime,
    facts: dict[str, int],
    typed: dict[str, str] | None = None,
) -> None:
    said: dict[str, str | int] = {
        **facts,
        "since": wanted.since.isoformat(),
        "until": wanted.until.isoformat(),
        "kind": wanted.kind.value if wanted.kind else "",
        "account": wanted.account_id or 0,
    }
    children = [wanted.child_id] if wanted.child_id is not None else []
    record_event(kind=kind, actor=by.actor, at=at, children=children, facts=said, typed=typed)


def _name(events: tuple[Event, ...]) -> tuple[LogLine, ...]:
    ids = {event.actor.account_id for event in events} | {event.actor.on_behalf_of for event in events}
    names = dict(Account.objects.filter(pk__in=[each for each in ids if each]).values_list("pk", "name"))
    return tuple(
        LogLine(
            event,
            names.get(event.actor.account_id or 0, ""),
            names.get(event.actor.on_behalf_of or 0, ""),
        )
        for event in events
    )


def _to_csv(lines: tuple[LogLine, ...]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(
        ["event", "when", "who", "account", "on behalf of", "kind", "refused", "purpose", "children"]
    )
    for line in lines:
        event = line.event
        cells = (
            str(event.id),
            event.at.isoformat(),
            line.who,
            str(event.actor.account_id or ""),
            line.on_behalf_of,
            event.kind,
            "yes" if event.refused else "no",
            event.purpose,
            " ".join(line.numbers),
        )
        writer.writerow([neutralise(cell) for cell in cells])
    return out.getvalue()


def neutralise(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
