"""Everybody who is known, out of memory, for a file that is too long to look its rows up one by one.

What suppliers say goes from the database to a private DuckDB in pieces, and a child's variants are made there
part by part. Each portion of the file meets those alone whom a blocking rule lets it meet.
Nothing from here leaves intake (SHI-9).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path

import polars as pl

from contactpoint.intake.content import MATCHED
from contactpoint.intake.deciding import find_twin_children
from contactpoint.intake.known import Known, estimate_said, find_variants, read_shielded, stream_said
from contactpoint.matching.crowd import Crowd
from contactpoint.matching.engine import Limits, open_engine
from contactpoint.progress import Progress

STAGE = "reading what is known, in hundredths"  # a number of rows would tell of hidden ones (SHI-3)
PART = 500_000  # rows whose variants are made together
LIMITS = Limits(memory="2GB")


class Everybody:
    """`shielded` are all shielded children, or nobody where nothing hidden is read."""

    def __init__(self, crowd: Crowd, shielded: frozenset[int]) -> None:
        self._crowd = crowd
        self.shielded = shielded

    def find_near(self, new: pl.DataFrame) -> Known:
        """Those whom a blocking rule lets one of the standardised rows meet."""
        return Known(self._crowd.find_near(new), self.shielded)

    def find_twin_children(self) -> frozenset[int]:
        """Every child who has a twin, or might (SUP-7)."""
        return find_twin_children(Known(self._crowd.find_twins(), self.shielded))


@contextmanager
def gather_everybody(*, folder: Path, open_only: bool, progress: Progress) -> Iterator[Everybody]:
    """`folder` is private scratch; `open_only` reads as if nothing were hidden (SHI-3)."""
    shielded = frozenset[int]() if open_only else read_shielded()
    with open_engine(scratch=folder, limits=LIMITS) as connection:
        values = ", ".join(f"{name} VARCHAR" for name in MATCHED)
        connection.execute(f"CREATE TABLE said (child BIGINT, {values})")
        rows, estimate = 0, estimate_said()
        progress(STAGE, 0, 100)
        for piece in stream_said(open_only=open_only):
            connection.register("piece", piece.to_arrow())
            connection.execute("INSERT INTO said SELECT * FROM piece")
            connection.unregister("piece")
            rows += piece.height
            progress(STAGE, min(99, 100 * rows // estimate), 100)
        parts = max(1, ceil(rows / PART))
        crowd = Crowd(connection)
        for part in range(parts):
            some = connection.sql(f"SELECT DISTINCT * FROM said WHERE child % {parts} = {part}").pl()
            crowd.add(find_variants(some))
        connection.execute("DROP TABLE said")
        progress(STAGE, 100, 100)
        yield Everybody(crowd, shielded)
