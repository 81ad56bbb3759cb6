"""`contactpoint ledger`: is what was shielded, withdrawn and destroyed also so in this database? (RET-4)."""

from collections import Counter
from datetime import UTC, datetime

import click

from contactpoint.jobs.database import database

HELP = "Check the ledger of shields, withdrawals and destructions, or replay it."


@click.group(help=HELP)
def command() -> None: ...


@command.command()
def check() -> None:
    """Read the whole ledger and say what it holds; fails where a line is not what was written."""
    with database(replayed=False):
        from contactpoint.directory.keeping.ledger import find_undone, read_ledger

        deeds = Counter(entry.deed.value for entry in read_ledger())
        undone = find_undone()
    for deed, count in sorted(deeds.items()):
        click.echo(f"{count:,} x {deed}")
    click.echo(
        f"The ledger is whole: {deeds.total():,} entries. Not yet done in this database: {len(undone):,}."
    )


@command.command()
def replay() -> None:
    """Do what the ledger holds and this database has not done. Serving and every command begin with this."""
    with database(replayed=False):
        from contactpoint.audit.records import Actor
        from contactpoint.directory.keeping.replay import replay as carry_out
        from contactpoint.jobs.progress_bar import progress_bar

        with progress_bar() as progress:
            done = carry_out(by=Actor(None, None, "command"), at=datetime.now(UTC), progress=progress)
    click.echo(f"Replayed {done:,} entries.")
