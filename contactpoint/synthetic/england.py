"""Make England up and write it down: `make_england` is the one way in.

Owns the order of the work and the files' safety: everything is written beside its final name and renamed
at the end, so a run that is stopped leaves what was there before.
"""

import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from math import ceil
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from contactpoint.progress import Progress, no_progress
from contactpoint.synthetic.bodies import Bodies, make_bodies
from contactpoint.synthetic.children import UpnCounter, make_children
from contactpoint.synthetic.files import COLUMNS, REFERENCE_COLUMNS, SEPARATORS, TRUTH, CannotWrite
from contactpoint.synthetic.local import make_camhs, make_local_services, make_social_care, make_youth_justice
from contactpoint.synthetic.national import (
    make_births,
    make_child_benefit,
    make_nhs_demographics,
    make_school_census,
)
from contactpoint.synthetic.places import Geography, read_geography
from contactpoint.synthetic.supply import Batch, Supplied

DEFAULT_DAY = date(2026, 9, 1)
MOST_CHILDREN = 12_000_000  # as many as the numbers of the made-up England reach
CHUNK = 200_000
"""Children at a time: part of what a seed means, so changing it changes every England."""

_SUPPLIERS = {
    "births": make_births,
    "child_benefit": make_child_benefit,
    "nhs_demographics": make_nhs_demographics,
    "school_census": make_school_census,
    "social_care": make_social_care,
    "youth_justice": make_youth_justice,
    "local_services": make_local_services,
    "camhs": make_camhs,
}


@dataclass(frozen=True, slots=True)
class Made:
    """What was written: rows in each file, and how long it took."""

    folder: Path
    children: int
    rows: dict[str, int]
    seconds: float


def make_england(
    *,
    children: int,
    seed: int,
    out: Path,
    on: date = DEFAULT_DAY,
    suppliers: Collection[str] = tuple(COLUMNS),
    progress: Progress = no_progress,
) -> Made:
    """Write a made-up England of so many children into a folder. The same arguments give the same bytes.

    `suppliers` are the supplier files to write; the truth and every file are the same whichever they are.
    Raises CannotWrite where the folder or the number will not do.
    """
    if not 1 <= children <= MOST_CHILDREN:
        raise CannotWrite(
            f"The number of children must be between 1 and {MOST_CHILDREN:,}; nothing was written."
        )
    began = time.monotonic()
    whole = _England.of(children=children, seed=seed, on=on)
    with _writing(out) as writer:
        _write_reference_files(writer, whole.bodies)
        progress("making children", 0, children)
        done = 0
        for batch in whole.make(range(ceil(children / CHUNK))):
            writer.write_truth(batch.children.select(TRUTH))
            for file, make in _SUPPLIERS.items():
                if file in suppliers:
                    writer.write_supplied(file, make(batch))
            done += batch.children.height
            progress("making children", done, children)
    return Made(out, children, writer.rows, time.monotonic() - began)


def make_part(
    *, children: int, seed: int, on: date, supplier: str, chunks: range
) -> Iterator[tuple[pl.DataFrame, Supplied]]:
    """Of the same England some chunks of CHUNK children, and what one supplier's file has of them.

    Pupil numbers are counted from the first chunk that is made.
    """
    for batch in _England.of(children=children, seed=seed, on=on).make(chunks):
        yield batch.children.select(TRUTH), _SUPPLIERS[supplier](batch)


@dataclass(frozen=True, slots=True)
class _England:
    """The same England however much of it is made."""

    children: int
    seed: int
    on: date
    geography: Geography
    bodies: Bodies

    @classmethod
    def of(cls, *, children: int, seed: int, on: date) -> "_England":
        geography = read_geography(on)
        bodies = make_bodies(geography, children=children, seed=seed)
        return cls(children, seed, on, geography, bodies)

    def make(self, chunks: range) -> Iterator[Batch]:
        """Chunks of CHUNK children."""
        counter = UpnCounter.for_geography(self.geography)
        for chunk in chunks:
            made = make_children(
                geography=self.geography,
                bodies=self.bodies,
                counter=counter,
                seed=self.seed,
                chunk=chunk,
                first_id=chunk * CHUNK,
                count=min(CHUNK, self.children - chunk * CHUNK),
                on=self.on,
            )
            yield Batch(made, self.bodies, self.seed, chunk, self.on)


def _write_reference_files(writer: "_Writer", bodies: Bodies) -> None:
    frames = {
        "organisations": bodies.organisations,
        "practitioners": bodies.practitioners,
        "schools": bodies.schools,
        "practices": bodies.practices,
    }
    for file, frame in frames.items():
        writer.write_csv(file, frame.select(REFERENCE_COLUMNS[file]))


@dataclass(slots=True)
class _Writer:
    """Open files under temporary names."""

    folder: Path
    stack: ExitStack
    rows: dict[str, int] = field(default_factory=dict)
    _open: dict[str, BinaryIO] = field(default_factory=dict)
    _tables: dict[str, pq.ParquetWriter] = field(default_factory=dict)
    final: list[tuple[Path, Path]] = field(default_factory=list)

    def part(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        self.final.append((part, path))
        return part

    def write_csv(self, file: str, frame: pl.DataFrame) -> None:
        is_new = file not in self._open
        if is_new:
            self._open[file] = self.stack.enter_context(self.part(f"{file}.csv").open("wb"))
        frame.write_csv(self._open[file], include_header=is_new, separator=SEPARATORS.get(file, ","))
        self.rows[file] = self.rows.get(file, 0) + frame.height

    def write_supplied(self, file: str, supplied: Supplied) -> None:
        self.write_csv(file, supplied.rows)
        reference = supplied.rows[COLUMNS[file][0]]
        self.write_table(
            "rows",
            pl.DataFrame(
                {
                    "file": pl.repeat(file, len(reference), eager=True),
                    "reference": reference,
                    "child_id": supplied.child_id,
                }
            ),
        )

    def write_truth(self, frame: pl.DataFrame) -> None:
        self.write_table("children", frame)

    def write_table(self, name: str, frame: pl.DataFrame) -> None:
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if name not in self._tables:
            part = self.part(f"truth/{name}.parquet")
            self._tables[name] = self.stack.enter_context(
                pq.ParquetWriter(part, table.schema, compression="zstd")
            )
        self._tables[name].write_table(pa.Table.from_batches(table.to_batches(), schema=table.schema))


@contextmanager
def _writing(folder: Path) -> Iterator[_Writer]:
    """Rename everything when all is written; throw it away when anything stops the work."""
    writer = _Writer(folder, ExitStack())
    try:
        with writer.stack:
            yield writer
        for part, path in writer.final:
            part.replace(path)
    except OSError as error:
        raise CannotWrite(
            f"The made-up England could not be written: {error.strerror or error}. "
            "What was there before is unchanged; make room, or choose another folder with --out."
        ) from error
    finally:
        for part, _ in writer.final:
            part.unlink(missing_ok=True)
