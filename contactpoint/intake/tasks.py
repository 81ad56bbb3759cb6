"""What the worker does for intake. Its arguments carry ids only (SHI-9)."""

from datetime import UTC, datetime

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from contactpoint.audit.records import Actor
from contactpoint.lanes import Lane

WORKER = Actor(account_id=None, organisation_id=None, door="worker")


@app.task(
    name="contactpoint.intake.tasks.take_entry",
    queue=Lane.RECORDS.value,
    retry=RetryStrategy(max_attempts=20, linear_wait=30),
)
def take_entry(*, entry_id: int) -> None:
    """Match and publish what a practitioner entered (SEA-7)."""
    from contactpoint.intake.entries import process_entry

    process_entry(entry_id=entry_id, by=WORKER, at=datetime.now(UTC))


@app.task(
    name="contactpoint.intake.tasks.load_kept",
    queue=Lane.FILES.value,
    retry=RetryStrategy(max_attempts=20, linear_wait=30),
)
def load_kept(*, load_id: int) -> None:
    """Load a file that was uploaded, picked up or released; goes on where it stopped (SUP-3)."""
    from contactpoint.intake.waiting_files import process_kept

    process_kept(load_id=load_id, by=WORKER, at=datetime.now(UTC))


@app.task(
    name="contactpoint.intake.tasks.rehearse_kept",
    queue=Lane.FILES.value,
    retry=RetryStrategy(max_attempts=5, linear_wait=30),
)
def rehearse_kept(*, rehearsal_id: int) -> None:
    """Say what a load of a file would, and keep the figures alone (SUP-4)."""
    from contactpoint.intake.rehearsals import process_rehearsal

    process_rehearsal(rehearsal_id=rehearsal_id, by=WORKER, at=datetime.now(UTC))


@app.task(
    name="contactpoint.intake.tasks.withdraw_kept",
    queue=Lane.FILES.value,
    retry=RetryStrategy(max_attempts=20, linear_wait=30),
)
def withdraw_kept(*, load_id: int) -> None:
    """Undo what one load did, as a data manager asked (SUP-5)."""
    from contactpoint.intake.withdrawing import withdraw_load

    withdraw_load(load_id=load_id, by=WORKER, at=datetime.now(UTC))


@app.periodic(cron="* * * * *")
@app.task(name="contactpoint.intake.tasks.look_into_inboxes", queueing_lock="inboxes")
def look_into_inboxes(timestamp: int) -> None:
    """Pick up what suppliers put into their folders, and go on with loads whose worker was killed."""
    from contactpoint.intake.waiting_files import pick_up_files

    pick_up_files(by=WORKER, at=datetime.now(UTC))


@app.periodic(cron="15 6 * * *")
@app.task(name="contactpoint.intake.tasks.look_for_late_feeds")
def look_for_late_feeds(timestamp: int) -> None:
    """Tell the data managers which feeds are late (SUP-2), and forget what is no longer needed."""
    from contactpoint.intake.absent import forget_stopped
    from contactpoint.intake.entries import forget_entries
    from contactpoint.intake.late_feeds import tell_of_late_feeds

    tell_of_late_feeds(by=WORKER, at=datetime.now(UTC))
    forget_stopped(at=datetime.now(UTC))
    forget_entries(at=datetime.now(UTC))
