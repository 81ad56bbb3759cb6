"""What the worker does for access. Arguments are ids and the service's own address."""

from datetime import UTC, datetime

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from contactpoint.audit.records import Actor

NIGHTLY = "20 2 * * *"
WORKER = Actor(account_id=None, organisation_id=None, door="worker")
NOBODY = 0


@app.task(
    name="contactpoint.access.tasks.send_password_link",
    retry=RetryStrategy(max_attempts=5, linear_wait=30),
)
def send_password_link(*, account: int, site: str) -> None:
    """A link for a new password. Asked for nobody it does nothing: the page takes as long for either."""
    from contactpoint.access.actions.links import answer_forgotten

    if account != NOBODY:
        answer_forgotten(account_id=account, site=site, by=WORKER, at=datetime.now(UTC))


@app.periodic(cron=NIGHTLY)
@app.task(name="contactpoint.access.tasks.warn_and_tidy", queueing_lock="warn_and_tidy")
def warn_and_tidy(timestamp: int) -> None:
    """Every night; a night that was missed is made up for by the next."""
    from contactpoint.access.actions import tidying

    tidying.warn_and_tidy(by=WORKER, at=datetime.now(UTC))
