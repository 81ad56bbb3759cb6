"""`contactpoint reference`: organisations, schools and practices, by code.

`load gias FILE` takes the Department for Education's daily file of schools (edubasealldata),
`load ods FILE` the NHS report of general practices (epraccur), both as published;
`load folder FOLDER` takes organisations.csv, schools.csv and practices.csv of the made-up England.
"""

from datetime import UTC, datetime
from pathlib import Path

import click

from contactpoint.jobs.database import database

HELP = "Enter or refresh schools (GIAS), practices (ODS) and other organisations from public registers."


@click.group(help=HELP)
def command() -> None:
    pass


@command.group(help="Load a register. Loading it again refreshes what it says; nothing is taken away.")
def load() -> None:
    pass


@load.command(help="Schools: edubasealldata.csv from get-information-schools.service.gov.uk.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def gias(file: Path) -> None:
    _load_register("gias", file)


@load.command(help="Practices: epraccur.csv from the NHS Organisation Data Service.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def ods(file: Path) -> None:
    _load_register("ods", file)


@load.command(help="A folder with organisations.csv, schools.csv or practices.csv.")
@click.argument("path", metavar="FOLDER", type=click.Path(exists=True, file_okay=False, path_type=Path))
def folder(path: Path) -> None:
    with database():
        from contactpoint.audit.records import Actor
        from contactpoint.intake.reference import load_reference
        from contactpoint.jobs.progress_bar import progress_bar

        with progress_bar() as progress:
            count = load_reference(
                folder=path,
                by=Actor(account_id=None, organisation_id=None, door="command"),
                at=datetime.now(UTC),
                progress=progress,
            )
    click.echo(f"{count:,} organisations are registered.")


def _load_register(which: str, file: Path) -> None:
    with database():
        from contactpoint.audit.records import Actor
        from contactpoint.intake.registers import load_gias, load_ods
        from contactpoint.jobs.progress_bar import progress_bar

        loader = {"gias": load_gias, "ods": load_ods}[which]
        with progress_bar() as progress:
            done = loader(
                path=file,
                by=Actor(account_id=None, organisation_id=None, door="command"),
                at=datetime.now(UTC),
                progress=progress,
            )
    click.echo(
        f"{done.places:,} places are registered, {done.closed:,} of them closed, "
        f"and {done.other_codes:,} other codes for them."
    )
