"""What a profile would make of a file, shown before anything is loaded (SUP-10).

Shows what is mapped and dropped, how much is filled and valid, and the first rows field by field.
Of values only the shape is shown (Aa 99/99/9999): what stands in a terminal is also in its scrollback.
Touches no database, so codes of schools and practices are not looked up here.
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from contactpoint.intake.fields import count_kinds
from contactpoint.intake.frames import PROBLEM_SCHEMA, REFUSING, ROW, judge_frame
from contactpoint.intake.policies import PROBLEMS
from contactpoint.intake.profiles import Mapped, Profile
from contactpoint.intake.readers.opening import open_table
from contactpoint.intake.readers.sniffing import find_format
from contactpoint.intake.readers.table import UnreadableFile

SAMPLE = 10_000  # rows that the figures are of
FIRST = 5
VALID, INVALID, ABSENT = "valid", "invalid", "not provided"


@dataclass(frozen=True, slots=True)
class ShownField:
    """One of our fields: the sender's column, how many of the rows looked at have it, and two shapes."""

    path: str
    column: str
    provided: int
    invalid: int
    shapes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row by its line: whether it would be received, and what each field is."""

    line: int
    is_received: bool
    fields: tuple[tuple[str, str], ...]  # path, and VALID, INVALID or ABSENT


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that is shown of a file; `problems` are in words, commonest first."""

    format: str
    rows: int
    refused: int
    fields: tuple[ShownField, ...]
    dropped: tuple[tuple[str, int], ...]
    kinds: tuple[tuple[str, int], ...]
    not_agreed: tuple[str, ...]
    problems: tuple[tuple[str, int], ...]
    first: tuple[ShownRow, ...]


def show_file(*, path: Path, profile: Profile, on: date) -> Shown:
    """Judge the first SAMPLE rows. Raises UnreadableFile, WrongColumns."""
    found = find_format(path)
    reader = open_table(path=path, wanted=profile.columns, form=profile.form, on=on)
    chunk = next(reader.chunks(SAMPLE), None)
    if chunk is None:
        raise UnreadableFile("The file has a header and no rows: there is nothing to show.")
    judged = judge_frame(profile=profile, frame=chunk.frame, on=on)
    broken = [(each.row, each.problem, "") for each in chunk.broken]
    problems = pl.concat([judged.problems, pl.DataFrame(broken, schema=PROBLEM_SCHEMA, orient="row")])
    refused = problems.filter(pl.col("code").is_in(REFUSING))[ROW].unique()
    wrong = {(row, column) for row, _, column in judged.problems.iter_rows()}
    counted = problems.group_by("code", "column").len().sort(["len", "code"], descending=[True, False])
    dropped = tuple(reader.dropped.items())
    return Shown(
        format=found.words,
        rows=chunk.frame.height + len(chunk.broken),
        refused=len(refused),
        fields=tuple(_field(each, chunk.frame, wrong) for each in profile.mapped),
        dropped=dropped,
        kinds=count_kinds(dropped),
        not_agreed=profile.not_agreed,
        problems=tuple(
            (f"{column or 'The row'}: {PROBLEMS[code].words}", count)
            for code, column, count in counted.iter_rows()
        ),
        first=tuple(_first(profile, chunk.frame, wrong, set(refused))),
    )


def shape_of(text: str) -> str:
    """A value without what it says: letters and long runs of them become A and a, digits 9."""
    plain = re.sub(r"[^\W\d_]", lambda found: "A" if found[0].isupper() else "a", text.strip())
    plain = re.sub(r"\d", "9", plain)
    return re.sub(r"(a|A)\1+", r"\1", plain)[:30]


def _text(mapped: Mapped) -> pl.Expr:
    return pl.concat_str(mapped.columns, separator=" ").str.strip_chars()


def _field(mapped: Mapped, frame: pl.DataFrame, wrong: set[tuple[int, str]]) -> ShownField:
    filled = frame.select(ROW, _text(mapped).alias("text")).filter(pl.col("text") != "")
    shapes = pl.Series([shape_of(text) for text in filled["text"].head(1000)], dtype=pl.String)
    common = shapes.value_counts(sort=True).head(2).to_series().to_list() if len(shapes) else []
    invalid = sum((row, mapped.shown) in wrong for row in filled[ROW])
    return ShownField(mapped.path, mapped.shown, filled.height, invalid, tuple(common))


def _first(
    profile: Profile, frame: pl.DataFrame, wrong: set[tuple[int, str]], refused: set[int]
) -> list[ShownRow]:
    rows = []
    texts = frame.head(FIRST).select(ROW, *(_text(each).alias(each.path) for each in profile.mapped))
    for said in texts.iter_rows(named=True):
        fields = []
        for each in profile.mapped:
            is_wrong = (said[ROW], each.shown) in wrong
            fields.append(
                (each.path, INVALID if is_wrong and said[each.path] else VALID if said[each.path] else ABSENT)
            )
        rows.append(ShownRow(said[ROW], said[ROW] not in refused, tuple(fields)))
    return rows
