"""From suppliers' files to searchable records: a made-up England through `load_file`, measured by stage.

The files are loaded as a supplier's files always are; only a watcher counts time, processor and memory.
Splink used plainly on the same prepared rows, in the same run, says what bare linkage costs.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from contactpoint.access.policies import ENGLAND
from contactpoint.codes.authorities import current_authorities
from contactpoint.directory.opening_up import find_opened, open_authorities
from contactpoint.intake.actions import load_file
from contactpoint.intake.profiles import FeedKind, Profile, get_profile
from contactpoint.intake.records import LoadReport
from contactpoint.intake.reference import load_reference
from contactpoint.jobs.bench.bare import measure_bare
from contactpoint.jobs.bench.england import database_size
from contactpoint.jobs.bench.filling import SERVICE
from contactpoint.jobs.bench.place import Place
from contactpoint.jobs.bench.watching import Watch
from contactpoint.progress import Progress
from contactpoint.synthetic.england import make_england

# National registers first, as a real build-up would bring them.
NATIONAL = ("births", "child_benefit", "nhs_demographics", "school_census")
LOCAL = ("social_care", "youth_justice", "local_services", "camhs")


@dataclass(slots=True)
class Loaded:
    """One file: its rows and what became of them, its time and processor seconds, by stage."""

    file: str
    rows: int = 0
    made: int = 0
    linked: int = 0
    replaced: int = 0
    not_placed: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    stages: dict[str, dict[str, float]] = field(default_factory=dict)


def measure_load(
    *, place: Place, children: int, seed: int, delta: bool, progress: Progress
) -> dict[str, Any]:
    """Load every file into an empty directory, then, if asked, one in a hundred rows changed."""
    folder = place.folder / "england"
    on = datetime.now(UTC).astimezone(ENGLAND).date()
    if not (folder / "truth" / "rows.parquet").exists():
        make_england(children=children, seed=seed, out=folder, on=on, progress=progress)
    _open_everywhere()
    load_reference(folder=folder, by=SERVICE, at=datetime.now(UTC), progress=progress)
    with Watch(cluster=settings.DATABASE.cluster) as watch:
        before = database_size()
        files = [_load(folder / f"{name}.csv", name, watch, progress) for name in (*NATIONAL, *LOCAL)]
        after = database_size()
        small = _load_delta(folder, watch, progress) if delta else None
        peak, peaks = watch.peak, dict(watch.peaks)  # bare linkage holds all rows at once
        bare = measure_bare(folder=folder, on=on, watch=watch, scratch=place.scratch)
    rows, seconds = sum(one.rows for one in files), sum(one.seconds for one in files)
    return {
        "headline": {
            "children": children,
            "rows": rows,
            "seconds": round(seconds, 1),
            "rows_per_second": round(rows / seconds),
            "peak_rss_mb": round(peak / 2**20),
            "bytes_per_child": round((after - before) / children),
        },
        "cpu_seconds": round(sum(one.cpu_seconds for one in files), 1),
        "files": [asdict(one) for one in files],
        "delta": asdict(small) if small else None,
        "bare": {**bare, "times": round(sum(one.cpu_seconds for one in files) / bare["cpu_seconds"], 2)},
        "memory_mb": {name: round(used / 2**20) for name, used in peaks.items()},
    }


def _open_everywhere() -> None:
    """As if every authority's shielding window had closed (SHI-10)."""
    now = datetime.now(UTC)
    codes = {authority.code for authority in current_authorities(now.date())} - find_opened(on=now.date())
    if codes:
        open_authorities(codes=sorted(codes), on=now.date(), by=SERVICE, at=now)


def _load(path: Path, name: str, watch: Watch, progress: Progress, kind: FeedKind | None = None) -> Loaded:
    loaded = Loaded(name)
    load_measured(
        loaded, path=path, profile=get_profile(name=name), kind=kind, watch=watch, progress=progress
    )
    return loaded


def load_measured(
    loaded: Loaded,
    *,
    path: Path,
    profile: Profile,
    kind: FeedKind | None,
    watch: Watch,
    progress: Progress,
) -> None:
    """Load one file and fill in what it cost."""
    with _timed(loaded, watch) as stages:

        def told(stage: str, done: int, total: int | None) -> None:
            stages.tell(stage)
            progress(f"{loaded.file}: {stage}", done, total)

        report = load_file(
            path=path, profile=profile, by=SERVICE, at=datetime.now(UTC), kind=kind, progress=told
        )
    _count(loaded, report)


def _count(loaded: Loaded, report: LoadReport) -> None:
    loaded.rows, loaded.made, loaded.linked = report.rows, report.made, report.linked
    loaded.replaced, loaded.not_placed = report.replaced, report.not_placed


class _Stages:
    """Time and processor seconds since the stage last told of began."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.found: dict[str, dict[str, float]] = {}
        self.name, self.began, self.used = "begin", time.perf_counter(), watch.cpu()

    def tell(self, stage: str) -> None:
        if stage == self.name:
            return
        now, used = time.perf_counter(), self.watch.cpu()
        some = self.found.setdefault(self.name, {"seconds": 0.0, "python": 0.0, "database": 0.0})
        some["seconds"] += now - self.began
        some["python"] += used[0] - self.used[0]
        some["database"] += used[1] - self.used[1]
        self.name, self.began, self.used = stage, now, used


@contextmanager
def _timed(loaded: Loaded, watch: Watch) -> Iterator[_Stages]:
    stages = _Stages(watch)
    began, used = time.perf_counter(), sum(watch.cpu())
    yield stages
    stages.tell("")
    loaded.seconds = round(time.perf_counter() - began, 2)
    loaded.cpu_seconds = round(sum(watch.cpu()) - used, 2)
    loaded.stages = {
        name: {what: round(much, 2) for what, much in some.items()} for name, some in stages.found.items()
    }


def _load_delta(folder: Path, watch: Watch, progress: Progress) -> Loaded:
    """One in a hundred children has moved house: the NHS tells of those alone."""
    import polars as pl

    rows = pl.read_csv(folder / "nhs_demographics.csv", infer_schema=False)
    moved = rows.gather_every(100).with_columns(pl.lit("1 Delta Mews").alias("ADDRESS_1"))
    path = folder / "delta.csv"
    moved.write_csv(path)
    try:
        return _load(path, "nhs_demographics", watch, progress, FeedKind.DELTA)
    finally:
        path.unlink()
