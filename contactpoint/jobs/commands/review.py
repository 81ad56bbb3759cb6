"""`contactpoint review`: doubtful matches at a terminal, by a named data manager (SUP-8).

The same rights, the same door and the same log as the page; who it is, password and code prove.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from contactpoint.jobs.database import database

if TYPE_CHECKING:
    from contactpoint.access.records import Viewer

HELP = "Doubtful matches: how many wait, one of them with the evidence, the decision."
SAID = {
    "same": "Recorded: the same child.",
    "different": "Recorded: not the same child.",
    "other-authority": "Sent to the other authority.",
    "later": "Left for later: it is at the end of the queue.",
}
KEYS = {"s": "same", "d": "different", "o": "other-authority", "l": "later"}


@click.group(help=HELP)
def command() -> None:
    """Reads and decides as the person named."""


def _as_somebody(function: Callable[..., None]) -> Callable[..., None]:
    return click.option("--as", "email", required=True, help="Your own e-mail address.")(function)


@contextmanager
def _proved(email: str) -> Iterator["Viewer"]:
    password = click.prompt("Password", hide_input=True, err=True)
    code = click.prompt("Code of your authenticator app", hide_input=True, err=True)
    with database():
        from contactpoint.access.by_command import prove_viewer

        yield prove_viewer(email=email, password=password, code=code, at=datetime.now(UTC))


@command.command("list", help="How many rows wait for your authority, and for how long.")
@_as_somebody
def list_command(email: str) -> None:
    with _proved(email) as viewer:
        _show_counts(viewer)


@command.command("show", help="One question: both sides, and the reason in words and bits.")
@click.argument("row", type=int)
@_as_somebody
def show_command(row: int, email: str) -> None:
    with _proved(email) as viewer:
        _show(viewer, row)


@command.command("decide", help="Decide one question; CHILD is the number that `show` gave.")
@click.argument("row", type=int)
@click.argument("answer", type=click.Choice(list(SAID)))
@click.option("--child", help="Which child it is, or is not: nobody decides on what they have not seen.")
@_as_somebody
def decide_command(row: int, answer: str, child: str | None, email: str) -> None:
    if answer in {"same", "different"} and not child:
        raise click.UsageError("Say with --child which child you have looked at: `contactpoint review show`.")
    with _proved(email) as viewer:
        _decide(viewer, row, answer, child or "")
    click.echo(SAID[answer])


@command.command("work", help="One question after the other, until none is left or you stop.")
@_as_somebody
def work_command(email: str) -> None:
    with _proved(email) as viewer:
        from django.conf import settings

        from contactpoint.access.by_command import get_cleared
        from contactpoint.access.policies import SessionLimits, judge_session
        from contactpoint.casework.review.queries import find_next_review
        from contactpoint.errors import Conflict

        limits = SessionLimits(idle=settings.SESSION_IDLE, absolute=settings.SESSION_ABSOLUTE)
        _show_counts(viewer)
        began = seen = datetime.now(UTC)
        now_viewer = viewer
        while (row := find_next_review(by=now_viewer, at=seen)) is not None:
            child = _show(now_viewer, row)
            key = click.prompt("[s]ame, [d]ifferent, [o]ther authority, [l]ater, [q]uit", type=_choice(child))
            if key == "q":
                return
            now = datetime.now(UTC)
            if judge_session(started_at=began, last_seen_at=seen, at=now, limits=limits):
                raise click.ClickException("Too long ago. Nothing was changed: prove again who you are.")
            seen, now_viewer = now, get_cleared(account_id=viewer.account_id, at=now)
            try:
                _decide(now_viewer, row, KEYS[key], child)
                click.echo(SAID[KEYS[key]])
            except Conflict as meanwhile:
                click.echo(str(meanwhile))
        click.echo("Nothing else waits for you at the moment.")


def _choice(child: str) -> click.Choice[str]:
    return click.Choice([*(KEYS if child else "l"), "q"])


def _decide(viewer: "Viewer", row: int, answer: str, child: str) -> None:
    from contactpoint.casework.review import actions
    from contactpoint.casework.review.records import Answer
    from contactpoint.codes.child_number import decode, encode

    at = datetime.now(UTC)
    if answer == "other-authority":
        actions.pass_review(by=viewer, review=row, at=at)
    elif answer == "later":
        actions.leave_review(by=viewer, review=row, at=at)
    else:
        value = decode(child)
        if value is None:
            raise click.UsageError("That is no ContactPoint number: `contactpoint review show` gives it.")
        actions.decide_match(by=viewer, review=row, child=encode(value), answer=Answer(answer), at=at)


def _show_counts(viewer: "Viewer") -> None:
    from contactpoint.casework.review.queries import count_reviews

    now = datetime.now(UTC)
    counts = count_reviews(by=viewer, at=now)
    table = _table(f"Rows that wait for {counts.authority}", "", "rows")
    for words, count in (
        ("waiting", counts.waiting),
        ("for less than a day", counts.day),
        ("for less than a week", counts.week),
        ("for longer", counts.older),
        ("several children fit", counts.several),
        ("another authority too", counts.across),
        ("sent to the other authority", counts.passed),
        ("decided", counts.decided),
    ):
        table.add_row(words, f"{count:,}")
    if counts.oldest:
        table.add_row("the oldest waits for", f"{(now - counts.oldest).days} days")
    _print(table)


def _show(viewer: "Viewer", row: int) -> str:
    """Gives the number of the child that the row was compared with; '' where none is left."""
    from contactpoint.casework.review.queries import read_review
    from contactpoint.codes.child_number import format_child_number

    review = read_review(by=viewer, review=row, at=datetime.now(UTC))
    found = review.comparison
    title = f"Row {review.id} from {review.sector}, received {review.supplied_at:%d %B %Y}"
    if found is None:
        click.echo(f"{title}: the record that it was compared with is no longer there.")
        return ""
    number = format_child_number(found.number)
    sides = _table(title, "field", "the new row", f"the record {number}", "")
    for line in found.lines:
        sides.add_row(line.field, "\n".join(line.left), "\n".join(line.right), line.likeness.value)
    reasons = _table(review.why, "evidence", "", "bits")
    reasons.add_row("Before looking", "any two rows", f"{found.start:+.1f}")
    for part in found.parts:
        reasons.add_row(part.field, part.words, f"{part.weight:+.1f}")
    reasons.add_row("Together", f"{found.probability:.1%} the same child", f"{found.total:+.1f}")
    _print(sides, reasons)
    if review.looked_by:
        click.echo(f"{review.looked_by} has this open too. Whoever decides second is told.")
    if review.other_authorities:
        click.echo(f"{' and '.join(review.other_authorities)} may decide it too.")
    if review.others:
        click.echo(f"{review.others} more fit this row: you are asked next if this is not the same child.")
    return number


def _table(title: str, *headings: str) -> Any:
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading, justify="right" if heading in {"rows", "bits"} else "left")
    return table


def _print(*tables: Any) -> None:
    from rich.console import Console

    Console(highlight=False).print(*tables)
