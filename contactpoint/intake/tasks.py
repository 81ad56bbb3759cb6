"""What the worker does for intake. Its arguments carry ids only (SHI-9)."""

from datetime import UTC, datetime

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from contactpoint.audit.records import Actor

WORKER = Actor(account_id=None, organisation_id=None, door="worker")


@app.task(name="contactpoint.intake.tasks.take_entry", retry=RetryStrategy(max_attempts=20, linear_wait=30))
def take_entry(*, entry_id: int) -> None:
    """Match and publish what a practitioner entered (SEA-7)."""
    from contactpoint.intake.entries import process_entry

    process_entry(entry_id=entry_id, by=WORKER, at=datetime.now(UTC))
