"""Reads a sheet of an Excel workbook (ECMA-376, .xlsx) with openpyxl, row by row, everything as text.

Dates come in the profile's form, whole numbers without a point, numbers shown with leading zeros with them.
A header may stand below a title; where it repeats a name under merged headings, the column's name is
`Heading / Name`.
A workbook that would unpack to far more than it is (a zip bomb) is refused before anything is unpacked.
Rows have the numbers that Excel shows.
"""

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl

from contactpoint.intake.readers.table import (
    CONTROL,
    BrokenRow,
    Chunk,
    Dropped,
    UnreadableFile,
    WrongColumns,
    as_text,
    build_chunk,
    missing_columns,
    twice_named,
)

MOST_UNPACKED = 2 << 30  # bytes of the whole workbook; Excel's million rows need less
MOST_STRINGS = 256 << 20  # bytes of the shared texts, which are held in memory
MOST_RATIO, RATIO_FROM = 100, 32 << 20
HEADER_WITHIN = 20  # rows
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # Excel's own bounds
_BROKEN = (zipfile.BadZipFile, KeyError, ValueError, IndexError, TypeError, AttributeError, OSError, EOFError,
           ParseError, zlib.error, NotImplementedError)  # fmt: skip
_DAMAGED = "The workbook is cut off or damaged. Nothing was loaded; ask the sender for the file again."


@dataclass(slots=True)
class XlsxReader:
    """One sheet being read; `header` has every column's name and `header_row` its row."""

    path: Path
    wanted: tuple[str, ...]
    sheet: str
    header: tuple[str, ...]
    header_row: int
    dates: str
    _dropped: Dropped = field(default_factory=Dropped)

    @property
    def dropped(self) -> dict[str, int]:
        return self._dropped.counts

    def chunks(self, size: int) -> Iterator[Chunk]:
        """The rows, `size` at a time. Raises UnreadableFile where the workbook goes wrong."""
        places = [self.header.index(column) for column in self.wanted]
        others = [(at, name) for at, name in enumerate(self.header) if name and name not in self.wanted]
        with _opened(self.path) as book:
            sheet = book[self.sheet]
            sheet.reset_dimensions()
            rows = enumerate(
                sheet.iter_rows(min_row=self.header_row + 1, max_row=MOST_ROWS, max_col=len(self.header)),
                self.header_row + 1,
            )
            for _, name in others:
                self._dropped.count(name, 0)
            while batch := list(islice(rows, size)):
                filled = [(at, cells) for at, cells in batch if any(cell.value is not None for cell in cells)]
                for at, name in others:
                    self._dropped.count(name, sum(1 for _, cells in filled if _has(cells, at)))
                if filled:
                    yield self._chunk(filled, places)

    def _chunk(self, filled: list[tuple[int, Any]], places: list[int]) -> Chunk:
        numbers, rows, broken = [], [], []
        for number, cells in filled:
            row = [_text(cells[place], self.dates) if place < len(cells) else "" for place in places]
            if any(CONTROL.search(value) for value in row):
                broken.append(BrokenRow(number, "control-character"))
                continue
            numbers.append(number)
            rows.append(row)
        columns = [[row[at] for row in rows] for at in range(len(places))]
        return build_chunk(self.wanted, numbers, columns, broken)


def open_xlsx(*, path: Path, wanted: Sequence[str], sheet: str, dates: str) -> XlsxReader:
    """Check the workbook and its header. Raises UnreadableFile, WrongColumns."""
    insist_honest_zip(path)
    with _opened(path) as book:
        name = _choose_sheet(book, sheet)
        rows = _first_rows(book[name])
    found = _find_header(rows, wanted)
    if found is None:
        names = {cell for row in rows for cell in row}
        missing = [column for column in wanted if column not in names]
        raise missing_columns(
            missing or list(wanted), f" The sheet read is `{name}`: see `sheet` in the profile."
        )
    at, header = found
    if twice := sorted({column for column in wanted if header.count(column) > 1}):
        raise twice_named(twice)
    return XlsxReader(path, tuple(wanted), name, header, at + 1, dates)


