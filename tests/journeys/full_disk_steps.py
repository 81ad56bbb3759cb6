"""The database's own disk fills while a file is loaded; then there is room again (SUP-3).

`python -m tests.journeys.full_disk_steps ROWS LEFT_MB`, with CONTACTPOINT_DATA on a small disk of its own.
Prints one line of JSON: what the load told, and what is there after the same command was run again.
"""

import json
import os
import random
import sys
from pathlib import Path
from typing import Any

from contactpoint.jobs.database import database
from tests.journeys.kill_steps import in_child
from tests.journeys.load_steps import NOW, load, look

LETTERS = "ABCDEFGHIJKLMNOPRSTUVW"


def rows(count: int) -> list[dict[str, str]]:
    """Children who are nothing alike."""
    from tests.journeys.test_load_interrupted import some_rows

    drawn, (like, *_) = random.Random(1), some_rows(1)
    return [
        {
            **like,
            "ref": f"R{place}",
            "pername1": "".join(drawn.choices(LETTERS, k=7)),
            "pername2": "".join(drawn.choices(LETTERS, k=8)),
            "dob_year": str(2010 + place % 14),
            "dob_mon": str(1 + place % 12),
            "dob_day": str(1 + place % 28),
            "enumpc": f"M{1 + place % 40}{place % 9}AE",
            "enumcap": f"{place} MILL LANE",
        }
        for place in range(count)
    ]


def main(count: int, left: int) -> dict[str, Any]:
    from tests.feeds import write_file

    data = Path(os.environ["CONTACTPOINT_DATA"])
    path, ballast = write_file(data.parent / "file.csv", rows(count)), data.parent / "ballast"
    with database(migrate=True):
        free = os.statvfs(data)
        ballast.write_bytes(b"x" * (free.f_bavail * free.f_bsize - (left << 20)))
        told = in_child(lambda: load("ess-list-a", path, NOW, chunk=1000), start=False)
        ballast.unlink()
        held = len(in_child(look)["rows"])
        again = in_child(lambda: load("ess-list-a", path, NOW, chunk=1000))
        seen = in_child(look)
    return {
        "told": told,
        "held": held,
        "again": again,
        "rows": len(seen["rows"]),
        **{k: seen[k] for k in ("wrong", "loads", "left")},
    }


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactpoint.settings")
    django.setup()
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))  # noqa: T201
