"""Where each value of a record came from, and asking a supplier to look at one (REC-5, SUP-6).

History is for data managers of the responsible authority; anybody who reads a record may call a value wrong.
Nothing hidden is here: rows of shielded children and of sensitive services are on the other side.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from contactpoint.access.models import Organisation
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.door import say_actor
from contactpoint.casework.review.comparing import codes_of, content_values, list_values
from contactpoint.casework.review.door import Facts, NotAsked, call, loaded, through_the_door
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory.models import SuppliedRow
from contactpoint.directory.redirects import follow_number
from contactpoint.directory.values import SuppliedValues, from_json
from contactpoint.errors import Invalid

T = TypeVar("T")
MOST = 5_000  # corrections in one list
FIELDS = {
    "given_names": "Given names",
    "family_name": "Family name",
    "former_names": "Other names",
    "birth_date": "Date of birth",
    "gender": "Gender",
    "addresses": "Address",
    "nhs": "NHS number",
    "upn": "UPN",
    "carers": "Parents and carers",
    "school": "School",
    "practice": "GP practice",
}


class UnusableCorrection(Invalid):
    """No value was chosen, or none that there is."""


@dataclass(frozen=True, slots=True)
class Origin:
    """One value of one field. `until` is when the supplier replaced it; `how` its row came to the record."""

    value: str
    supplier: str
    supplied_on: date
    confirmed_on: date | None
    until: date | None
    how: str


@dataclass(frozen=True, slots=True)
class Said:
    """A value that somebody may call wrong; `row` and `field` name it."""

    row: int
    field: str
    words: str
    value: str
    supplier: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a supplier's list: its own reference and its own value, nobody else's (SUP-6)."""

    reference: str
    field: str
    value: str
    asked_on: date
    made_on: date | None
    is_made: bool


@dataclass(frozen=True, slots=True)
class Corrections:
    """`suppliers` are code, name, asked and made; `asked` is empty where no supplier was named."""

    suppliers: tuple[tuple[str, str, int, int], ...]
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """How many corrections a supplier was asked for in a month ('2026-10'), and has made of those since."""

    month: str
    asked: int
    made: int


def read_history(*, by: Viewer, child: ChildNumber, at: datetime) -> dict[str, tuple[Origin, ...]]:
    """By field: every value that a supplier says or said, the believed one first. Raises NotAsked."""

    def read() -> dict[str, tuple[Origin, ...]]:
        (said,) = call("casework_read_history", say_actor(by), at, decode(child) or -1)
        rows = [(each, content_values(each["content"])) for each in loaded(said)]
        names = _organisations([values for _, values in rows])
        found: dict[str, list[Origin]] = {}
        for each, values in rows:
            for field, worded in list_values([values], names, by.visible_numbers).items():
                found.setdefault(field, []).extend(_origin(value, each) for value in worded)
        return {field: tuple(_in_order(origins)) for field, origins in found.items() if origins}

    return _through(by, at, EventKind.HIDDEN_OPENED, {"shown": "history"}, read, (Action.REVIEW_MATCHES,))


def list_said(*, by: Viewer, child: ChildNumber, at: datetime) -> tuple[Said, ...]:
    """The values that this viewer sees on a record, by supplier, for calling one wrong. Raises NotAsked."""

    def read() -> tuple[Said, ...]:
        number = follow_number(number=decode(child) or -1)
        rows = _open_rows(number, at)
        facts: Facts = {"shown": "values"}
        record_event(
            kind=EventKind.RECORD_HISTORY_READ, actor=by.actor, at=at, children=[number], facts=facts
        )
        return tuple(_said(rows, by))

    return _through(by, at, EventKind.RECORD_HISTORY_READ, {"shown": "values"}, read, (Action.OPEN_RECORD,))


def ask_correction(*, by: Viewer, child: ChildNumber, row: int, field: str, at: datetime) -> None:
    """Say that a supplier's value is wrong. Raises UnusableCorrection, NotAsked, DecidedMeanwhile."""

    def write() -> None:
        number = follow_number(number=decode(child) or -1)
        if not any((said.row, said.field) == (row, field) for said in _said(_open_rows(number, at), by)):
            raise UnusableCorrection("Choose the value that is wrong.")
        (supplier,) = call(
            "casework_ask_correction", by.account_id, by.organisation_id, at, number, row, field
        )
        facts: Facts = {"field": field, "supplier": supplier}
        record_event(kind=EventKind.CORRECTION_ASKED, actor=by.actor, at=at, children=[number], facts=facts)

    tried: Facts = {"tried": EventKind.CORRECTION_ASKED.value}
    _through(by, at, EventKind.CHANGE_REFUSED, tried, write, (Action.OPEN_RECORD,))


