"""`contactpoint backup`: PostgreSQL's own dump of the database, without keys and ledger (RET-4)."""

from datetime import UTC, datetime
from pathlib import Path

import click

from contactpoint.jobs.database import database

HELP = "Write a backup of the database into a folder; removes its own older than 35 days."


@click.command(help=HELP)
@click.option(
    "--folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the backups lie. Never the folder of the keys or of the ledger.",
)
def command(*, folder: Path) -> None:
    with database():
        from contactpoint.jobs.backing_up import back_up

        written, removed = back_up(folder=folder, at=datetime.now(UTC))
    click.echo(f"Wrote {written} ({written.stat().st_size / 1e6:,.1f} MB).")
    if removed:
        click.echo(f"Removed {len(removed)} older than allowed.")
    click.echo(
        "Keys and ledger are not in it: keep copies of those folders apart, the ledger's newest always."
    )
