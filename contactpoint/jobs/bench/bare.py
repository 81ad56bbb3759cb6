"""Bare linkage: Splink used plainly on the same rows, to set beside the whole path of a load.

Each file is compared with itself and with all rows before it, by the model's own levels and blocking rules;
nothing is checked, decided, published or logged.
"""

import shutil
import time
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from contactpoint.intake.linkable import read_linkable
from contactpoint.intake.profiles import get_profile
from contactpoint.jobs.bench.watching import Watch
from contactpoint.matching.bulk import dedupe, link
from contactpoint.matching.model import Model

# In the order in which they are loaded.
FILES = (
    "births",
    "child_benefit",
    "nhs_demographics",
    "school_census",
    "social_care",
    "youth_justice",
    "local_services",
    "camhs",
)


def measure_bare(*, folder: Path, on: date, watch: Watch, scratch: Path) -> dict[str, Any]:
    """Seconds and processor seconds of comparing alone; reading the files is not counted."""
    model = Model.load()
    known: list[pl.DataFrame] = []
    seconds = used = 0.0
    scratch.mkdir(exist_ok=True)
    try:
        for name in FILES:
            new = _read(folder / f"{name}.csv", name, on, scratch)
            before, began = sum(watch.cpu()), time.perf_counter()
            dedupe(new, model=model, scratch=scratch)
            if known:
                rows = pl.concat(known)
                # As a child's rows are known to intake: each way in which it is written, once.
                link(
                    new,
                    rows.unique([column for column in rows.columns if column != "key"]),
                    model=model,
                    scratch=scratch,
                )
            seconds += time.perf_counter() - began
            used += sum(watch.cpu()) - before
            known.append(new.with_columns(pl.lit(f"{name}-").add(pl.col("key")).alias("key")))
    finally:
        shutil.rmtree(scratch)
    return {"seconds": round(seconds, 1), "cpu_seconds": round(used, 1)}


def _read(path: Path, profile: str, on: date, scratch: Path) -> pl.DataFrame:
    folder = scratch / path.stem
    folder.mkdir()
    rows, _ = read_linkable(
        path=path, profile=get_profile(name=profile), on=on, folder=folder, progress=lambda *_: None
    )
    return rows
