"""A day's changes against a filled directory: a delta through `load_file`, as every delta goes.

Nine rows in ten are of children whom the supplier sent before, and give another first address line alone;
others are of children whom nobody knew, or come under a new reference of a known child, which is a question.
What is new is taken back afterwards and what waits is dropped, so that the directory can be measured again.
"""

import shutil
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
import polars as pl
from django.conf import settings
from django.db import connections, transaction

from contactpoint.directory.publish import remove_rows
from contactpoint.intake.profiles import FeedKind, Profile, read_profile
from contactpoint.jobs.bench.door import ask_door, make_askers
from contactpoint.jobs.bench.filling import SUPPLIER
from contactpoint.jobs.bench.loading import Loaded, load_measured
from contactpoint.jobs.bench.place import Place
from contactpoint.jobs.bench.questions import Question, Trouble
from contactpoint.jobs.bench.watching import Watch
from contactpoint.progress import Progress, no_progress
from contactpoint.synthetic.england import make_england

MATCH = "match"
NEW, DOUBTFUL = 0.06, 0.02  # of the rows
ASKED = 200  # children who are looked for as soon as the delta has ended
# All that the directory was filled with: what a row leaves out it would take away.
PROFILE = b"""
supplier = "bench"
name = "Benchmark"
sector = "health"
must = true
legal_basis = "made up"
may_supply = ["given_names", "family_name", "former_names", "birth_date", "gender", "nhs", "upn", "addresses"]
precedence = 50

[file]
delimiter = ","
encoding = "utf-8"
kind = "delta"
dates = "YYYY-MM-DD"

[fields]
reference = "reference"
nhs = "nhs"
upn = "upn"
given_names = ["given_name", "middle_names"]
family_name = "family_name"
former_names.0.family_name = "former_family_name"
birth_date = "birth_date"
gender = "gender"
addresses.0.lines = ["address", "locality"]
addresses.0.town = "town"
addresses.0.postcode = "postcode"
addresses.0.valid_from = "moved_on"
addresses.1.lines = ["old_address"]
addresses.1.town = "old_town"
addresses.1.postcode = "old_postcode"
addresses.1.valid_to = "moved_until"
"""


def measure_delta(*, place: Place, children: int, rows: int, seed: int, progress: Progress) -> dict[str, Any]:
    """One delta of so many rows; `found` of `asked` new children were found at once."""
    profile = read_profile(content=PROFILE, source="bench.toml")
    run = _number_of_run()
    new = _unknown(place, count=round(rows * NEW), seed=seed + run)
    path = place.folder / "delta.csv"
    known = _known(place, rows=rows - new.height, seed=seed + run, run=run)
    _write(path, profile, [known, _as_rows(new, run)])
    try:
        with Watch(cluster=settings.DATABASE.cluster) as watch:
            loaded = Loaded("delta")
            load_measured(
                loaded, path=path, profile=profile, kind=FeedKind.DELTA, watch=watch, progress=progress
            )
        if not loaded.made:
            raise click.ClickException("The gate held the delta: nothing was loaded, nothing measured.")
        asked, found = _look_for(new, run, progress)
    finally:
        path.unlink()
        _take_back(run)
    return {
        "headline": {
            "children": children,
            "rows": loaded.rows,
            "seconds": loaded.seconds,
            "rows_per_second": round(loaded.rows / loaded.seconds),
            "peak_rss_mb": round(watch.peak / 2**20),
            "asked": asked,
            "found": found,
        },
        "delta": asdict(loaded),
        "memory_mb": {name: round(used / 2**20) for name, used in watch.peaks.items()},
    }


def _number_of_run() -> int:
    """Another for each run, so that the same child has moved each time."""
    with connections[MATCH].cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) + 1 FROM intake_load")
        return int(cursor.fetchone()[0])


