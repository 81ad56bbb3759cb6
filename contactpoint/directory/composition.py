"""Makes the record shown from what suppliers and practitioners say: pure, for one child and viewer (REC-5).

Holds REC-2, REC-8, INV-1 to INV-4, INV-6, INV-8's "none known" (as emptiness), ACC-9.
Never sees a hidden value: of a shielded child it is not called at all (SHI-2).
What the viewer may not see is left out here, so that nothing downstream has to filter.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from contactpoint.codes.numbers import format_nhs_number
from contactpoint.codes.partial_date import PartialDate
from contactpoint.codes.services import ASSESSMENT_KINDS, ROLES, SERVICES, Reach, Service
from contactpoint.directory.records import (
    Away,
    Contact,
    ShownAddress,
    ShownAssessment,
    ShownCarer,
    ShownEnding,
    ShownInvolvement,
    ShownName,
    ShownNumber,
    Source,
)
from contactpoint.directory.values import Address, SuppliedValues
from contactpoint.matching.standardise import fold_name

STALE_AFTER = timedelta(days=365)  # INV-3 (setting)
HISTORY = timedelta(days=365)  # INV-4 (setting)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Said:
    """One supplied row of the child, with what is known of its supplier."""

    values: SuppliedValues
    supplier: str
    supplier_name: str
    precedence: int
    reference: str
    supplied_at: datetime
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """A practitioner's own entry, as stored."""

    id: int
    account_id: int
    practitioner: str
    service: str
    role: str
    organisation: Contact
    team_telephone: str
    team_email: str
    started_on: date
    ended_on: date | None
    lead_from: date | None
    recorded_at: datetime
    confirmed_at: datetime
    away: Away | None = None


@dataclass(frozen=True, slots=True)
class OwnAssessment:
    """A practitioner's own entry that an assessment exists, as stored."""

    id: int
    account_id: int
    kind: str
    organisation: Contact
    opened_on: date
    closed_on: date | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Looking:
    """As much of the viewer as decides what is shown; `supplier` is their own system's code, else ''."""

    account_id: int | None
    numbers: frozenset[str]
    supplier: str


@dataclass(frozen=True, slots=True)
class Composed:
    """The parts of a record that come from rows and entries."""

    other_names: tuple[ShownName, ...]
    name_sources: tuple[Source, ...]
    numbers: tuple[ShownNumber, ...]
    addresses: tuple[ShownAddress, ...]
    carers: tuple[ShownCarer, ...]
    schools: tuple[ShownInvolvement, ...]
    practices: tuple[ShownInvolvement, ...]
    involvements: tuple[ShownInvolvement, ...]
    past_involvements: tuple[ShownInvolvement, ...]
    lead: ShownInvolvement | None
    assessments: tuple[ShownAssessment, ...]
    ending: ShownEnding | None = None


def compose(
    *,
    shown_name: tuple[str, str],
    rows: Sequence[Said],
    entries: Sequence[OwnEntry],
    assessments: Sequence[OwnAssessment],
    organisations: Mapping[str, Contact],
    looking: Looking,
    on: date,
) -> Composed:
    """The record's parts as this viewer may see them on that day.

    `shown_name` is the current given and family name; `organisations` are contacts by code.
    Rows come in any order; the believed supplier's come first in the result.
    """
    ordered = sorted(rows, key=lambda row: (row.precedence, -row.supplied_at.timestamp(), row.supplier))
    look = _Look(organisations, looking, on)
    services = look.services(ordered, entries)
    current = tuple(item for item in services if not _has_ended(item, on))
    past = tuple(item for item in services if _has_ended(item, on) and _still_history(item, on))
    return Composed(
        other_names=look.other_names(ordered, shown_name),
        name_sources=tuple(
            look.source(row)
            for row in ordered
            if _same_name((row.values.given_names, row.values.family_name), shown_name)
        ),
        numbers=look.numbers(ordered),
        addresses=look.addresses(ordered),
        carers=look.carers(ordered),
        schools=look.places(ordered, "school"),
        practices=look.places(ordered, "practice"),
        involvements=tuple(sorted(current, key=lambda item: (not item.lead, item.ended_on, item.service))),
        past_involvements=tuple(sorted(past, key=lambda item: item.ended_on, reverse=True)),
        lead=next((item for item in current if item.lead), None),
        assessments=look.assessments(ordered, assessments),
        ending=_ending(ordered),
    )


def _ending(rows: Sequence[Said]) -> ShownEnding | None:
    """What the record says of its own end: a death before a departure (REC-9)."""
    for row in rows:
        if row.values.died_on:
            return ShownEnding("died", row.values.died_on)
    for row in rows:
        if row.values.left_on:
            return ShownEnding("left", row.values.left_on, row.values.left_intent or "unknown")
    return None


