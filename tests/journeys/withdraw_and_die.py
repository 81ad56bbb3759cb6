"""Withdraws a load in a process of its own and is killed in the middle.

Arguments: the name of the test database, a data folder, a folder of keys, the load.
"""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import django
from django.conf import settings


def die_after_the_first_chunk(stage: str, done: int, total: int | None) -> None:
    if stage == "Withdrawing" and done:
        os.kill(os.getpid(), signal.SIGKILL)


def main(database: str, data: str, keys: str, load: str) -> None:
    for entry in settings.DATABASES.values():
        entry["NAME"] = database
    settings.DATA_DIR, settings.KEYS_DIR = Path(data), Path(keys)
    django.setup()
    from contactpoint.audit.records import Actor
    from contactpoint.intake import withdrawing

    withdrawing.CHUNK = 10
    withdrawing.withdraw_load(
        load_id=int(load),
        by=Actor(account_id=None, organisation_id=None, door="command"),
        at=datetime(2026, 10, 6, 9, 30, tzinfo=UTC),
        progress=die_after_the_first_chunk,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
