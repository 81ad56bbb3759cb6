"""The public registers as they are published: schools from GIAS, practices from the ODS (ACC-1, IDN).

GIAS is the Department for Education's "Get Information about Schools", its daily file of all establishments
(edubasealldata, Windows-1252, one header line, about 130 columns, of which those in `_GIAS` are read).
ODS is the NHS Organisation Data Service's report of general practices (epraccur, 27 columns, no header line).
Column names as published in 2023 to 2026.
A place that has closed is kept, because children were there; its telephone is not.
Being registered lets nobody in.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from contactpoint.access.actions import NewOrganisation, load_organisations
from contactpoint.access.policies import ENGLAND
from contactpoint.access.roles import Sector
from contactpoint.audit.records import Actor
from contactpoint.codes.authorities import AUTHORITIES, authority_for_postcode
from contactpoint.codes.postcode import parse_postcode
from contactpoint.errors import Invalid
from contactpoint.intake.models import PlaceCode
from contactpoint.intake.readers.opening import open_table
from contactpoint.intake.readers.sniffing import Format, find_format
from contactpoint.intake.readers.table import Form
from contactpoint.intake.readers.text import find_encoding, read_lines
from contactpoint.progress import Progress, no_progress

STAGE = "Registering organisations"
_GIAS = (
    "URN",
    "LA (code)",
    "EstablishmentNumber",
    "EstablishmentName",
    "EstablishmentStatus (code)",
    "CloseDate",
    "UKPRN",
    "Street",
    "Locality",
    "Address3",
    "Town",
    "Postcode",
    "TelephoneNum",
)
_CLOSED = "2"
_ODS_WIDTH = 27
_ODS_OPEN = {"ACTIVE", "A", "P", "D"}  # D is dormant, P proposed
_REFRESHED = ("name", "kind", "sector", "authority", "telephone", "address")
_CHUNK = 20_000

Row = Mapping[str, str]


class UnusableRegister(Invalid):
    """The file is not the register that it should be; nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class Registered:
    """What was entered or refreshed: places, how many of them have closed, and other codes for them."""

    places: int
    closed: int
    other_codes: int


@dataclass(frozen=True, slots=True)
class _Place:
    organisation: NewOrganisation
    is_closed: bool
    other_codes: tuple[str, ...] = ()
    closed_on: str = ""


def load_gias(*, path: Path, by: Actor, at: datetime, progress: Progress = no_progress) -> Registered:
    """Enter or refresh England's schools. Raises UnusableRegister, UnreadableFile, WrongColumns."""
    form = Form(format=Format.CSV.value, encoding=_encoding(path))
    on = at.astimezone(ENGLAND).date()
    reader = open_table(path=path, wanted=_GIAS, form=form, on=on)
    places = []
    for chunk in reader.chunks(_CHUNK):
        if chunk.broken:
            raise UnusableRegister(
                f"Line {chunk.broken[0].row} cannot be read. Nothing was changed; fetch the file again."
            )
        places += [_school(row, on) for row in chunk.frame.iter_rows(named=True)]
    return _register(places, by, at, progress)


def load_ods(*, path: Path, by: Actor, at: datetime, progress: Progress = no_progress) -> Registered:
    """Enter or refresh general practices. Raises UnusableRegister, UnreadableFile."""
    if (found := find_format(path)) is not Format.CSV:
        raise UnusableRegister(f"The file is {found.words}, not epraccur.csv. Nothing was changed.")
    on = at.astimezone(ENGLAND).date()
    places = [_practice(number, cells, on) for number, cells in _cells(path)]
    return _register(places, by, at, progress)


def _encoding(path: Path) -> str:
    """Windows-1252 as published, unless every byte is UTF-8, as when a spreadsheet saved it anew."""
    with path.open("rb") as file:
        try:
            for line in file:
                line.decode()
        except UnicodeError:
            return "windows-1252"
    return "auto"


