"""`contactpoint feeds`: how far each load has come; releasing or rejecting one that is held (SUP-4)."""

import time
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from contactpoint.jobs.database import database

LOOK = 2.0  # seconds between two looks
HELP = "Loads and how far they have come; release or reject one that is held."


@click.group(help=HELP, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Without a word after it: the latest loads."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_command)


@command.command("list", help="The latest loads.")
def list_command() -> None:
    with database():
        from contactpoint.intake.feeds import find_feeds

        feeds = find_feeds()
    table = Table(title="Feeds", title_justify="left")
    for heading in ("load", "supplier", "file", "kind", "received", "refused", "began", "standing"):
        table.add_column(heading, overflow="fold", min_width=10 if heading == "standing" else None)
    for each in feeds:
        table.add_row(
            str(each.id),
            each.supplier_name,
            each.file_name,
            each.kind,
            f"{each.received:,}",
            f"{each.refused:,}",
            f"{each.started_at:%Y-%m-%d %H:%M}",
            each.progress or each.words,
        )
    Console().print(table)


@command.command("show", help="One load, with every reason where it is held.")
@click.argument("load", type=int)
@click.option(
    "--follow", is_flag=True, help="Say how far it is, with rate and time left, until it has ended."
)
def show_command(load: int, *, follow: bool) -> None:
    console = Console()
    with database():
        from contactpoint.intake.feeds import find_feed

        feed, told = find_feed(load_id=load), ""
        while follow and feed.is_under_way:
            if feed.progress and feed.progress != told:
                console.print(told := feed.progress, highlight=False)
            time.sleep(LOOK)
            feed = find_feed(load_id=load)
    console.print(f"{feed.supplier_name}, {feed.file_name}: {feed.words}", highlight=False)
    if feed.progress:
        console.print(feed.progress, highlight=False)
    for step in feed.steps:
        console.print(
            f"  {'done' if step.done else 'now ' if step.now else '    '}  {step.name}", highlight=False
        )
    for reason in feed.held_why:
        console.print(f"- {reason}", highlight=False)
    if feed.decided_why:
        console.print(f"Decided: {feed.decided_why}", highlight=False)


@command.command("release", help="Let the worker load a held file after all.")
@click.argument("load", type=int)
@click.option("--reason", required=True)
def release_command(load: int, reason: str) -> None:
    with database():
        from contactpoint.audit.records import Actor
        from contactpoint.intake.holding import release_feed

        by = Actor(account_id=None, organisation_id=None, door="command")
        release_feed(load_id=load, reason=reason, by=by, at=datetime.now(UTC))
    click.echo("Released. The worker loads it: `contactpoint worker --once`, if none is running.")


@command.command("reject", help="Load nothing of a held file, and delete it.")
@click.argument("load", type=int)
@click.option("--reason", required=True)
def reject_command(load: int, reason: str) -> None:
    with database():
        from contactpoint.audit.records import Actor
        from contactpoint.intake.holding import reject_feed

        by = Actor(account_id=None, organisation_id=None, door="command")
        reject_feed(load_id=load, reason=reason, by=by, at=datetime.now(UTC))
    click.echo("Rejected. Nothing of it was loaded.")