class _Look:
    """One viewer's look on one day: where every part turns rows into shown values."""

    def __init__(self, organisations: Mapping[str, Contact], looking: Looking, on: date) -> None:
        self.organisations = organisations
        self.looking = looking
        self.on = on

    def source(self, row: Said) -> Source:
        """The supplier's own reference goes to that supplier only (ACC-9)."""
        return Source(
            name=row.supplier_name,
            reference=row.reference if row.supplier == self.looking.supplier else "",
            supplied_on=row.supplied_at.date(),
            confirmed_on=row.confirmed_at.date(),
            stale=self.on - row.confirmed_at.date() > STALE_AFTER,
        )

    def own_source(self, name: str, recorded_at: datetime, confirmed_at: datetime) -> Source:
        stale = self.on - confirmed_at.date() > STALE_AFTER
        return Source(name, "", recorded_at.date(), confirmed_at.date(), stale)

    def contact(self, code: str) -> Contact:
        """An organisation we hold, else its code alone: a feed may be ahead of the reference data."""
        return self.organisations.get(code) or Contact(name=code, kind="", telephone="", email="", address="")

    def other_names(self, rows: Sequence[Said], shown: tuple[str, str]) -> tuple[ShownName, ...]:
        said = []
        for row in rows:
            own = (row.values.given_names, row.values.family_name)
            if any(own) and not _same_name(own, shown):
                said.append((own, "also supplied as", row))
            for former in row.values.former_names:
                name = (
                    former.given_names or row.values.given_names,
                    former.family_name or row.values.family_name,
                )
                if not _same_name(name, shown):
                    said.append((name, former.use, row))
        grouped = _group(said, key=lambda item: (_folded(item[0]), item[1]))
        return tuple(
            ShownName(
                group[0][0][0], group[0][0][1], group[0][1], tuple(self.source(row) for _, _, row in group)
            )
            for group in grouped
        )

    def numbers(self, rows: Sequence[Said]) -> tuple[ShownNumber, ...]:
        said = [
            (kind, value, row)
            for kind in ("nhs", "upn")
            if kind in self.looking.numbers
            for row in rows
            if (value := getattr(row.values, kind))
        ]
        return tuple(
            ShownNumber(
                kind=group[0][0],
                shown=format_nhs_number(group[0][1]) if group[0][0] == "nhs" else group[0][1],
                sources=tuple(self.source(row) for _, _, row in group),
            )
            for group in _group(said, key=lambda item: item[:2])
        )

    def addresses(self, rows: Sequence[Said]) -> tuple[ShownAddress, ...]:
        """Every current one; where none is, the last known; else nothing, shown as "none known" (REC-2)."""
        said = [(address, row) for row in rows for address in row.values.addresses if _says_where(address)]
        current = [(address, row) for address, row in said if not self._is_past(address.valid_to)]
        if current:
            return self._shown_addresses(current, "current")
        last = max((address.valid_to for address, _ in said), default="")
        return self._shown_addresses([item for item in said if item[0].valid_to == last], "last-known")

    def _shown_addresses(self, said: list[tuple[Address, Said]], standing: str) -> tuple[ShownAddress, ...]:
        return tuple(
            ShownAddress(
                lines=group[0][0].lines,
                town=group[0][0].town,
                postcode=group[0][0].postcode,
                use=group[0][0].use,
                standing=standing,
                valid_from=group[0][0].valid_from,
                sources=tuple(self.source(row) for _, row in group),
            )
            for group in _group(said, key=lambda item: _address_key(item[0]))
        )

    def carers(self, rows: Sequence[Said]) -> tuple[ShownCarer, ...]:
        """One line for each person: lines are joined by folded name, the believed supplier's word first."""
        said = [(carer, row) for row in rows for carer in row.values.carers if carer.name]
        shown = []
        for group in _group(said, key=lambda item: fold_name(item[0].name)):
            carers = [carer for carer, _ in group]
            shown.append(
                ShownCarer(
                    name=carers[0].name,
                    relationship=_first(carer.relationship for carer in carers),
                    responsibility=next(
                        (c.responsibility for c in carers if c.responsibility is not None), None
                    ),
                    telephone=_first(carer.telephone for carer in carers),
                    email=_first(carer.email for carer in carers),
                    sources=tuple(self.source(row) for _, row in group),
                )
            )
        return tuple(shown)

    def places(self, rows: Sequence[Said], which: str) -> tuple[ShownInvolvement, ...]:
        """Schools or practices: current ones, and those left within the time of history."""
        service = SERVICES["school" if which == "school" else "gp_practice"]
        said = [
            (place, row) for row in rows if (place := getattr(row.values, which)) is not None and place.code
        ]
        shown = tuple(
            ShownInvolvement(
                service=service.name,
                service_was=service.old_name or "",
                reach=service.reach.value,
                practitioner="",
                role="",
                contact=self.contact(group[0][0].code),
                started_on=_first(place.started_on for place, _ in group),
                ended_on=_first(place.ended_on for place, _ in group),
                lead=False,
                sources=tuple(self.source(row) for _, row in group),
            )
            for group in _group(said, key=lambda item: item[0].code)
        )
        return tuple(
            sorted(
                (item for item in shown if not _has_ended(item, self.on) or _still_history(item, self.on)),
                key=lambda item: _has_ended(item, self.on),
            )
        )

    def services(self, rows: Sequence[Said], entries: Sequence[OwnEntry]) -> tuple[ShownInvolvement, ...]:
        """Feeds' and practitioners' involvements; a sensitive one that strayed here is left out (SEN-3)."""
        shown = [item for row in rows if (item := self._of_feed(row)) is not None]
        shown += [item for entry in entries if (item := self._of_practitioner(entry)) is not None]
        return tuple(shown)

    def _of_feed(self, row: Said) -> ShownInvolvement | None:
        said = row.values.involvement
        service = SERVICES.get(said.service) if said else None
        if said is None or service is None or service.reach is Reach.SENSITIVE:
            return None
        return ShownInvolvement(
            *_named(service),
            practitioner=said.practitioner,
            role=_role(said.role),
            contact=self.contact(said.organisation),
            started_on=said.started_on,
            ended_on=said.ended_on,
            lead=said.lead,
            sources=(self.source(row),),
        )

    def _of_practitioner(self, entry: OwnEntry) -> ShownInvolvement | None:
        service = SERVICES.get(entry.service)
        if service is None or service.reach is Reach.SENSITIVE:
            return None
        team = entry.organisation
        return ShownInvolvement(
            *_named(service),
            practitioner=entry.practitioner,
            role=_role(entry.role),
            contact=Contact(team.name, team.kind, entry.team_telephone, entry.team_email, team.address),
            started_on=entry.started_on.isoformat(),
            ended_on=entry.ended_on.isoformat() if entry.ended_on else "",
            lead=entry.lead_from is not None and entry.lead_from <= self.on,
            sources=(self.own_source("Recorded by the practitioner", entry.recorded_at, entry.confirmed_at),),
            own_id=entry.id if entry.account_id == self.looking.account_id else None,
            away=entry.away,
        )

    def assessments(self, rows: Sequence[Said], own: Sequence[OwnAssessment]) -> tuple[ShownAssessment, ...]:
        shown = [
            ShownAssessment(
                kind=_kind(said.kind),
                holder=self.contact(said.organisation),
                opened_on=said.opened_on,
                closed_on=said.closed_on,
                sources=(self.source(row),),
            )
            for row in rows
            if (said := row.values.assessment) is not None and said.kind
        ]
        shown += [
            ShownAssessment(
                kind=_kind(item.kind),
                holder=item.organisation,
                opened_on=item.opened_on.isoformat(),
                closed_on=item.closed_on.isoformat() if item.closed_on else "",
                sources=(
                    self.own_source("Recorded by the practitioner", item.recorded_at, item.recorded_at),
                ),
                own_id=item.id if item.account_id == self.looking.account_id else None,
            )
            for item in own
        ]
        kept = [
            item for item in shown if not self._is_past(item.closed_on) or _recent(item.closed_on, self.on)
        ]
        return tuple(sorted(kept, key=lambda item: (item.closed_on != "", item.opened_on)))

    def _is_past(self, iso: str) -> bool:
        return _is_past(iso, self.on)


