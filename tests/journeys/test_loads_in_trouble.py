"""`kill -9`, a full disk, a database that goes away: at drawn moments of loads on real processes (SUP-3)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contactpoint.intake.scratch import is_disk_full
from tests.journeys.moments import ENGINE, STATES

AGAIN = "run the same command again: it goes on from there."


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """420 MB in memory, as a disk of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=420m", "none", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def trouble(folder: Path, *, seed: int, kills: int) -> dict[str, Any]:
    return run("load_steps", str(seed), str(kills), str(folder), data=folder / "data")


def run(steps: str, *arguments: str, data: Path) -> dict[str, Any]:
    environment = {**os.environ, "CONTACTPOINT_DATA": str(data), "DATABASE_URL": ""}
    environment["DJANGO_SETTINGS_MODULE"] = "contactpoint.settings"
    command = [sys.executable, "-m", f"tests.journeys.{steps}", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def check(found: dict[str, Any]) -> None:
    """The same rows on the same children as an undisturbed load, and nobody was left without a sentence."""
    assert found["wrong"] == []
    assert found["rows"] > 100
    for state in (*STATES, ENGINE):  # in checking, at the gate, in matching and in publishing
        assert sum(killed[state] for killed in found["killed"]) > 0
    assert found["left"] == 0
    assert found["full"].startswith("The disk is full.")
    assert all(told.startswith("The database stopped answering.") for told in found["restarted"])
    assert all(told.endswith(AGAIN) for told in (found["full"], *found["restarted"]))
    assert {state for _, state, _ in found["loads"]} == {"published"}


def test_nothing_is_doubled_and_nothing_is_lost(tmp_path: Path) -> None:
    check(trouble(tmp_path, seed=int(os.environ.get("KILL_SEED", "3")), kills=1))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(int(os.environ.get("SEEDS", "4"))))
def test_nothing_is_doubled_and_nothing_is_lost_whenever_it_is_killed(seed: int, tmp_path: Path) -> None:
    check(trouble(tmp_path, seed=100 + seed, kills=5))


def test_the_databases_own_disk_is_full_in_the_middle(small_disk: Path) -> None:
    """Told in a sentence; when there is room, the same command goes on, and nothing is doubled or lost."""
    found = run("full_disk_steps", "4000", "24", data=small_disk / "data")
    assert found["told"].startswith("The disk is full.")
    assert found["held"] < 4_000  # else the disk was not full in the middle
    assert (found["again"], found["rows"], found["wrong"], found["left"]) == ("", 4_000, [], 0)
    assert found["loads"] == [["ess-list-a", "published", 1]]


@pytest.mark.parametrize("number", [28, 27])
def test_an_engine_that_finds_no_room_is_a_full_disk(number: int) -> None:
    """Polars and DuckDB tell it in the kernel's words."""
    import duckdb
    import polars as pl

    words = f"underlying IO error: {os.strerror(number)} (os error {number})"
    for error in (pl.exceptions.ComputeError(words), duckdb.IOException(words), OSError(number, words)):
        assert is_disk_full(error)
    assert not is_disk_full(pl.exceptions.ComputeError("another matter"))
    assert not is_disk_full(ValueError(words))
