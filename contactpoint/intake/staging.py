"""From a file to judged rows in the scratch folder, with every problem known (SUP-3).

The whole file is read and judged before anything is matched or published.
Works in chunks, so that a file of any length fits; writes nothing outside the folder given.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import polars as pl

from contactpoint.intake.content import build_content
from contactpoint.intake.fields import ENDED, MARKER, REFERENCE
from contactpoint.intake.frames import PROBLEM_SCHEMA, REFUSING, ROW, UNPUBLISHED, JudgedFrame, judge_frame
from contactpoint.intake.profiles import Profile
from contactpoint.intake.readers.opening import open_table
from contactpoint.intake.readers.table import UnreadableFile
from contactpoint.progress import Progress

CHUNK = 100_000
STAGE = "Checking rows"
NOT_PROVIDED = "not_provided"
# Looks up schools and practices: the values anew, and problems. It needs the database; reading does not.
Lookup = Callable[[Profile, pl.DataFrame], tuple[pl.DataFrame, pl.DataFrame]]
EXCUSED = ["no-name", "no-birth-date", "no-basis", "already-18", "agreed-too-long"]


@dataclass(frozen=True, slots=True)
class Staged:
    """A judged file.

    `problems` has row, code and column.
    `dropped` has the names of what no profile maps, with how many values of each were left unread.
    """

    folder: Path
    rows: int
    problems: pl.DataFrame
    dropped: tuple[tuple[str, int], ...]
    missing: dict[str, int] = field(default_factory=dict)  # empty values, by the sender's column

    @property
    def columns(self) -> tuple[str, ...]:
        """The file's header, sorted: what is read and what is dropped."""
        return tuple(sorted({*self.missing, *(name for name, _ in self.dropped)}))

    @property
    def ended(self) -> pl.DataFrame:
        """Row and reference of the rows that say that the supplier no longer holds them."""
        rows = pl.scan_parquet(self.folder / "rows-*.parquet").filter(pl.col(ENDED) == "true")
        return rows.select(ROW, REFERENCE).collect()

    @property
    def references(self) -> pl.Series:
        """Every reference in the file, refused or not."""
        return pl.scan_parquet(self.folder / "rows-*.parquet").select(REFERENCE).collect()[REFERENCE]

    @property
    def refused(self) -> pl.Series:
        """Line numbers of the rows that are not received."""
        return self.problems.filter(pl.col("code").is_in(REFUSING))[ROW].unique()

    @property
    def unpublished(self) -> pl.Series:
        """Line numbers of the rows that are received and not published (REC-10)."""
        told = self.problems.filter(pl.col("code").is_in(UNPUBLISHED))[ROW].unique()
        return told.filter(~told.is_in(self.refused.implode()))

    def chunks(self) -> Iterator[pl.DataFrame]:
        """The readable rows in the file's order, whatever was judged of them."""
        for path in sorted(self.folder.glob("rows-*.parquet")):
            yield pl.read_parquet(path)

    def parts(self, *columns: str, without: pl.Series | None = None) -> Iterator[pl.DataFrame]:
        """The rows that may go on to matching, some at a time in the file's order; only these columns.

        `without` are line numbers to be left out besides.
        """
        left_out = [self.refused, self.unpublished, self.ended[ROW], *([] if without is None else [without])]
        is_left_out = pl.col(ROW).is_in(pl.concat(left_out).implode())
        for path in sorted(self.folder.glob("rows-*.parquet")):
            yield pl.read_parquet(path, columns=[ROW, *columns]).filter(~is_left_out)

    def publishable(self, *columns: str) -> pl.DataFrame:
        """All of them at once."""
        return pl.concat([pl.DataFrame(schema=self._schema(columns)), *self.parts(*columns)])

    def take(self, numbers: Collection[int] | pl.Series, *columns: str) -> pl.DataFrame:
        """The rows with these line numbers that may go on to matching."""
        wanted = pl.Series(ROW, list(numbers), dtype=pl.Int64)
        nothing = pl.DataFrame(schema=self._schema(columns))
        if wanted.is_empty():
            return nothing
        some = (part.filter(pl.col(ROW).is_in(wanted.implode())) for part in self.parts(*columns))
        return pl.concat([nothing, *some])

    def _schema(self, columns: tuple[str, ...]) -> dict[str, type[pl.DataType]]:
        return {ROW: pl.Int64, **{name: pl.Binary if name == "digest" else pl.String for name in columns}}


