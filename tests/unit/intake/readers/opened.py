"""Opens a file as intake does and gives all its rows, for tests of readers."""

from datetime import date
from pathlib import Path

from contactpoint.intake.readers.opening import open_table
from contactpoint.intake.readers.table import Form

ON = date(2026, 10, 5)


def read(
    path: Path, wanted: tuple[str, ...], *, size: int = 3, on: date = ON, **form: object
) -> tuple[list[tuple[object, ...]], list[tuple[int, str]], dict[str, int]]:
    """The rows with their numbers, the broken ones, and what was dropped."""
    reader = open_table(path=path, wanted=wanted, form=Form(**form), on=on)  # type: ignore[arg-type]
    rows, broken = [], []
    for chunk in reader.chunks(size):
        assert chunk.frame.columns == ["row", *wanted]
        rows += list(chunk.frame.iter_rows())
        broken += [(each.row, each.problem) for each in chunk.broken]
    return rows, broken, dict(reader.dropped)


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