def _known(place: Place, *, rows: int, seed: int, run: int) -> pl.DataFrame:
    """Children of the directory; some come under a reference that nobody used."""
    truth = pl.scan_parquet(place.folder / "england" / "truth" / "children.parquet")
    every = truth.select("child_id").collect()["child_id"]
    some = every.sample(min(rows, every.len()), seed=seed)
    # Read as a stream: memory that making the file took would count as the load's.
    drawn = truth.filter(pl.col("child_id").is_in(some.implode())).collect(engine="streaming")
    drawn = drawn.sample(fraction=1, shuffle=True, seed=seed).with_row_index("place")
    reference = pl.col("child_id").cast(pl.String)
    is_doubtful = pl.col("place") < rows * DOUBTFUL
    return _as_columns(
        drawn.with_columns(address=pl.lit(f"{run} Delta Mews")),
        pl.when(is_doubtful).then(pl.lit(f"delta-{run}-again-") + reference).otherwise(reference),
    )


def _unknown(place: Place, *, count: int, seed: int) -> pl.DataFrame:
    """Children of another made-up England, whose numbers are not theirs alone and are left out."""
    folder = place.scratch / f"delta-{seed}"
    today = datetime.now(UTC).date()
    make_england(children=count, seed=seed, out=folder, on=today, progress=no_progress)
    truth = pl.read_parquet(folder / "truth" / "children.parquet").with_columns(
        nhs=pl.lit(""), upn=pl.lit("")
    )
    shutil.rmtree(folder)
    return truth


def _as_rows(new: pl.DataFrame, run: int) -> pl.DataFrame:
    return _as_columns(new, pl.lit(f"delta-{run}-new-") + pl.col("child_id").cast(pl.String))


def _as_columns(truth: pl.DataFrame, reference: pl.Expr) -> pl.DataFrame:
    """As the profile calls them; who did not move has no day on which an earlier address ended."""
    return truth.with_columns(reference=reference, moved_until=pl.col("moved_on"))


def _write(path: Path, profile: Profile, parts: list[pl.DataFrame]) -> None:
    told = [pl.col(name).cast(pl.String).fill_null("") for name in profile.columns]
    rows = pl.concat([part.select(told) for part in parts])
    rows.sample(fraction=1, shuffle=True, seed=1).write_csv(path)


def _look_for(new: pl.DataFrame, run: int, progress: Progress) -> tuple[int, int]:
    """How many of the delta's new children were looked for by name and birth date, and found."""
    with connections[MATCH].cursor() as cursor:
        cursor.execute(
            "SELECT substr(r.reference, %s)::bigint, r.child_id FROM directory_suppliedrow r"
            " JOIN hidden.row_effect e ON e.row_id = r.id AND e.effect = 'made-child'"
            " WHERE r.supplier_id = %s AND r.reference LIKE %s",
            [len(f"delta-{run}-new-") + 1, SUPPLIER, f"delta-{run}-new-%"],
        )
        made = dict(cursor.fetchall())
    born: dict[int, date] = dict(new.select("child_id", "birth_date").iter_rows())
    questions = [
        Question(
            Trouble.ONE_SLIP, given, family or "", born[child].isoformat(), postcode, frozenset([made[child]])
        )
        for child, given, family, postcode in new.select(
            "child_id", "given_name", "family_name", "postcode"
        ).iter_rows()
        if child in made
    ][:ASKED]
    people = make_askers(questions=len(questions), progress=progress)
    answers = ask_door(questions=questions, people=people, progress=progress)
    return len(answers), sum(answer.is_hit for answer in answers)


def _take_back(run: int) -> None:
    given = [SUPPLIER, f"delta-{run}-%"]
    mine = "supplier_id = %s AND reference LIKE %s"
    with transaction.atomic(using=MATCH, durable=True), connections[MATCH].cursor() as cursor:
        cursor.execute(
            f"SELECT reference FROM directory_suppliedrow WHERE {mine}"
            f" UNION SELECT reference FROM hidden.supplied_row WHERE {mine}",
            [*given, *given],
        )
        keys = [(SUPPLIER, reference) for (reference,) in cursor.fetchall()]
        remove_rows(cursor=cursor, keys=keys, load_id=1, at=datetime.now(UTC))
        cursor.execute("DELETE FROM hidden.waiting_row WHERE supplier_id = %s", [SUPPLIER])
