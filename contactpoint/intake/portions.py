"""A file's rows as matching compares them, in private scratch, so that a file of any length is gone through.

Each row is standardised once, for all that needs it: matching, twins, and the blocking keys it is kept by.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from contactpoint.directory.match_rows import blocking_hashes
from contactpoint.intake.content import MATCHED
from contactpoint.intake.frames import ROW
from contactpoint.intake.staging import Staged
from contactpoint.matching.rows import FIELDS
from contactpoint.matching.standardise import frame_to_rows, standardise_frame

PORTION = 500_000  # rows that are compared together
KEYS = "keys"


@dataclass(frozen=True, slots=True)
class Portions:
    """The rows that go to matching; each portion has FIELDS, with the line number as `key`.

    `left_out` are line numbers of rows that are standardised, and not matched.
    """

    files: tuple[Path, ...]
    left_out: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.Int64))

    @property
    def all_rows(self) -> int:
        """How many rows were standardised."""
        return sum(pl.read_parquet(path, columns=[ROW]).height for path in self.files)

    @property
    def rows(self) -> int:
        """How many go to matching."""
        return sum(self._read(path, [ROW]).height for path in self.files)

    def but(self, rows: pl.Series) -> "Portions":
        """The same without matching the rows of these line numbers."""
        return Portions(self.files, rows.cast(pl.Int64))

    def __iter__(self) -> Iterator[pl.DataFrame]:
        parts: list[pl.DataFrame] = []
        for path in self.files:
            parts.append(self._read(path, [ROW, *FIELDS]).select(FIELDS))
            if sum(part.height for part in parts) >= PORTION:
                yield pl.concat(parts)
                parts = []
        if any(part.height for part in parts):
            yield pl.concat(parts)

    def beside_keys(self, parts: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The same parts of the file, with the blocking keys of each row."""
        for part, path in zip(parts, self.files, strict=True):
            yield part.with_columns(pl.read_parquet(path, columns=[KEYS])[KEYS])

    def _read(self, path: Path, columns: list[str]) -> pl.DataFrame:
        return pl.read_parquet(path, columns=columns).filter(~pl.col(ROW).is_in(self.left_out.implode()))


def standardise_parts(*, staged: Staged, without: pl.Series, folder: Path) -> Portions:
    """Standardise the rows that say something new: all but those with the line numbers `without`."""
    files = []
    for number, part in enumerate(staged.parts(*MATCHED, without=without)):
        standard = standardise_frame(part.with_columns(pl.col(ROW).cast(pl.String).alias("key")))
        keys = [list(blocking_hashes(row)) for row in frame_to_rows(standard)]
        path = folder / f"standard-{number:06}.parquet"
        standard.with_columns(part[ROW], pl.Series(KEYS, keys, dtype=pl.List(pl.Int64))).write_parquet(
            path, compression="lz4"
        )
        files.append(path)
    return Portions(tuple(files))
