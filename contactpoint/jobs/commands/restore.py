"""`contactpoint restore`: puts a backup in place of the database, and replays the ledger over it.

Exit status 0: done; 1: nothing was changed, the sentence says why.
"""

from datetime import UTC, datetime
from pathlib import Path

import click

from contactpoint.jobs.database import database

HELP = "Put a backup in the place of the database, and replay the ledger over it."


@click.command(help=HELP)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--older-than-allowed",
    is_flag=True,
    help="Restore a backup of more than 35 days, where it is all there is (RET-4).",
)
def command(*, file: Path, older_than_allowed: bool) -> None:
    with database(replayed=False):
        from contactpoint.jobs.backing_up import insist_recent, put_in_place

        if not older_than_allowed:
            insist_recent(file=file, at=datetime.now(UTC))
        events = put_in_place(file=file, say=click.echo)
    # From here on it is a start like every other: migrations, then the ledger, then whoever asks.
    with database(migrate=True, replayed=False):
        from contactpoint.audit.records import Actor
        from contactpoint.directory.keeping.replay import replay
        from contactpoint.jobs.progress_bar import progress_bar

        with progress_bar() as progress:
            done = replay(by=Actor(None, None, "command"), at=datetime.now(UTC), progress=progress)
    click.echo(
        f"Restored {file.name}; {events:,} later events of the log kept; {done:,} ledger entries replayed."
    )
