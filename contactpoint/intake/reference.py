"""Reference data: which organisations there are, and how they are reached (ACC-1, INV-2).

Being registered lets nobody in; it gives involvements a name and a contact.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from contactpoint.access.actions import NewOrganisation, load_organisations
from contactpoint.access.roles import Sector
from contactpoint.audit.records import Actor
from contactpoint.codes.services import SENSITIVE_SERVICES
from contactpoint.errors import Invalid
from contactpoint.intake.registers import STAGE, enter_place_codes
from contactpoint.progress import Progress, no_progress

Row = Mapping[str, str]


class UnusableReference(Invalid):
    """A reference file lacks what it should have; nothing of it was kept."""


def load_reference(*, folder: Path, by: Actor, at: datetime, progress: Progress = no_progress) -> int:
    """Enter or refresh organisations, schools and practices of a folder; gives how many.

    Raises UnusableReference.
    """
    found = [organisation for name, make in _FILES.items() for organisation in _read(folder / name, make)]
    if not found:
        raise UnusableReference(f"The folder has none of {', '.join(_FILES)}. Nothing was changed.")
    progress(STAGE, 0, len(found))
    load_organisations(organisations=found, by=by, at=at)
    enter_place_codes(owners=dict(_other_codes(folder / "schools.csv")))
    progress(STAGE, len(found), len(found))
    return len(found)


def _other_codes(path: Path) -> Iterator[tuple[str, str]]:
    """LAESTAB and UKPRN of schools, where the file has them, each with the URN."""
    if path.exists():
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield from ((row[name], row["urn"]) for name in ("laestab", "ukprn") if row.get(name))


def _read(path: Path, make: Callable[[Row], NewOrganisation]) -> Iterator[NewOrganisation]:
    if not path.exists():
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                yield make(row)
            except (KeyError, ValueError) as error:
                raise UnusableReference(
                    f"{path.name}, line {number}: {error}. Nothing was changed."
                ) from None


def _organisation(row: Row) -> NewOrganisation:
    return NewOrganisation(
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        sector=Sector(row["sector"] or {"authority": "authority", "national": "national"}[row["kind"]]),
        authority=row["authority"] or None,
        telephone=row["telephone"],
        secure_email=row["secure_email"],
        address=row["address"],
        sensitive_service=row["service"] if row.get("service") in SENSITIVE_SERVICES else "",
    )


def _school(row: Row) -> NewOrganisation:
    return _place(row, code="urn", kind="school", sector=Sector.EDUCATION)


def _practice(row: Row) -> NewOrganisation:
    return _place(row, code="ods_code", kind="practice", sector=Sector.HEALTH)


def _place(row: Row, *, code: str, kind: str, sector: Sector) -> NewOrganisation:
    return NewOrganisation(
        code=row[code],
        name=row["name"],
        kind=kind,
        sector=sector,
        authority=row["authority"] or None,
        telephone=row["telephone"],
        secure_email=row["secure_email"],
        address=", ".join(part for part in (row["address"], row["town"], row["postcode"]) if part),
    )


_FILES: dict[str, Callable[[Row], NewOrganisation]] = {
    "organisations.csv": _organisation,
    "schools.csv": _school,
    "practices.csv": _practice,
}