def _named(service: Service) -> tuple[str, str, str]:
    return service.name, service.old_name or "", service.reach.value


def _role(code: str) -> str:
    """Today's word for a role of the code list; a role in the supplier's own words as it is."""
    return ROLES[code].name if code in ROLES else code


def _kind(code: str) -> str:
    return ASSESSMENT_KINDS[code].words if code in ASSESSMENT_KINDS else code


def _has_ended(item: ShownInvolvement, on: date) -> bool:
    return _is_past(item.ended_on, on)


def _still_history(item: ShownInvolvement, on: date) -> bool:
    return _recent(item.ended_on, on)


def _is_past(iso: str, on: date) -> bool:
    """A partial date is past only when its latest possible day is."""
    day = PartialDate.parse(iso) if iso else None
    return day is not None and day.latest < on


def _recent(iso: str, on: date) -> bool:
    day = PartialDate.parse(iso) if iso else None
    return day is not None and on - day.latest <= HISTORY


def _says_where(address: Address) -> bool:
    return bool(address.lines or address.postcode or address.town)


def _address_key(address: Address) -> tuple[str, str, str]:
    """The same house at the same postcode is one address, however its street was written."""
    postcode = address.postcode.replace(" ", "").upper()
    first = fold_name(address.lines[0]) if address.lines else ""
    numbers = " ".join(re.findall(r"[0-9]+[A-Z]?", address.lines[0].upper())) if address.lines else ""
    return numbers if numbers and postcode else first, postcode, address.use


def _folded(name: tuple[str, str]) -> tuple[str, str]:
    return fold_name(name[0]), fold_name(name[1])


def _same_name(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return _folded(one) == _folded(other)


def _first(texts: Iterable[str]) -> str:
    return next((text for text in texts if text), "")


def _group(items: Sequence[T], *, key: Callable[[T], object]) -> list[list[T]]:
    """Items with the same key together, in order of first appearance."""
    groups: dict[object, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())
