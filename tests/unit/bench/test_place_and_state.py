"""Where a benchmark works, and what it remembers when stopped."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from contactpoint.jobs.bench.place import get_place
from contactpoint.jobs.bench.state import read_stages, run_stage

AT = datetime(2026, 10, 5, tzinfo=UTC)


def test_a_place_is_never_the_services_own(tmp_path: Path) -> None:
    before = {
        "CONTACTPOINT_DATA": str(tmp_path),
        "CONTACTPOINT_KEYS": "/keys",
        "CONTACTPOINT_DEMO": "1",
        "HOME": "/h",
    }
    place = get_place(name="100000", environment=before)
    inside = place.environment(before)
    assert inside["CONTACTPOINT_DATA"] == str(tmp_path / "bench" / "100000")
    assert "CONTACTPOINT_KEYS" not in inside
    assert "CONTACTPOINT_DEMO" not in inside
    assert inside["HOME"] == "/h"


def test_on_a_server_of_the_operators_own_it_is_another_database(tmp_path: Path) -> None:
    before = {
        "CONTACTPOINT_DATA": str(tmp_path),
        "DATABASE_URL": "postgresql://me:pw@db:5433/live?sslmode=require",
    }
    place = get_place(name="500", environment=before)
    expected = "postgresql://me:pw@db:5433/contactpoint_bench_500?sslmode=require"
    assert place.environment(before)["DATABASE_URL"] == expected


class Work:
    """Counts how often it was done."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, int]:
        self.times += 1
        return {"time": self.times}


def _run(path: Path, work: Work, *, seed: int = 1, again: bool = False) -> tuple[dict[str, int], bool]:
    return run_stage(
        path=path, stage="search", settings={"seed": seed}, work=work, at=lambda: AT, again=again
    )


def test_a_finished_stage_is_not_repeated(tmp_path: Path) -> None:
    path, work = tmp_path / "stages.json", Work()
    assert _run(path, work) == ({"time": 1}, True)
    assert _run(path, work) == ({"time": 1}, False)


def test_other_settings_or_asking_again_repeats_it(tmp_path: Path) -> None:
    path, work = tmp_path / "stages.json", Work()
    _run(path, work)
    assert _run(path, work, seed=2) == ({"time": 2}, True)
    assert _run(path, work, seed=2, again=True) == ({"time": 3}, True)


def test_a_stage_that_was_stopped_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "stages.json"

    def stopped() -> dict[str, int]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_stage(path=path, stage="fill", settings={}, work=stopped, at=lambda: AT)
    assert read_stages(path) == {}


def test_a_file_cut_short_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "stages.json"
    path.write_text('{"search": {"at"')
    assert read_stages(path) == {}