def list_corrections(*, by: Viewer, at: datetime, supplier: str = "") -> Corrections:
    """What suppliers are asked to look at in one's own authority; one supplier's lines where named."""

    def read() -> Corrections:
        (said,) = call("casework_read_corrections", say_actor(by), at, supplier, MOST)
        said = loaded(said)
        return Corrections(
            suppliers=tuple(
                (each["code"], each["name"], each["asked"], each["made"]) for each in said["suppliers"] or ()
            ),
            asked=tuple(_asked(each) for each in said["asked"] or ()),
        )

    return _through(by, at, EventKind.HIDDEN_OPENED, {"shown": "corrections"}, read, (Action.REVIEW_MATCHES,))


def count_corrections(*, by: Viewer, at: datetime) -> dict[str, tuple[Month, ...]]:
    """By supplier, of the last twelve months: in one's own authority, or in England for a national role."""

    def read() -> dict[str, tuple[Month, ...]]:
        (said,) = call("casework_count_corrections", at, by.authority or "")
        found: dict[str, list[Month]] = {}
        for each in loaded(said):
            month = Month(each["month"], each["asked"], each["made"])
            found.setdefault(each["supplier"], []).append(month)
        return {supplier: tuple(months) for supplier, months in found.items()}

    facts: Facts = {"shown": "corrections"}
    return _through(by, at, EventKind.HIDDEN_OPENED, facts, read, (Action.READ_DATA_QUALITY,))


def _through(
    by: Viewer, at: datetime, refused: EventKind, facts: Facts, do: Callable[[], T], actions: Sequence[Action]
) -> T:
    return through_the_door(by=by, at=at, refused=refused, facts=facts, do=do, actions=actions)


def _open_rows(number: int, at: datetime) -> list[SuppliedRow]:
    rows = SuppliedRow.objects.filter(
        child_id=number,
        ended_on=None,
        child__shielded=False,
        child__live_until__gt=at.date(),
        child__searchable_from__lte=at.date(),
    )
    found = list(rows.select_related("supplier").order_by("supplier__precedence", "id"))
    if not found:
        raise NotAsked("There is no open record with this number.")
    return found


def _said(rows: Sequence[SuppliedRow], by: Viewer) -> list[Said]:
    contents = [from_json(row.content) for row in rows]
    names = _organisations(contents)
    found = []
    for row, values in zip(rows, contents, strict=True):
        worded = list_values([values], names, by.visible_numbers)
        found += [
            Said(row.id, field, words, "; ".join(worded[words]), row.supplier.name)
            for field, words in FIELDS.items()
            if worded[words]
        ]
    return sorted(found, key=lambda said: list(FIELDS).index(said.field))


def _organisations(rows: Sequence[SuppliedValues]) -> dict[str, str]:
    return dict(Organisation.objects.filter(code__in=codes_of(rows)).values_list("code", "name"))


def _origin(value: str, said: dict[str, Any]) -> Origin:
    confirmed = said["confirmed_at"]
    return Origin(
        value=value,
        supplier=said["supplier"],
        supplied_on=datetime.fromisoformat(said["supplied_at"]).date(),
        confirmed_on=datetime.fromisoformat(confirmed).date() if confirmed else None,
        until=datetime.fromisoformat(said["until"]).date() if said["until"] else None,
        how=_how(said),
    )


def _how(said: dict[str, Any]) -> str:
    if said["by_person"]:
        return "a person decided that it is this child’s"
    if said["how"] == "made-child":
        return "the record was made from it"
    if said["weight"] is not None:
        return f"joined by the model, with {said['weight']:.1f} bits"
    return "the supplier’s own reference"


def _in_order(origins: list[Origin]) -> list[Origin]:
    """Current values first, as believed; then replaced ones, the last first. Repeats are one line."""
    current = [each for each in origins if each.until is None]
    past = sorted(
        (each for each in origins if each.until), key=lambda each: each.until or date.min, reverse=True
    )
    kept: list[Origin] = []
    for each in (*current, *past):
        last = next((k for k in kept if (k.value, k.supplier) == (each.value, each.supplier)), None)
        if last is None:
            kept.append(each)
        elif each.supplied_on < last.supplied_on:
            kept[kept.index(last)] = replace(last, supplied_on=each.supplied_on)
    return kept


def _asked(said: dict[str, Any]) -> Asked:
    values = from_json({said["field"]: said["said"]})
    words = FIELDS[said["field"]]
    made = said["made_at"]
    return Asked(
        reference=said["reference"],
        field=words,
        value="; ".join(list_values([values], {}, frozenset({"nhs", "upn"}))[words]),
        asked_on=datetime.fromisoformat(said["asked_at"]).date(),
        made_on=datetime.fromisoformat(made).date() if made else None,
        is_made=said["made"],
    )
