"""What the worker does for access. Arguments are ids and the service's own address."""

from datetime import UTC, datetime

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from contactpoint.audit.records import Actor

NIGHTLY = "20 2 * * *"
WORKER = Actor(account_id=None, organisation_id=None, door="worker")
NOBODY = 0
EVERY_FIVE_MINUTES = "*/5 * * * *"


@app.task(
    name="contactpoint.access.tasks.send_password_link",
    retry=RetryStrategy(max_attempts=5, linear_wait=30),
)
def send_password_link(*, account: int, site: str) -> None:
    """A link for a new password. Asked for nobody it does nothing: the page takes as long for either."""
    from contactpoint.access.actions.links import answer_forgotten

    if account != NOBODY:
        answer_forgotten(account_id=account, site=site, by=WORKER, at=datetime.now(UTC))


@app.task(
    name="contactpoint.access.tasks.tell_of_guesses",
    retry=RetryStrategy(max_attempts=5, linear_wait=30),
)
def tell_of_guesses(*, account: int) -> None:
    """Somebody guesses at an account from many places: a letter to its owner, none for nobody."""
    from contactpoint.access.notices import tell_owner_of_guesses

    if account != NOBODY:
        with transaction.atomic():
            tell_owner_of_guesses(account_id=account)


# With waits that grow by five minutes a letter is tried for more than a day; then the job stays, failed.
@app.task(name="contactpoint.access.tasks.send_letter", retry=RetryStrategy(max_attempts=24, linear_wait=300))
def send_letter(*, sealed: str) -> None:
    """Hand one letter to GOV.UK Notify, and ask later what became of it."""
    from contactpoint.access.letters import hand_over, open_letter

    number = hand_over(letter=open_letter(sealed=sealed), by=WORKER, at=datetime.now(UTC))
    if number:
        ask_of_letter.configure(schedule_in={"minutes": 30}).defer(number=number, sealed=sealed)


@app.task(
    name="contactpoint.access.tasks.ask_of_letter", retry=RetryStrategy(max_attempts=24, linear_wait=1800)
)
def ask_of_letter(*, number: str, sealed: str) -> None:
    """Did it arrive, or come back? Asked again while Notify itself does not know."""
    from contactpoint.access.letters import NotTaken, ask_what_became, open_letter

    email = open_letter(sealed=sealed).to
    if not ask_what_became(number=number, email=email, by=WORKER, at=datetime.now(UTC)):
        raise NotTaken("Notify does not know yet what became of a letter.")


@app.periodic(cron=EVERY_FIVE_MINUTES)
@app.task(name="contactpoint.access.tasks.end_overdue_visits", queueing_lock="end_overdue_visits")
def end_overdue_visits(timestamp: int) -> None:
    """Mediated visits whose mediator never came back: each is over by its time, this tells whom it served."""
    from contactpoint.access.actions import ending_visit

    ending_visit.end_overdue_visits(by=WORKER, at=datetime.now(UTC))


@app.periodic(cron=NIGHTLY)
@app.task(name="contactpoint.access.tasks.warn_and_tidy", queueing_lock="warn_and_tidy")
def warn_and_tidy(timestamp: int) -> None:
    """Every night; a night that was missed is made up for by the next."""
    from contactpoint.access.actions import tidying

    tidying.warn_and_tidy(by=WORKER, at=datetime.now(UTC))
