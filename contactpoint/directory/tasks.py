"""What the worker does every night. No argument carries anything of a child (SHI-9)."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from contactpoint.audit.records import Actor
from contactpoint.lanes import Lane

WORKER = Actor(account_id=None, organisation_id=None, door="worker")


@app.periodic(cron="15 2 * * *", periodic_id="clock")
@app.task(
    name="contactpoint.directory.tasks.run_the_clock",
    queueing_lock="clock",
    queue=Lane.RECORDS.value,
    pass_context=False,
)
def run_the_clock(timestamp: int) -> None:
    """Archive, end histories, destroy: what is due today (RET-1 to RET-5). `timestamp` is when it was due."""
    from contactpoint.directory.keeping.clock import run_clock

    run_clock(by=WORKER, at=datetime.now(UTC))
