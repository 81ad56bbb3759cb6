"""What every reader gives: chunks of the mapped columns as text, and the rows that could not be read.

A reader keeps nothing but what the profile maps; of the rest it counts the values, by name (REC-3, SUP-10).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

import polars as pl

from contactpoint.errors import Invalid

ROW = "row"
LONGEST_VALUE = 100_000  # characters; no honest value comes near
MOST_NAMES = 300  # of what was dropped: a name may be a value where a sender builds names of them
# What no text may hold: control characters, and halves of characters. Tab and line feed may stand in a value.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class UnreadableFile(Invalid):
    """The file as a whole cannot be read; nothing of it was kept."""


class WrongColumns(Invalid):
    """The file does not have the columns that the profile maps."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a file looks, as far as its profile says; `records` are the paths of what stands for one child."""

    format: str = "auto"
    delimiter: str = ","
    encoding: str = "auto"
    sheet: str = ""
    records: tuple[str, ...] = ()
    dates: str = "YYYY-MM-DD"


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that could not be read, and why (a code of `policies.PROBLEMS`)."""

    row: int
    problem: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows: the mapped columns as text, `row` beside them, and the rows that could not be read."""

    frame: pl.DataFrame
    broken: tuple[BrokenRow, ...]


@dataclass(slots=True)
class Dropped:
    """How many values of each name were left unread. Holds names, never values."""

    counts: dict[str, int] = field(default_factory=dict)

    def count(self, name: str, values: int = 1) -> None:
        if name not in self.counts and len(self.counts) >= MOST_NAMES:
            name = "others"
        self.counts[name] = self.counts.get(name, 0) + values


class Reader(Protocol):
    """A file being read. `dropped` is whole once the last chunk was given."""

    @property
    def dropped(self) -> Mapping[str, int]:
        """Values that no profile maps, by the sender's name for them."""

    def chunks(self, size: int) -> Iterator[Chunk]:
        """The rows, `size` at a time. Raises UnreadableFile where the file goes wrong."""


def as_text(value: Any, dates: str) -> str:
    """A typed cell as the sender would have written it; whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return written_date(value, dates)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def written_date(value: date, dates: str) -> str:
    """A date in the profile's own form; a time of day is left out."""
    parts = (("YYYY", f"{value.year:04}"), ("MM", f"{value.month:02}"), ("DD", f"{value.day:02}"))
    for token, digits in parts:
        dates = dates.replace(token, digits)
    return dates


def build_chunk(
    names: tuple[str, ...], numbers: list[int], columns: Sequence[Sequence[str]], broken: list[BrokenRow]
) -> Chunk:
    """A chunk from columns of cells in the order of `names`."""
    series = {name: pl.Series(cells, dtype=pl.String) for name, cells in zip(names, columns, strict=True)}
    return Chunk(pl.DataFrame({ROW: pl.Series(numbers, dtype=pl.Int64), **series}), tuple(broken))


def missing_columns(missing: list[str], hint: str = "") -> WrongColumns:
    """The refusal of a file that lacks columns, in the sender's words."""
    listed = ", ".join(f"`{column}`" for column in missing)
    return WrongColumns(f"The file lacks the columns {listed}. Nothing was loaded.{hint}")


def twice_named(names: list[str]) -> WrongColumns:
    """The refusal of a header that names a mapped column twice."""
    listed = ", ".join(f"`{column}`" for column in names)
    return WrongColumns(
        f"The header names {listed} more than once. Nothing was loaded; name each column once."
    )
