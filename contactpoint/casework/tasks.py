"""What the worker does for casework. Each argument is the decision's id, never a child's number (SHI-9)."""

from datetime import UTC, datetime

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from contactpoint.audit.records import Actor
from contactpoint.lanes import Lane

WORKER = Actor(account_id=None, organisation_id=None, door="worker")


@app.task(
    name="contactpoint.casework.tasks.carry_out_decision",
    queue=Lane.RECORDS.value,
    retry=RetryStrategy(max_attempts=20, linear_wait=30),
)
def carry_out_decision(*, decision: int) -> None:
    """Lift a shield, or publish a row that was held near one, as an officer decided."""
    from contactpoint.casework.carrying_out import carry_out

    carry_out(decision=decision, by=WORKER, at=datetime.now(UTC))


@app.task(
    name="contactpoint.casework.tasks.carry_out_match",
    queue=Lane.RECORDS.value,
    retry=RetryStrategy(max_attempts=20, linear_wait=30),
)
def carry_out_match(*, decision: int) -> None:
    """Publish a row that a data manager decided on, or ask about it again."""
    from contactpoint.casework.review.carrying_out import carry_out_match

    carry_out_match(decision=decision, by=WORKER, at=datetime.now(UTC))


@app.task(
    name="contactpoint.casework.tasks.carry_out_change",
    queue=Lane.RECORDS.value,
    retry=RetryStrategy(max_attempts=20, linear_wait=30),
)
def carry_out_change(*, change: int) -> None:
    """Join or part records, as those responsible agreed."""
    from contactpoint.casework.review.moving import carry_out_change

    carry_out_change(change=change, by=WORKER, at=datetime.now(UTC))


@app.task(
    name="contactpoint.casework.tasks.tend_identities",
    queue=Lane.RECORDS.value,
    retry=RetryStrategy(max_attempts=20, linear_wait=30),
)
def tend_identities() -> None:
    """Seal former records, start fresh ones that are due, carry out what the custodian decided (SHI-7).

    No argument: the queue tells neither whose nor how many.
    """
    from contactpoint.casework.identity.carrying_out import tend

    tend(by=WORKER, at=datetime.now(UTC))


@app.periodic(cron="*/10 * * * *")
@app.task(
    name="contactpoint.casework.tasks.look_after_identities",
    queueing_lock="identities-due",
    queue=Lane.RECORDS.value,
)
def look_after_identities(timestamp: int) -> None:
    """The same, every ten minutes: fresh records start at moments that nothing else marks."""
    tend_identities()


@app.task(
    name="contactpoint.casework.tasks.publish_endings",
    queue=Lane.RECORDS.value,
    retry=RetryStrategy(max_attempts=20, linear_wait=30),
)
def publish_endings() -> None:
    """Bring records up to what was stated: left England, died, stays on."""
    from contactpoint.casework.leavers.carrying_out import publish_endings

    publish_endings(by=WORKER, at=datetime.now(UTC))
