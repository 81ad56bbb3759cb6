"""A practice service takes no file but those of its own made-up England (ACC-11)."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.errors import Conflict


class RealFeed(Conflict):
    """A supplier's file has no business in a practice service."""


def insist_made_up(*, path: Path, supplier: str, by: Actor, at: datetime) -> None:
    """In a practice service only what it made up itself goes on; elsewhere every file does.

    The refusal is logged. Raises RealFeed.
    """
    if not settings.PRACTICE or path.resolve().is_relative_to((settings.DATA_DIR / "demo").resolve()):
        return
    with transaction.atomic(durable=True):
        record_event(
            kind=EventKind.FEED_REFUSED,
            actor=by,
            at=at,
            facts={"supplier": supplier, "because": "practice"},
            refused=True,
        )
    raise RealFeed(
        "This is the practice service: it takes no supplier’s file. Nothing of it was kept. "
        "Send it to the real service."
    )