def _school(row: Row, on: date) -> _Place:
    urn, is_closed = row["URN"].strip(), row["EstablishmentStatus (code)"].strip() == _CLOSED
    if not re.fullmatch("[0-9]{5,6}", urn, re.ASCII) or not row["EstablishmentName"].strip():
        raise UnusableRegister(f"Line {row['row']} has no URN or no name. Nothing was changed.")
    laestab = f"{row['LA (code)'].strip():0>3}{row['EstablishmentNumber'].strip()}"
    others = [laestab if re.fullmatch("[0-9]{7}", laestab, re.ASCII) else "", row["UKPRN"].strip()]
    return _Place(
        NewOrganisation(
            code=urn,
            name=row["EstablishmentName"].strip() + (" (closed)" if is_closed else ""),
            kind="school",
            sector=Sector.EDUCATION,
            authority=_authority(row["LA (code)"].strip(), on),
            telephone="" if is_closed else row["TelephoneNum"].strip(),
            address=_joined(row[name] for name in ("Street", "Locality", "Address3", "Town", "Postcode")),
        ),
        is_closed,
        tuple(code for code in others if code),
        "-".join(reversed(row["CloseDate"].strip().split("-"))),
    )


def _authority(code: str, on: date) -> str | None:
    """The authority, or the one that took its place; None outside England."""
    found = AUTHORITIES.get(code)
    if found is None or found.is_current(on):
        return found.code if found else None
    return found.successors[0] if len(found.successors) == 1 else None


def _cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    for line in read_lines(path=path, encoding=find_encoding(path=path, stated="auto")):
        cells = next(csv.reader([line.text or ""]), [])
        if line.number == 1 and cells and cells[0].strip().casefold() in {"organisation code", "code"}:
            continue
        if not cells and line.text is not None:
            continue
        if len(cells) < _ODS_WIDTH - 1:
            raise UnusableRegister(
                f"Line {line.number} has {len(cells)} columns, and epraccur has {_ODS_WIDTH}. "
                "Nothing was changed."
            )
        yield line.number, [cell.strip() for cell in cells]


def _practice(number: int, cells: Sequence[str], on: date) -> _Place:
    code, name, postcode, status = cells[0].upper(), cells[1], parse_postcode(cells[9]), cells[12].upper()
    if not re.fullmatch("[A-Z0-9]{3,10}", code, re.ASCII) or not name:
        raise UnusableRegister(f"Line {number} has no ODS code or no name. Nothing was changed.")
    is_closed = status not in _ODS_OPEN
    return _Place(
        NewOrganisation(
            code=code,
            name=name + (" (closed)" if is_closed else ""),
            kind="practice",
            sector=Sector.HEALTH,
            authority=authority_for_postcode(postcode, on) if postcode else None,
            telephone="" if is_closed else cells[17],
            address=_joined([*cells[4:9], postcode or cells[9]]),
        ),
        is_closed,
    )


def _joined(parts: Iterator[str] | list[str]) -> str:
    return ", ".join(text for part in parts if (text := part.strip()))


def _register(places: list[_Place], by: Actor, at: datetime, progress: Progress) -> Registered:
    if not places:
        raise UnusableRegister("The file names no place. Nothing was changed; fetch it again.")
    progress(STAGE, 0, len(places))
    load_organisations(
        organisations=[place.organisation for place in places], by=by, at=at, refreshed=_REFRESHED
    )
    # Codes pass to the school that takes another's place: the open one has them, else the last that closed.
    owners: dict[str, str] = {}
    for place in sorted(places, key=lambda each: (not each.is_closed, each.closed_on)):
        owners |= dict.fromkeys(place.other_codes, place.organisation.code)
    enter_place_codes(owners=owners)
    progress(STAGE, len(places), len(places))
    return Registered(len(places), sum(place.is_closed for place in places), len(owners))


def enter_place_codes(*, owners: Mapping[str, str]) -> None:
    """Other codes of places, each with the code under which we hold the place."""
    rows = [PlaceCode(code=code, organisation_code=own) for code, own in owners.items() if code != own]
    with transaction.atomic():
        PlaceCode.objects.bulk_create(
            rows,
            batch_size=_CHUNK,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["organisation_code"],
        )
