"""Reads delimited text in chunks, with the true line number of every row.

Columns that no profile maps are dropped here, before anything keeps them (REC-3, SUP-10).
A row that cannot be read is refused alone: a quotation mark that is opened and never closed
must not swallow the rows after it.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from contactpoint.intake.readers.table import (
    CONTROL,
    BrokenRow,
    Chunk,
    Dropped,
    UnreadableFile,
    build_chunk,
    missing_columns,
    twice_named,
)
from contactpoint.intake.readers.text import LONGEST_LINE, Line, find_encoding, read_lines

LONGEST_RECORD = 50  # lines that one quoted field may span


@dataclass(slots=True)
class CsvReader:
    """One file being read. `dropped` are the columns that no profile maps."""

    path: Path
    wanted: tuple[str, ...]
    delimiter: str
    encoding: str
    header: tuple[str, ...] = ()
    _dropped: Dropped = field(default_factory=Dropped)
    _lines: Iterator[Line] = field(default_factory=lambda: iter(()))

    @property
    def dropped(self) -> dict[str, int]:
        return self._dropped.counts

    def chunks(self, size: int) -> Iterator[Chunk]:
        """The rows, `size` at a time. Raises UnreadableFile where the text goes wrong."""
        records = _records(self._lines, self.delimiter, len(self.header))
        places = [self.header.index(column) for column in self.wanted]
        others = [(at, name) for at, name in enumerate(self.header) if name not in self.wanted]
        while batch := list(islice(records, size)):
            rows = [record for record in batch if not isinstance(record, BrokenRow)]
            columns = list(zip(*[cells for _, cells in rows], strict=True)) or [()] * len(self.header)
            for at, name in others:
                self._dropped.count(name, len(columns[at]) - columns[at].count(""))
            yield build_chunk(
                self.wanted,
                [number for number, _ in rows],
                [columns[place] for place in places],
                [record for record in batch if isinstance(record, BrokenRow)],
            )


def open_csv(*, path: Path, wanted: Sequence[str], delimiter: str, encoding: str) -> CsvReader:
    """Check the file and its header. Raises UnreadableFile, WrongColumns."""
    found = find_encoding(path=path, stated=encoding)
    lines = read_lines(path=path, encoding=found)
    first = next((line for line in lines if line.text is None or line.text.strip()), None)
    if first is None:
        raise UnreadableFile("The file is empty. Nothing was loaded; ask the sender for the file again.")
    cells = _split(first.text, delimiter) if first.text is not None else None
    if cells is None or CONTROL.search(first.text or ""):
        raise UnreadableFile("The first line is not a header of column names. Nothing was loaded.")
    header = tuple(cell.strip().lstrip("\ufeff") for cell in cells)
    _check_header(header, wanted, delimiter)
    return CsvReader(path, tuple(wanted), delimiter, found, header, _lines=lines)


def _check_header(header: tuple[str, ...], wanted: Sequence[str], delimiter: str) -> None:
    missing = [column for column in wanted if column not in header]
    if missing:
        hint = ""
        for other, name in ((";", "semicolons"), ("\t", "tabs"), (",", "commas"), ("|", "bars")):
            if len(header) == 1 and other != delimiter and other in header[0]:
                hint = f" The columns seem to be separated by {name}: see `delimiter` in the profile."
        raise missing_columns(missing, hint)
    twice = sorted({column for column in wanted if header.count(column) > 1})
    if twice:
        raise twice_named(twice)


Record = tuple[int, list[str]] | BrokenRow


def _records(lines: Iterator[Line], delimiter: str, width: int) -> Iterator[Record]:
    """Each row's line number and cells. Lines read ahead in vain are given back."""
    ahead: deque[Line] = deque()
    # Many systems write what is empty as two quotation marks, and no others.
    empty = re.compile(f'(?<={re.escape(delimiter)})""(?={re.escape(delimiter)}|$)')
    while True:
        line = ahead.popleft() if ahead else next(lines, None)
        if line is None:
            return
        text = line.text
        if text is None:
            yield BrokenRow(line.number, "too-long")
        elif CONTROL.search(text):
            yield BrokenRow(line.number, "control-character")
        elif '"' in text and '"' in (text := empty.sub("", text)):
            yield _quoted(line, ahead, lines, delimiter, width)
        elif text:
            cells = text.split(delimiter)
            if len(cells) == width:
                yield line.number, cells
            elif text.strip():
                yield _wrong_width(line, cells, width)


def _wrong_width(line: Line, cells: list[str], width: int) -> BrokenRow:
    if not line.ended and len(cells) < width:
        return BrokenRow(line.number, "cut-off")
    return BrokenRow(line.number, "too-few-columns" if len(cells) < width else "too-many-columns")


def _quoted(line: Line, ahead: deque[Line], lines: Iterator[Line], delimiter: str, width: int) -> Record:
    """A row with quotation marks, which may go on over the next lines if it then fits exactly."""
    text = line.text or ""
    cells = _split(text, delimiter)
    if cells is not None:
        return (line.number, cells) if len(cells) == width else _wrong_width(line, cells, width)
    if not _is_open(text, delimiter):
        return BrokenRow(line.number, "half-quoted")
    taken: list[Line] = []
    while len(taken) < LONGEST_RECORD:
        following = ahead.popleft() if ahead else next(lines, None)
        if following is None:
            break
        taken.append(following)
        if following.text is None or CONTROL.search(following.text):
            break
        text += "\n" + following.text
        if len(text) > LONGEST_LINE:
            break
        if '"' not in following.text:
            continue
        cells = _split(text, delimiter)
        if cells is not None and len(cells) == width:
            return line.number, cells
        if cells is not None or not _is_open(text, delimiter):
            break
    ahead.extendleft(reversed(taken))
    return BrokenRow(line.number, "half-quoted")


def _split(text: str, delimiter: str) -> list[str] | None:
    """The cells of one whole row; None where its quotation marks do not fit."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration):
        return None


def _is_open(text: str, delimiter: str) -> bool:
    """Whether the row's last quotation mark was opened and not closed."""
    return _split(text + '"', delimiter) is not None