def stage_file(
    *,
    path: Path,
    profile: Profile,
    on: date,
    folder: Path,
    progress: Progress,
    look_up: Lookup | None = None,
) -> Staged:
    """Read, judge and keep every row. Raises UnreadableFile, WrongColumns."""
    reader = open_table(path=path, wanted=profile.columns, form=profile.form, on=on)
    problems = [pl.DataFrame(schema=PROBLEM_SCHEMA)]
    missing: dict[str, int] = {}
    rows = 0
    progress(STAGE, 0, None)
    for number, chunk in enumerate(reader.chunks(CHUNK)):
        judged = judge_frame(profile=profile, frame=chunk.frame, on=on)
        broken = [(each.row, each.problem, "") for each in chunk.broken]
        problems += [judged.problems, pl.DataFrame(broken, schema=PROBLEM_SCHEMA, orient="row")]
        values = judged.values
        if look_up:
            values, unknown = look_up(profile, values)
            problems.append(unknown)
        kept = build_content(profile=profile, values=values)
        for name, count in _count_missing(profile, judged.values).items():
            missing[name] = missing.get(name, 0) + count
        kept.with_columns(_not_provided(profile, judged)).write_parquet(
            folder / f"rows-{number:06}.parquet", compression="lz4"
        )
        rows += chunk.frame.height + len(broken)
        progress(STAGE, rows, None)
    if not rows:
        raise UnreadableFile(
            "The file has a header and no rows. Nothing was loaded; ask the sender for the rows."
        )
    dropped = tuple(reader.dropped.items())
    staged = Staged(folder, rows, _excused(pl.concat(problems), folder), dropped, missing)
    progress(STAGE, rows, rows)
    return _with_repeats(staged, profile)


def _count_missing(profile: Profile, values: pl.DataFrame) -> dict[str, int]:
    """Empty values, by the sender's columns. What could not be read is empty too; the problems tell which."""
    counts = values.select((pl.col(each.path) == "").sum() for each in profile.mapped).row(0)
    missing: dict[str, int] = {}
    for each, count in zip(profile.mapped, counts, strict=True):
        missing.setdefault(each.shown, count)  # of a path that is read several times the first
    return missing


def _not_provided(profile: Profile, judged: JudgedFrame) -> pl.Series:
    """For receipts: the sender's columns that are empty in each row, with semicolons between."""
    unread = judged.problems.filter(~pl.col("code").str.starts_with("no-"))
    empty = []
    for label, each in {each.shown: each for each in reversed(profile.mapped)}.items():
        if each.path == MARKER:
            continue  # "unrestricted" is held as nothing, and was provided
        invalid = unread.filter(pl.col("column") == label)[ROW].implode()
        is_empty = (pl.col(each.path) == "") & ~pl.col(ROW).is_in(invalid)
        empty.append(pl.when(is_empty).then(pl.lit(label)))
    empty.reverse()
    listed = pl.concat_str(empty, separator="; ", ignore_nulls=True)
    return judged.values.select(listed.alias(NOT_PROVIDED))[NOT_PROVIDED]


def _excused(problems: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """A row that is to be ended needs nothing but its reference."""
    rows = pl.scan_parquet(folder / "rows-*.parquet").filter(pl.col(ENDED) == "true").select(ROW).collect()
    is_excused = pl.col(ROW).is_in(rows[ROW].implode()) & pl.col("code").is_in(EXCUSED)
    return problems.filter(~is_excused)


def _with_repeats(staged: Staged, profile: Profile) -> Staged:
    """Rows that share a reference: word for word the same, the first stands; else all of them are refused."""
    rows = pl.scan_parquet(staged.folder / "rows-*.parquet")
    received = rows.select(ROW, REFERENCE).filter(pl.col(REFERENCE) != "").collect()
    received = received.filter(pl.col(REFERENCE).is_duplicated())
    received = received.filter(~pl.col(ROW).is_in(staged.refused.implode()))
    digests = rows.select(ROW, "digest").filter(pl.col(ROW).is_in(received[ROW].implode())).collect()
    received = received.join(digests, on=ROW, maintain_order="left")
    repeated = received.filter(pl.len().over(REFERENCE) > 1)
    if repeated.is_empty():
        return staged
    kinds = pl.col("digest").n_unique().over(REFERENCE)
    is_first = pl.col(ROW) == pl.col(ROW).min().over(REFERENCE)
    lines = pl.col(ROW).sort().cast(pl.String).str.join(", ").over(REFERENCE)
    code = pl.when(kinds > 1).then(pl.lit("repeated-reference")).when(~is_first).then(pl.lit("repeated-row"))
    told = repeated.select(
        ROW,
        code.alias("code"),
        pl.concat_str(pl.lit(f"{profile.reference_column} (lines "), lines, pl.lit(")")).alias("column"),
    ).drop_nulls()
    return replace(staged, problems=pl.concat([staged.problems, told]))
