"""The restore drill: what was shielded, withdrawn, destroyed after a backup stays so after a restore (RET-4).

Real dumps by PostgreSQL's tools, on an embedded server of the drill's own.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = "from contactpoint.jobs.cli import main; main()"


class Drill:
    """One data folder, and the processes that work on it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.environment = {**os.environ, "CONTACTPOINT_DATA": str(data), "DATABASE_URL": ""}
        self.environment["DJANGO_SETTINGS_MODULE"] = "contactpoint.settings"

    def step(self, name: str) -> Any:
        done = self._run("-m", "tests.journeys.restore_steps", name)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run("-c", COMMAND, *arguments)

    def python(self, code: str) -> subprocess.CompletedProcess[str]:
        return self._run("-c", f"import django; django.setup(); {code}")

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def drill(tmp_path: Path) -> Drill:
    return Drill(tmp_path / "data")


def test_what_was_decided_after_the_backup_holds_after_the_restore(drill: Drill, tmp_path: Path) -> None:
    """RET-4, SHI-5, SEN-7, AUD-3."""
    drill.step("make")
    before = drill.step("report")
    assert (before["shielded"], before["sensitive"], before["archived"]) == ([], 1, 1)
    assert drill.command("backup", "--folder", str(tmp_path / "backups")).returncode == 0
    (dump,) = (tmp_path / "backups").glob("*.dump")
    too_old = drill.python(
        "from datetime import UTC, datetime, timedelta; from pathlib import Path;"
        " from contactpoint.jobs.backing_up import insist_recent;"
        f" insist_recent(file=Path({str(dump)!r}), at=datetime.now(UTC) + timedelta(days=36))"
    )
    assert "no backup may be kept longer than 35 days" in too_old.stderr
    assert drill.step("decide") == 1
    after = drill.step("report")
    assert (after["shielded"], after["sensitive"], after["archived"]) == (["Shielded"], 0, 0)

    done = drill.command("restore", str(dump))
    assert done.returncode == 0, done.stderr
    restored = drill.step("look")  # without any replay but the restore's own
    for what in ("children", "shielded", "open rows", "sensitive", "archived", "undone"):
        assert restored[what] == after[what], what
    for kind, count in after["events"].items():
        assert restored["events"][kind] >= count, kind
    assert restored["events"]["ledger-replayed"] == 3
    whole = drill.command("ledger", "check")
    assert "The ledger is whole: 3 entries. Not yet done in this database: 0." in whole.stdout


def test_a_restore_by_hand_is_brought_up_before_any_command_reads(drill: Drill, tmp_path: Path) -> None:
    """RET-4: whoever restores without our command still serves nobody an old shield."""
    drill.step("make")
    kept = drill.data / "ledger"
    drill.step("decide")
    ledger = (kept / "ledger.jsonl").read_bytes()
    again = Drill(tmp_path / "again")
    made = again.step("make")
    numbers = drill_numbers(ledger)
    (again.data / "ledger").mkdir()
    told = ledger
    for old, new in zip(numbers, (made["Shielded"], made["Destroyed"]), strict=True):
        told = told.replace(str(old).encode(), str(new).encode())
    (again.data / "ledger" / "ledger.jsonl").write_bytes(rechained(told))
    state = again.step("report")
    assert (state["shielded"], state["archived"], state["undone"]) == (["Shielded"], 0, 0)


def test_a_power_cut_in_the_middle_of_a_destruction_is_finished_at_the_next_start(drill: Drill) -> None:
    drill.step("make")
    with pytest.raises(AssertionError):
        drill.step("die-while-destroying")
    state = drill.step("look")
    assert (state["archived"], state["undone"]) == (1, 1)
    state = drill.step("report")
    assert (state["archived"], state["undone"], state["children"]) == (0, 0, ["Shielded", "Withdrawn"])


def test_what_is_no_backup_changes_nothing(drill: Drill, tmp_path: Path) -> None:
    drill.step("make")
    wrong = tmp_path / "wrong.dump"
    wrong.write_bytes(b"not a backup")
    done = drill.command("restore", str(wrong))
    assert (done.returncode, "Nothing was changed" in done.stderr) == (1, True), done.stderr
    assert drill.step("report")["archived"] == 1
    inside = drill.command("backup", "--folder", str(drill.data / "keys" / "backups"))
    assert (inside.returncode, "must not lie beside the keys" in inside.stderr) == (1, True)


def drill_numbers(ledger: bytes) -> list[int]:
    """The children that the ledger names, in order."""
    return [child for line in ledger.splitlines() for child in json.loads(line)["children"]]


def rechained(ledger: bytes) -> bytes:
    """The same entries with digests that fit."""
    import hashlib

    lines: list[bytes] = []
    for line in ledger.splitlines():
        said = json.loads(line)
        said["before"] = hashlib.sha256(lines[-1] if lines else b"").hexdigest()
        lines.append(json.dumps(said, sort_keys=True).encode())
    return b"".join(line + b"\n" for line in lines)
