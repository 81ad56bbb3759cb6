"""Loads a file in a process of its own, killed inside the transaction that publishes one child's row.

Arguments: the test database, a data folder, a folder of keys, the file, the supplier, a word of the row.
"""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from django.conf import settings


def main(database: str, data: str, keys: str, file: str, supplier: str, word: str) -> None:
    for entry in settings.DATABASES.values():
        entry["NAME"] = database
    settings.DATA_DIR, settings.KEYS_DIR = Path(data), Path(keys)
    django.setup()
    from contactpoint.audit.records import Actor
    from contactpoint.intake import publishing
    from contactpoint.intake.actions import load_file
    from contactpoint.intake.profiles import get_profile

    publishing.CHUNK = 1
    ordinary = publishing._publish_chunk

    def publish_and_die(batch: Any, decided: Any, *others: Any) -> Any:
        """Everything of her row is written, and not yet committed."""
        done = ordinary(batch, decided, *others)
        if any(word in row.content for row in decided):
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    publishing._publish_chunk = publish_and_die
    load_file(
        path=Path(file),
        profile=get_profile(name=supplier),
        by=Actor(account_id=None, organisation_id=None, door="command"),
        at=datetime(2026, 10, 5, 9, 30, tzinfo=UTC),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
