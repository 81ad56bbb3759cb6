"""Linking files, and drafting and checking a profile, work where there is no database and no Django."""

import subprocess
import sys
from pathlib import Path

ALONE = """
import sys
from datetime import date
from pathlib import Path
from contactpoint.intake.linkable import read_linkable
from contactpoint.intake.profiles import get_profile
from contactpoint.intake.profiles_showing import show_file
from contactpoint.intake.profiles_suggesting import suggest_profile
from contactpoint.progress import no_progress

folder, on, profile = Path(sys.argv[1]), date(2026, 10, 5), get_profile(name="school_census")
path = folder / "census.csv"
path.write_text(",".join(profile.columns) + "\\n" + ",".join("900001" for _ in profile.columns) + "\\n")
rows, unusable = read_linkable(path=path, profile=profile, on=on, folder=folder, progress=no_progress)
assert (rows.height, unusable) == (1, 0)
assert show_file(path=path, profile=profile, on=on).rows == 1
assert "PupilRef" in suggest_profile(path=path, on=on)
"""


def test_no_database_is_touched(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
