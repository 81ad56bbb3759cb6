"""What the worker does for casework. Its argument is the decision's id, never a child's number (SHI-9)."""

from datetime import UTC, datetime

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from contactpoint.audit.records import Actor

WORKER = Actor(account_id=None, organisation_id=None, door="worker")


@app.task(
    name="contactpoint.casework.tasks.carry_out_decision",
    retry=RetryStrategy(max_attempts=20, linear_wait=30),
)
def carry_out_decision(*, decision: int) -> None:
    """Lift a shield, or publish a row that was held near one, as an officer decided."""
    from contactpoint.casework.carrying_out import carry_out

    carry_out(decision=decision, by=WORKER, at=datetime.now(UTC))