def read_header(*, path: Path, sheet: str) -> tuple[str, tuple[str, ...]]:
    """The sheet's name, and the fullest of its first rows as column names. Raises as `open_xlsx`."""
    insist_honest_zip(path)
    with _opened(path) as book:
        name = _choose_sheet(book, sheet)
        rows = _first_rows(book[name])
    found = max(
        range(len(rows)), key=lambda at: (len({cell for cell in rows[at] if cell}), -at), default=None
    )
    if found is None:
        raise UnreadableFile(f"The sheet `{name}` is empty. Nothing was loaded.")
    return name, _named(rows, found)


def insist_honest_zip(path: Path) -> None:
    """Refuse a workbook by what its directory says, before it is unpacked. Raises UnreadableFile."""
    with _in_words(), zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFile(
            "The workbook is protected by a password. Nothing was loaded; save it without one."
        )
    bombs = [
        part
        for part in parts
        if part.file_size > RATIO_FROM and part.file_size > MOST_RATIO * max(part.compress_size, 1)
    ]
    strings = sum(part.file_size for part in parts if part.filename.casefold() == "xl/sharedstrings.xml")
    total = sum(part.file_size for part in parts)
    if bombs or total > MOST_UNPACKED or strings > MOST_STRINGS:
        raise UnreadableFile(
            f"The workbook would unpack to {total / 2**20:,.0f} MB, as a zip bomb does. "
            "Nothing was unpacked or loaded; ask the sender for CSV."
        )


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    with _in_words(), warnings.catch_warnings(), path.open("rb") as file:  # by name it would insist on .xlsx
        warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that do not concern us
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            yield book
        finally:
            book.close()


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (UnreadableFile, WrongColumns):
        raise
    except _BROKEN:
        raise UnreadableFile(_DAMAGED) from None


def _choose_sheet(book: Any, stated: str) -> str:
    names = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if stated:
        if stated not in book.sheetnames or not hasattr(book[stated], "iter_rows"):
            raise WrongColumns(
                f"The workbook has no sheet `{stated}`. Nothing was loaded; it has {_listed(names)}."
            )
        return stated
    filled = [name for name in names if any(any(row) for row in _first_rows(book[name]))]
    if len(filled) > 1:
        raise WrongColumns(
            f"The workbook has several sheets: {_listed(filled)}. Nothing was loaded; "
            "name one of them as `sheet` in the profile."
        )
    if not filled:
        raise UnreadableFile("The workbook is empty. Nothing was loaded; ask the sender for the file again.")
    return str(filled[0])


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none that is visible"


def _first_rows(sheet: Any) -> list[list[str]]:
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_row=HEADER_WITHIN, max_col=MOST_COLUMNS, values_only=True)
    return [_without_end([as_text(cell, "YYYY-MM-DD").strip() for cell in row]) for row in rows]


def _without_end(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row.pop()
    return row


def _find_header(rows: list[list[str]], wanted: Sequence[str]) -> tuple[int, tuple[str, ...]] | None:
    """The first row that has every wanted column."""
    for at in range(len(rows)):
        header = _named(rows, at)
        if set(wanted) <= set(header):
            return at, header
    return None


def _named(rows: list[list[str]], at: int) -> tuple[str, ...]:
    """The names of a header row; one that it repeats takes the heading above with it."""
    row = [" ".join(cell.split()) for cell in rows[at]]
    above, heading = rows[at - 1] if at else [], ""
    names = []
    for place, name in enumerate(row):
        heading = above[place] if place < len(above) and above[place] else heading
        names.append(f"{heading} / {name}" if name and heading and row.count(name) > 1 else name)
    return tuple(names)


def _has(cells: Sequence[Any], at: int) -> bool:
    return at < len(cells) and cells[at].value is not None


def _text(cell: Any, dates: str) -> str:
    value = cell.value
    if value is None or cell.data_type == "e":  # an error such as #N/A is no value
        return ""
    text = as_text(value, dates).replace("\r\n", "\n").replace("_x000D_", "")
    if isinstance(value, int) and re.fullmatch("0{2,}", cell.number_format or ""):
        return text.zfill(len(cell.number_format))
    return text
