"""A part of another national feed into a filled directory: what a file costs where everybody is known.

A whole national feed takes hours at 11 million; a part of it goes the same way, is compared with the same
11 million, and says what a row costs there and how much memory it takes.
The rows stay: another run sends the next part of the same file.
"""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import polars as pl
from django.conf import settings
from django.db import connections

from contactpoint.intake.profiles import FeedKind, get_profile
from contactpoint.jobs.bench.loading import Loaded, load_measured
from contactpoint.jobs.bench.place import Place
from contactpoint.jobs.bench.watching import Watch
from contactpoint.progress import Progress
from contactpoint.synthetic.england import CHUNK, make_part

SUPPLIER = "child_benefit"
_LOOK_BACK = 14  # days
_COMPARED = ["child_id", "given_name", "birth_date", "postcode"]


def measure_feed(*, place: Place, children: int, parts: int, seed: int, progress: Progress) -> dict[str, Any]:
    """The rows of so many times CHUNK children, as a delta: what it does not name stays."""
    truth = place.folder / "england" / "truth" / "children.parquet"
    first = _count_sent(truth)
    path = place.folder / "feed.csv"
    _write(path, truth, children, seed, range(first, min(first + parts, -(-children // CHUNK))), progress)
    try:
        with Watch(cluster=settings.DATABASE.cluster) as watch:
            loaded = Loaded(SUPPLIER)
            load_measured(
                loaded,
                path=path,
                profile=get_profile(name=SUPPLIER),
                kind=FeedKind.DELTA,
                watch=watch,
                progress=progress,
            )
    finally:
        path.unlink()
    return {
        "headline": {
            "children": children,
            "rows": loaded.rows,
            "seconds": loaded.seconds,
            "rows_per_second": round(loaded.rows / loaded.seconds),
            "cpu_ms_per_row": round(loaded.cpu_seconds / loaded.rows * 1000, 3),
            "peak_rss_mb": round(watch.peak / 2**20),
        },
        "feed": asdict(loaded),
        "memory_mb": {name: round(used / 2**20) for name, used in watch.peaks.items()},
    }


def _count_sent(truth: Path) -> int:
    """How many chunks of children an earlier run sent: those of the highest child number that has a row."""
    with connections["match"].cursor() as cursor:
        cursor.execute(
            "SELECT max(bench.reference::bigint) FROM directory_suppliedrow sent"
            " JOIN directory_suppliedrow bench ON bench.child_id = sent.child_id"
            " AND bench.supplier_id = 'bench' AND bench.reference ~ '^[0-9]+$'"
            " WHERE sent.supplier_id = %s",
            [SUPPLIER],
        )
        (highest,) = cursor.fetchone()
    return 0 if highest is None else int(highest) // CHUNK + 1


def _write(path: Path, truth: Path, children: int, seed: int, chunks: range, progress: Progress) -> None:
    if not chunks:
        raise click.ClickException("Every part of the feed was sent before; fill another directory.")
    on = _find_day(truth, children, seed)
    made = make_part(children=children, seed=seed, on=on, supplier=SUPPLIER, chunks=chunks)
    with path.open("wb") as file:
        for number, (_, supplied) in enumerate(made):
            supplied.rows.write_csv(file, include_header=number == 0)
            progress("making the feed", number + 1, len(chunks))


def _find_day(truth: Path, children: int, seed: int) -> date:
    """On which day this England was made up: its ages, and so its birth dates, follow from that."""
    known = pl.read_parquet(truth, columns=_COMPARED, n_rows=min(CHUNK, children))
    today = datetime.now(UTC).date()
    for back in range(_LOOK_BACK):
        on = today - timedelta(days=back)
        part = make_part(children=children, seed=seed, on=on, supplier=SUPPLIER, chunks=range(1))
        made, _ = next(part)
        if made.select(_COMPARED).equals(known):
            return on
    raise click.ClickException("This England was made up long ago, or by another version: fill it anew.")
