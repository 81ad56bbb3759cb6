"""Reads Parquet files (Apache Parquet format 2) with pyarrow: only the mapped columns, batch by batch.

Text, numbers, dates and yes/no become text; a mapped column of lists, objects or bytes is refused.
Rows are numbered from 1.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from contactpoint.intake.readers.table import (
    ROW,
    BrokenRow,
    Chunk,
    Dropped,
    UnreadableFile,
    WrongColumns,
    missing_columns,
    twice_named,
)

MOST_GROUP = 4 << 30  # bytes of the mapped columns of one row group, unpacked
_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f\x{fffe}\x{ffff}]"
_DAMAGED = "The Parquet file is cut off or damaged. Nothing was loaded; ask the sender for the file again."


@dataclass(slots=True)
class ParquetReader:
    """One file being read."""

    path: Path
    wanted: tuple[str, ...]
    dates: str
    _dropped: Dropped = field(default_factory=Dropped)

    @property
    def dropped(self) -> dict[str, int]:
        return self._dropped.counts

    def chunks(self, size: int) -> Iterator[Chunk]:
        """The rows, `size` at a time. Raises UnreadableFile where the file goes wrong."""
        start = 1
        with _in_words(), pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(batch_size=size, columns=list(self.wanted)):
                chunk = self._chunk(batch, start)
                start += batch.num_rows
                yield chunk

    def _chunk(self, batch: Any, start: int) -> Chunk:
        table = pa.table({name: batch.column(name) for name in self.wanted})
        frame = pl.DataFrame(pl.from_arrow(table))
        texts = frame.select(_as_text(frame, name, self.dates) for name in self.wanted)
        texts = texts.with_row_index(ROW, offset=start).cast({ROW: pl.Int64})
        spoilt = texts.filter(pl.any_horizontal(pl.col(name).str.contains(_CONTROL) for name in self.wanted))[
            ROW
        ]
        broken = tuple(BrokenRow(row, "control-character") for row in spoilt)
        return Chunk(texts.filter(~pl.col(ROW).is_in(spoilt.implode())), broken)


def open_parquet(*, path: Path, wanted: Sequence[str], dates: str) -> ParquetReader:
    """Check the file's own description of itself. Raises UnreadableFile, WrongColumns."""
    with _in_words(), pq.ParquetFile(path) as file:
        schema, described = file.schema_arrow, file.metadata
        groups = [described.row_group(at) for at in range(described.num_row_groups)]
        sizes = [_size(group, wanted) for group in groups]
    if missing := [name for name in wanted if name not in schema.names]:
        raise missing_columns(missing)
    if twice := [name for name in wanted if schema.names.count(name) > 1]:
        raise twice_named(twice)
    if unsuitable := [name for name in wanted if not _is_plain(schema.field(name).type)]:
        listed = ", ".join(f"`{name}` ({schema.field(name).type})" for name in unsuitable)
        raise WrongColumns(
            f"The columns {listed} hold lists, objects or bytes, not one value a row. "
            "Nothing was loaded; send them flat, or send NDJSON."
        )
    if any(size > MOST_GROUP for size in sizes):
        raise UnreadableFile(
            "A part of the file would unpack to more than 4 GB. Nothing was loaded; write smaller row groups."
        )
    dropped = Dropped()
    for name in schema.names:
        if name not in wanted:
            dropped.count(name, described.num_rows)
    return ParquetReader(path, tuple(wanted), dates, dropped)


def read_schema(path: Path) -> tuple[str, ...]:
    """The names of the columns that hold one value a row. Raises UnreadableFile."""
    with _in_words(), pq.ParquetFile(path) as file:
        schema = file.schema_arrow
    return tuple(name for name in schema.names if _is_plain(schema.field(name).type))


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, EOFError, KeyError, UnicodeError, pl.exceptions.PolarsError):
        raise UnreadableFile(_DAMAGED) from None


def _size(group: Any, wanted: Sequence[str]) -> int:
    columns = [group.column(at) for at in range(group.num_columns)]
    return sum(column.total_uncompressed_size for column in columns if column.path_in_schema in wanted)


def _is_plain(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return any(
        test(kind)
        for test in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_string_view,
            pa.types.is_integer,
            pa.types.is_floating,
            pa.types.is_decimal,
            pa.types.is_date,
            pa.types.is_timestamp,
            pa.types.is_boolean,
            pa.types.is_null,
        )
    )


def _as_text(frame: pl.DataFrame, name: str, dates: str) -> pl.Expr:
    kind, value = frame.schema[name], pl.col(name)
    if kind.is_float():
        whole = value.cast(pl.Int64, strict=False)
        text = pl.when(whole.cast(kind) == value).then(whole.cast(pl.String)).otherwise(value.cast(pl.String))
    elif kind.is_temporal():
        text = value.dt.to_string(dates.replace("YYYY", "%Y").replace("MM", "%m").replace("DD", "%d"))
    else:
        text = value.cast(pl.String)
    return text.fill_null("").alias(name)
