"""Receipts: for every row of a file, received or refused, with all its problems (SUP-3).

Of each column that is read: what could not be used is among the problems, what is empty under `not_provided`;
every other value was valid.
They judge the row alone and say nothing of what matching made of it (a supplier learns nothing of others).
One file a load, readable by the service's own account only, with the supplier's references and no values.
"""

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import polars as pl
from django.conf import settings

from contactpoint.errors import NotFound
from contactpoint.intake.fields import REFERENCE
from contactpoint.intake.frames import ROW
from contactpoint.intake.policies import Problem
from contactpoint.intake.staging import NOT_PROVIDED, Staged

COLUMNS = ("line", "reference", "outcome", "problems", "not_provided")
RECEIVED, UNPUBLISHED, REFUSED = "received", "received, not published", "refused"


class NoReceipts(NotFound):
    """There are no receipts of this load."""


def receipts_path(load_id: int) -> Path:
    return Path(settings.DATA_DIR) / "receipts" / f"{load_id}.csv"


def get_receipts(*, load_id: int) -> Path:
    """The file of receipts. Raises NoReceipts."""
    path = receipts_path(load_id)
    if not path.exists():
        raise NoReceipts(
            "There are no receipts of this load: it was refused as a whole, or there is no such load."
        )
    return path


def write_receipts(*, staged: Staged, load_id: int) -> Path:
    """Write a receipt for every row; a half-written file never stands in its place."""
    path = receipts_path(load_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    told = _in_words(staged.problems)
    refused, unpublished = staged.refused.implode(), staged.unpublished.implode()
    outcome = (
        pl.when(pl.col(ROW).is_in(refused))
        .then(pl.lit(REFUSED))
        .when(pl.col(ROW).is_in(unpublished))
        .then(pl.lit(UNPUBLISHED))
        .otherwise(pl.lit(RECEIVED))
    )
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write((",".join(COLUMNS) + "\n").encode())
        for chunk in _every_row(staged):
            rows = chunk.join(told, on=ROW, how="left").sort(ROW)
            told_of = (outcome.alias("outcome"), pl.col("problems").fill_null(""), pl.col(NOT_PROVIDED))
            rows.select(ROW, REFERENCE, *told_of).write_csv(file, include_header=False)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return path


def _every_row(staged: Staged) -> Iterator[pl.DataFrame]:
    """The readable rows, then those that could not be read, which have no reference."""
    seen = []
    for chunk in staged.chunks():
        seen.append(chunk[ROW])
        yield chunk.select(ROW, REFERENCE, NOT_PROVIDED)
    unread = staged.problems.select(ROW).unique()
    if seen:
        unread = unread.filter(~pl.col(ROW).is_in(pl.concat(seen).implode()))
    if not unread.is_empty():
        yield unread.with_columns(pl.lit("").alias(REFERENCE), pl.lit("").alias(NOT_PROVIDED))


def _in_words(problems: pl.DataFrame) -> pl.DataFrame:
    kinds = problems.select("code", "column").unique()
    words = kinds.with_columns(
        pl.Series(
            "words", [Problem(code, column).words for code, column in kinds.iter_rows()], dtype=pl.String
        )
    )
    joined = problems.join(words, on=["code", "column"])
    return joined.group_by(ROW).agg(pl.col("words").sort().str.join("; ").alias("problems"))


def copy_receipts(*, load_id: int, to: TextIO, only_problems: bool = False) -> None:
    """Write the receipts as CSV; `only_problems` leaves out the rows that nothing is wrong with."""
    with get_receipts(load_id=load_id).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        writer = csv.writer(to, lineterminator="\n")
        writer.writerow(next(rows))
        writer.writerows(row for row in rows if row[3] or not only_problems)
