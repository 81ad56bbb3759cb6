"""Joining two records and parting one: what is seen, proposed, agreed to and undone (REC-4, SHI-5).

A record of another authority, or a shielded one, is joined only when those responsible agree too.
Of a shielded record nothing is shown but what everybody may see.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Count
from procrastinate.contrib.django import app

from contactpoint.access.models import Organisation
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.door import say_actor
from contactpoint.casework.review.comparing import codes_of, compare_records, say_date
from contactpoint.casework.review.door import Facts, NotAsked, call, loaded, through_the_door
from contactpoint.casework.review.queries import read_open_rows
from contactpoint.casework.review.records import Comparison
from contactpoint.codes.child_number import ChildNumber, decode, encode
from contactpoint.directory.models import Assessment, Involvement, SuppliedRow
from contactpoint.directory.redirects import follow_number
from contactpoint.directory.values import SuppliedValues, from_json
from contactpoint.errors import Invalid
from contactpoint.matching.model import Model

T = TypeVar("T")
TASK = "contactpoint.casework.tasks.carry_out_change"
MOST = 50
JOINING = {
    "checked": "We checked with people who know the child",
    "number": "Both have the same NHS number or UPN",
    "supplier": "A supplier told us that it is one child",
}
PARTING = {
    "checked": "We checked with people who know the children",
    "number": "They have different NHS numbers or UPNs",
    "supplier": "A supplier told us that these are two children",
}


class UnusableChange(Invalid):
    """What was chosen cannot be done."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of two records: all that may be shown of it. `practitioners` counts entries of people."""

    number: ChildNumber
    name: str
    birth_date: str
    gender: str
    is_shielded: bool
    sources: int
    practitioners: int


@dataclass(frozen=True, slots=True)
class Two:
    """Two records. `comparison` is None where one is shielded. `is_alone`: nobody else must agree."""

    first: Part
    second: Part
    comparison: Comparison | None
    is_alone: bool
    is_pending: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A row or an entry of a record that may be another child's; `kind` is row, involvement or assessment."""

    kind: str
    id: int
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class Change:
    """One joining or parting, waiting or done."""

    id: int
    kind: str
    reason: str
    survivor: ChildNumber
    name: str
    other: ChildNumber | None
    proposed_by: str
    proposed_at: datetime
    is_undoing: bool
    is_ready: bool
    done_at: datetime | None
    undone_at: datetime | None
    declined_at: datetime | None
    may_agree: bool
    may_undo: bool


def read_two(*, by: Viewer, first: ChildNumber, second: ChildNumber, at: datetime) -> Two:
    """Two records, compared. Raises NotAsked: one is not there, they are one, or neither is yours."""

    def read() -> Two:
        a, b = decode(first) or -1, decode(second) or -1
        (said,) = call("casework_read_two", say_actor(by), at, a, b)
        said = loaded(said)
        parts = [_part(said[which]) for which in ("first", "second")]
        shielded = any(part.is_shielded for part in parts)
        return Two(
            first=parts[0],
            second=parts[1],
            comparison=None if shielded else _compare(parts, by),
            is_alone=said["alone"],
            is_pending=said["pending"],
        )

    return _look(by, at, "two-records", read)


def list_pieces(*, by: Viewer, child: ChildNumber, at: datetime) -> tuple[Piece, ...]:
    """Rows and practitioners' entries of an open record of one's own authority, for parting it."""

    def read() -> tuple[Piece, ...]:
        number = follow_number(number=decode(child) or -1)
        pieces = _pieces(number, by)
        record_event(
            kind=EventKind.RECORD_HISTORY_READ,
            actor=by.actor,
            at=at,
            children=[number],
            facts={"shown": "pieces"},
        )
        return pieces

    return _look(by, at, "pieces", read)


def list_changes(*, by: Viewer, at: datetime) -> tuple[Change, ...]:
    """What waits for somebody's agreement, and what was done last, of one's own authority."""

    def read() -> tuple[Change, ...]:
        (said,) = call("casework_read_changes", say_actor(by), at, MOST)
        return tuple(_change(each) for each in loaded(said))

    return _look(by, at, "record-changes", read)


def propose_join(*, by: Viewer, survivor: ChildNumber, other: ChildNumber, reason: str, at: datetime) -> bool:
    """Join two records; True where nobody else must agree. A shielded one survives, else `survivor`."""

    def write() -> tuple[int, bool]:
        if reason not in JOINING:
            raise UnusableChange("Choose how you know that it is one child.")
        a, b = decode(survivor) or -1, decode(other) or -1
        change, ready = call("casework_propose_join", by.account_id, at, a, b, reason)
        _log(EventKind.RECORD_CHANGE_PROPOSED, by, at, [a, b], {"change": change, "kind": "join"})
        return change, ready

    return _change_records(by, at, EventKind.RECORD_CHANGE_PROPOSED, write)


def propose_part(
    *,
    by: Viewer,
    child: ChildNumber,
    rows: Sequence[int],
    involvements: Sequence[int],
    assessments: Sequence[int],
    reason: str,
    at: datetime,
) -> bool:
    """Make a record of its own of these rows. Raises UnusableChange, NotAsked, DecidedMeanwhile."""

    def write() -> tuple[int, bool]:
        if reason not in PARTING:
            raise UnusableChange("Choose how you know that there are two children.")
        if not rows:
            raise UnusableChange("Choose at least one row that is another child’s.")
        number = decode(child) or -1
        change, ready = call(
            "casework_propose_part", by.account_id, at, number, list(rows), list(involvements),
            list(assessments), reason,
        )  # fmt: skip
        _log(EventKind.RECORD_CHANGE_PROPOSED, by, at, [number], {"change": change, "kind": "part"})
        return change, ready

    return _change_records(by, at, EventKind.RECORD_CHANGE_PROPOSED, write)


