"""Dates of birth that may lack the day, or the month too (REC-10).

Owns their form, their range and the 18th birthday; never guesses a missing part and never reads the clock.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contactpoint.errors import Invalid

_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", re.ASCII)
_EARLIEST_YEAR = 1900


class NotADate(Invalid):
    """The parts do not make a date."""


class Precision(StrEnum):
    YEAR = "year"
    MONTH = "month"
    DAY = "day"


@dataclass(frozen=True, slots=True, order=False)
class PartialDate:
    """A date known to the year, the month or the day."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise NotADate("A date with a day needs a month.")
        if self.year < _EARLIEST_YEAR:
            raise NotADate(f"A date must be in {_EARLIEST_YEAR} or later.")
        try:
            date(self.year, self.month or 1, self.day or 1)
        except ValueError:
            raise NotADate("There is no such date.") from None

    @classmethod
    def parse(cls, text: str) -> "PartialDate | None":
        """From '2016', '2016-05' or '2016-05-24'; None where it is none of these."""
        found = _ISO.fullmatch(text.strip())
        if found is None:
            return None
        year, month, day = (int(part) if part else None for part in found.groups())
        try:
            return cls(year or 0, month, day)
        except NotADate:
            return None

    @classmethod
    def of(cls, day: date) -> "PartialDate":
        return cls(day.year, day.month, day.day)

    @property
    def iso(self) -> str:
        """'2016', '2016-05' or '2016-05-24'."""
        parts = [f"{self.year:04d}"] + [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)

    @property
    def earliest(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    @property
    def precision(self) -> Precision:
        if self.day is not None:
            return Precision.DAY
        return Precision.YEAR if self.month is None else Precision.MONTH

    @property
    def words(self) -> str:
        """As a page shows it: '24 May 2016', 'May 2016' or '2016'."""
        parts = [str(self.year)]
        if self.month is not None:
            parts.insert(0, calendar.month_name[self.month])
        if self.day is not None:
            parts.insert(0, str(self.day))
        return " ".join(parts)


def eighteenth_birthday(born: PartialDate) -> date:
    """The day on which a child has certainly become 18 (REC-10, RET-1); born on 29 February: 1 March."""
    latest = born.latest
    if (latest.month, latest.day) == (2, 29) and not calendar.isleap(latest.year + 18):
        return date(latest.year + 18, 3, 1)
    return latest.replace(year=latest.year + 18)
