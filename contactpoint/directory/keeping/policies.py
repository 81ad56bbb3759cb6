"""When a record leaves the live directory, and why; when it is destroyed (RET). Pure: no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from contactpoint.codes.partial_date import PartialDate, eighteenth_birthday

DESTROY_AFTER = 6  # years in the archive (RET-2)
HISTORY_YEARS = 1  # an ended involvement stays as history so long (INV-4)


class Leaving(StrEnum):
    """Why a record left the live directory. Values are stored: add, never rename."""

    EIGHTEEN = "eighteen"
    AGREED = "agreed-date"  # above 18, by the young person's own consent (REC-1)
    DEATH = "death"
    LEFT_ENGLAND = "left-england"
    WITHDRAWN = "nothing-left"  # no supplier says anything of the child any more (SUP-5)


@dataclass(frozen=True, slots=True)
class Held:
    """What a record's rows say that bears on keeping it."""

    contents: Sequence[Mapping[str, Any]]
    birth_date: str


def find_leaving(held: Held) -> Leaving:
    """Why a record that is no longer live is so: the same facts as `identity` reads, the strongest first."""
    if not held.contents:
        return Leaving.WITHDRAWN
    if any(content.get("died_on") for content in held.contents):
        return Leaving.DEATH
    if any(content.get("left_on") for content in held.contents):
        return Leaving.LEFT_ENGLAND
    born = PartialDate.parse(held.birth_date)
    stays = [
        found.latest for each in held.contents if (found := PartialDate.parse(each.get("stays_until", "")))
    ]
    if born and stays and max(stays) > eighteenth_birthday(born):
        return Leaving.AGREED
    return Leaving.EIGHTEEN


def years_after(day: date, years: int) -> date:
    """The same day of a later year; 1 March for a 29 February that is not there."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def get_destruction(*, archived_on: date) -> date:
    """The day on which an archived record is destroyed (RET-2)."""
    return years_after(archived_on, DESTROY_AFTER)