def undo_change(*, by: Viewer, change: int, at: datetime) -> bool:
    """Part what was joined, join what was parted. Raises NotAsked, DecidedMeanwhile."""

    def write() -> tuple[int, bool]:
        undoing, ready = call("casework_propose_undo", by.account_id, at, change)
        _log(EventKind.RECORD_CHANGE_PROPOSED, by, at, [], {"change": undoing, "undoes": change})
        return undoing, ready

    return _change_records(by, at, EventKind.RECORD_CHANGE_PROPOSED, write)


def answer_change(*, by: Viewer, change: int, agrees: bool, at: datetime) -> bool:
    """Agree to what somebody proposed, or decline it. True where it is carried out now."""
    kind = EventKind.RECORD_CHANGE_AGREED if agrees else EventKind.RECORD_CHANGE_DECLINED

    def write() -> tuple[int, bool]:
        (ready,) = call("casework_answer_change", by.account_id, at, change, agrees)
        _log(kind, by, at, [], {"change": change})
        return change, ready

    return _change_records(by, at, kind, write)


def _look(by: Viewer, at: datetime, what: str, read: Callable[[], T]) -> T:
    return through_the_door(
        by=by, at=at, refused=EventKind.HIDDEN_OPENED, facts={"shown": what}, do=read, actions=_ACTIONS
    )


_ACTIONS = (Action.REVIEW_MATCHES, Action.SHIELD)


def _change_records(by: Viewer, at: datetime, kind: EventKind, write: Callable[[], tuple[int, bool]]) -> bool:
    def do() -> bool:
        change, ready = write()
        if ready:
            app.configure_task(TASK).defer(change=change)
        return ready

    tried: Facts = {"tried": kind.value}
    return through_the_door(
        by=by, at=at, refused=EventKind.CHANGE_REFUSED, facts=tried, do=do, actions=_ACTIONS
    )


def _log(kind: EventKind, by: Viewer, at: datetime, children: list[int], facts: Facts) -> None:
    record_event(kind=kind, actor=by.actor, at=at, children=children, facts=facts)


def _part(said: dict[str, Any]) -> Part:
    child, shielded = said["id"], said["shielded"]
    entries = 0 if shielded else Involvement.objects.filter(child_id=child, ended_on=None).count()
    sources = SuppliedRow.objects.filter(child_id=child).aggregate(n=Count("supplier", distinct=True))["n"]
    return Part(
        number=encode(child),
        name=f"{said['given_names']} {said['family_name']}".strip(),
        birth_date=said["birth_date"],
        gender=said["gender"],
        is_shielded=shielded,
        sources=0 if shielded else sources,
        practitioners=entries,
    )


def _compare(parts: Sequence[Part], by: Viewer) -> Comparison | None:
    left, right = (read_open_rows(child=decode(part.number) or -1) for part in parts)
    if not left or not right:
        return None
    codes = codes_of([*left, *right])
    names = dict(Organisation.objects.filter(code__in=codes).values_list("code", "name"))
    return compare_records(
        model=Model.load(), left=left, number=parts[1].number, right=right, names=names,
        numbers=by.visible_numbers,
    )  # fmt: skip


def _pieces(number: int, by: Viewer) -> tuple[Piece, ...]:
    rows = SuppliedRow.objects.filter(child_id=number, child__shielded=False, child__authority=by.authority)
    found = [
        Piece("row", row.id, _says(from_json(row.content)), row.supplier.name)
        for row in rows.select_related("supplier").order_by("supplier__precedence", "id")
    ]
    if not found:
        raise NotAsked("There is no open record of your authority with this number, or it is shielded.")
    entries = Involvement.objects.filter(child_id=number).select_related("account", "organisation")
    found += [
        Piece(
            "involvement",
            each.id,
            f"{each.account.name}, {each.organisation.name}",
            "Recorded by the practitioner",
        )
        for each in entries.order_by("id")
    ]
    held = Assessment.objects.filter(child_id=number).select_related("organisation")
    found += [
        Piece(
            "assessment",
            each.id,
            f"Assessment held by {each.organisation.name}",
            "Recorded by the practitioner",
        )
        for each in held.order_by("id")
    ]
    return tuple(found)


def _says(values: SuppliedValues) -> str:
    where = values.addresses[0].postcode if values.addresses else ""
    said = [f"{values.given_names} {values.family_name}".strip(), say_date(values.birth_date), where]
    return ", ".join(filter(None, said)) or "No name"


def _change(said: dict[str, Any]) -> Change:
    child = said["survivor"]
    return Change(
        id=said["id"],
        kind=said["kind"],
        reason=said["reason"],
        survivor=encode(child["id"]),
        name=f"{child['given_names']} {child['family_name']}".strip(),
        other=encode(said["other"]["id"]) if said["other"] else None,
        proposed_by=said["proposed_by"],
        proposed_at=datetime.fromisoformat(said["proposed_at"]),
        is_undoing=said["undoes"],
        is_ready=said["ready"],
        done_at=_moment(said["done_at"]),
        undone_at=_moment(said["undone_at"]),
        declined_at=_moment(said["declined_at"]),
        may_agree=said["may_agree"],
        may_undo=said["may_undo"],
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
