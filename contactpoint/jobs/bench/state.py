"""Checkpoints: which stage of a place is done, with what result, so that a stopped run goes on from there."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

Result = dict[str, Any]


def read_stages(path: Path) -> dict[str, Result]:
    """Every finished stage by name; a file cut short by a full disk counts as none."""
    try:
        return dict(json.loads(path.read_text()))
    except (FileNotFoundError, ValueError):
        return {}


def run_stage(
    *,
    path: Path,
    stage: str,
    settings: Mapping[str, object],
    work: Callable[[], Result],
    at: Callable[[], datetime],
    again: bool = False,
) -> tuple[Result, bool]:
    """The stage's result, and whether it was measured now.

    A stage done before with the same settings is not repeated, unless asked to.
    Only a finished stage is written: a stopped one runs from its beginning.
    """
    known = read_stages(path).get(stage)
    if known and known["settings"] == dict(settings) and not again:
        return known["result"], False
    result = work()
    finish_stage(path=path, stage=stage, settings=settings, result=result, at=at())
    return result, True


def finish_stage(
    *, path: Path, stage: str, settings: Mapping[str, object], result: Result, at: datetime
) -> None:
    """Remember the stage, whole or not at all."""
    stages = read_stages(path)
    stages[stage] = {"at": at.isoformat(timespec="seconds"), "settings": dict(settings), "result": result}
    part = path.with_suffix(".part")
    part.write_text(json.dumps(stages, indent=1))
    part.replace(path)
