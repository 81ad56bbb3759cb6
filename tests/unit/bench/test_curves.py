"""A curve needs two sizes; each has its figures in the plot, and the report shows it."""

import json
from pathlib import Path
from typing import Any

import pytest

from contactpoint.jobs.bench.plots import draw_plots
from contactpoint.jobs.bench.report import write_report

NIGHT = {"program_cpu_s": 0.1, "database_cpu_s": 0.2}


def _night(children: int) -> dict[str, Any]:
    head = {
        "children": children, "night_s": children / 1e6, "worst_night_s": children / 5e5,
        "records_a_night": 5, "ms_a_record": 3.0, "forecast_s": 0.1,
    }  # fmt: skip
    result = {"headline": head, "nights": [NIGHT], "copied": 0}
    return {"at": "2026-11-01", "children": children, "machine": {"busy": 0.1}, "result": result}


@pytest.mark.parametrize(("sizes", "drawn"), [([1000], []), ([1000, 5000], ["curve-clock.svg"])])
def test_what_has_two_sizes_is_drawn(tmp_path: Path, sizes: list[int], drawn: list[str]) -> None:
    (tmp_path / "clock.json").write_text(json.dumps([_night(size) for size in sizes]))
    plots = draw_plots(docs=tmp_path)
    assert plots == drawn
    write_report(docs=tmp_path, plots=plots)
    report = (tmp_path / "README.md").read_text()
    assert all((tmp_path / name).exists() and f"({name})" in report for name in drawn)
    assert ("From a town to all of England" in report) == bool(drawn)
