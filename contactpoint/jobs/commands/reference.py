"""`contactpoint reference`: organisations, schools and practices, by code."""

from datetime import UTC, datetime
from pathlib import Path

import click

from contactpoint.jobs.database import database

HELP = "Enter or refresh organisations, schools and practices from a folder of CSV files."


@click.command(help=HELP)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    with database():
        from contactpoint.audit.records import Actor
        from contactpoint.intake.reference import load_reference
        from contactpoint.jobs.progress_bar import progress_bar

        with progress_bar() as progress:
            count = load_reference(
                folder=folder,
                by=Actor(account_id=None, organisation_id=None, door="command"),
                at=datetime.now(UTC),
                progress=progress,
            )
    click.echo(f"{count:,} organisations are registered.")
