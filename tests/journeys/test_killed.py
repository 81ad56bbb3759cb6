"""`kill -9` at random moments of archive, destruction and restore: whole after the next start (RET-4).

Real processes on a database of their own. KILLS and KILL_SEED make it longer, or another.
"""

import json
import os
import subprocess
import sys
from pathlib import Path


def test_nothing_is_half_done_after_the_next_start(tmp_path: Path) -> None:
    """Each record is live, archived or gone; ledger, keys and log are whole, and no event is lost."""
    environment = {**os.environ, "CONTACTPOINT_DATA": str(tmp_path / "data"), "DATABASE_URL": ""}
    environment["DJANGO_SETTINGS_MODULE"] = "contactpoint.settings"
    seed, kills = os.environ.get("KILL_SEED", "7"), os.environ.get("KILLS", "2")
    command = [sys.executable, "-m", "tests.journeys.kill_steps", seed, kills, str(tmp_path / "backups")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["wrong"] == []
    assert sum(found["killed"].values()) > 0  # else nothing was tried
    assert (found["seen"]["live"], found["seen"]["archived"], found["seen"]["destroyed"]) == (0, 0, 24)
