"""`contactpoint log`: what somebody did, or who saw a child, for an auditor at the console.

Reading the log is itself logged, before anything is shown (AUD-1, AUD-2).
"""

from datetime import UTC, datetime, timedelta

import click

from contactpoint.jobs.database import database

HELP = "Read the log: what an account did, or who saw a child."


@click.command(help=HELP)
@click.option("--account", "email", help="E-mail address of the account whose events to show.")
@click.option("--child", "number", help="ContactPoint number of the child whose events to show.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 36500), help="How far back.")
@click.option(
    "--typed", is_flag=True, help="Also open what the account typed, where the month's key still exists."
)
def command(email: str | None, number: str | None, days: int, *, typed: bool) -> None:
    if bool(email) == bool(number):
        raise click.UsageError("Say either --account or --child.")
    with database():
        from django.db import transaction

        from contactpoint.audit.actions import record_event
        from contactpoint.audit.kinds import EventKind
        from contactpoint.audit.queries import find_events_of_account, find_events_of_child
        from contactpoint.audit.records import Actor
        from contactpoint.codes.child_number import decode

        now = datetime.now(UTC)
        since = now - timedelta(days=days)
        actor = Actor(account_id=None, organisation_id=None, door="command")
        if number:
            child = decode(number)
            if child is None:
                raise click.ClickException("That is not a ContactPoint number: its check character is wrong.")
            with transaction.atomic(durable=True):
                record_event(
                    kind=EventKind.LOG_READ, actor=actor, at=now, children=[child], facts={"by": "child"}
                )
                events = find_events_of_child(child_id=child, since=since)
        else:
            account_id = _account(email or "")
            with transaction.atomic(durable=True):
                record_event(
                    kind=EventKind.LOG_READ, actor=actor, at=now, facts={"by": "account", "of": account_id}
                )
                events = find_events_of_account(account_id=account_id, since=since, typed=typed)
        _show(events)


def _account(email: str) -> int:
    from contactpoint.access.models import Account

    found = Account.objects.filter(email__iexact=email).values_list("id", flat=True).first()
    if found is None:
        raise click.ClickException("No account has that e-mail address.")
    return int(found)


def _show(events: tuple) -> None:  # type: ignore[type-arg]
    from rich.console import Console
    from rich.table import Table

    from contactpoint.access.models import Account
    from contactpoint.codes.child_number import encode, format_child_number

    names = dict(
        Account.objects.filter(
            id__in={e.actor.account_id for e in events} | {e.actor.on_behalf_of for e in events}
        ).values_list("id", "email")
    )
    table = Table("When (UTC)", "Who", "What", "Why", "Children", "Details")
    for event in events:
        details = {**event.facts, **(event.typed or {})}
        table.add_row(
            f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            names.get(event.actor.account_id, f"({event.actor.door})")
            + (f" for {names[event.actor.on_behalf_of]}" if event.actor.on_behalf_of in names else ""),
            event.kind + (" (refused)" if event.refused else ""),
            event.purpose,
            "\n".join(format_child_number(encode(child)) for child in event.children),
            "\n".join(f"{key}: {value}" for key, value in details.items()),
        )
    Console().print(table if events else "Nothing in that time.")
