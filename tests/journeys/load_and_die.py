"""Loads a file in a process of its own and is killed in the middle, as a power cut would.

Arguments: the name of the test database, a data folder, a folder of keys, the file, the supplier.
"""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import django
from django.conf import settings


def die_in_the_middle(stage: str, done: int, total: int | None) -> None:
    """After the first chunks are published, and before the last."""
    if stage == "Publishing rows" and total and 0 < done < total:
        os.kill(os.getpid(), signal.SIGKILL)


def main(database: str, data: str, keys: str, file: str, supplier: str) -> None:
    for entry in settings.DATABASES.values():
        entry["NAME"] = database
    settings.DATA_DIR, settings.KEYS_DIR = Path(data), Path(keys)
    django.setup()
    from contactpoint import progress
    from contactpoint.audit.records import Actor
    from contactpoint.intake import publishing
    from contactpoint.intake.actions import load_file
    from contactpoint.intake.profiles import get_profile

    publishing.CHUNK = progress.STEP = 10
    load_file(
        path=Path(file),
        profile=get_profile(name=supplier),
        by=Actor(account_id=None, organisation_id=None, door="command"),
        at=datetime(2026, 10, 5, 9, 30, tzinfo=UTC),
        progress=die_in_the_middle,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
