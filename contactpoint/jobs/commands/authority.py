"""`contactpoint authority`: which authorities' children can be found, and opening one (SHI-10)."""

from datetime import UTC, datetime

import click

from contactpoint.jobs.database import database

HELP = "Show which authorities are open; open one once its shielding window has closed."


@click.group(help=HELP)
def command() -> None:
    pass


@command.command("list")
def list_authorities() -> None:
    """Every authority, and whether its children can be found."""
    with database():
        from contactpoint.codes.authorities import AUTHORITIES
        from contactpoint.directory.opening_up import find_opened

        today = datetime.now(UTC).date()
        opened = find_opened(on=today)
        for authority in AUTHORITIES.values():
            if authority.is_current(today):
                state = "open  " if authority.code in opened else "closed"
                click.echo(f"{authority.code}  {state}  {authority.name}")


@command.command("open")
@click.argument("codes", nargs=-1, required=True)
@click.confirmation_option(prompt="Has each of these authorities closed its shielding window?")
def open_some(codes: tuple[str, ...]) -> None:
    """Let the children of authorities CODES (DfE codes) be found from today."""
    with database():
        from contactpoint.audit.records import Actor
        from contactpoint.directory.opening_up import open_authorities

        now = datetime.now(UTC)
        by = Actor(account_id=None, organisation_id=None, door="command")
        open_authorities(codes=codes, on=now.date(), by=by, at=now)
        click.echo("Opened: " + ", ".join(codes))
