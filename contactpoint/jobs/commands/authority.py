"""`contactpoint authority`: how far each authority has come, what the next step of one lacks (SHI-10).

Steps are proposed and signed by two people on the pages, where both have proved who they are; never here.
"""

from datetime import UTC, datetime

import click

from contactpoint.jobs.database import database

HELP = "Show how far each authority has come with opening, and what its next step lacks."


@click.group(help=HELP)
def command() -> None:
    pass


@command.command("list")
def list_authorities() -> None:
    """Every authority with its step, and since when."""
    with database():
        from contactpoint.casework.opening.queries import find_standings

        for each in find_standings(at=datetime.now(UTC)):
            since = f"{each.since:%Y-%m-%d}" if each.since else "-" * 10
            state = "open  " if each.is_open else "closed"
            click.echo(f"{each.code}  {state}  {since}  {each.step:<36}  {each.name}")


@command.command("readiness")
@click.argument("code")
def readiness(code: str) -> None:
    """The steps of the authority CODE (DfE code), and what each still lacks."""
    with database():
        from contactpoint.casework.opening.queries import find_readiness

        found = find_readiness(code=code, at=datetime.now(UTC))
        click.echo(f"{found.name}: {'open' if found.is_open else 'not open'}")
        for line in found.steps:
            signed = f"signed {line.done_at:%Y-%m-%d}" if line.done_at else "not signed"
            click.echo(f"  {line.title}: {signed}")
            for missing in line.missing:
                click.echo(f"    - {missing}")
        if found.waiting:
            what = "taking back " if found.waiting.is_reversal else ""
            click.echo(f"Waits for a second person: {what}{found.waiting.title}.")


@command.command("open")
@click.argument("codes", nargs=-1, required=True)
def open_some(codes: tuple[str, ...]) -> None:
    """Open authorities CODES without the steps: in a demo alone, where every child is made up."""
    from django.conf import settings

    if not settings.DEMO:
        raise click.ClickException(
            "An authority opens in steps that two people sign on the page “Openings”; nothing was changed. "
            "This command is for the demo, with made-up children."
        )
    with database():
        from contactpoint.audit.records import Actor
        from contactpoint.directory.opening_up import open_authorities

        now = datetime.now(UTC)
        by = Actor(account_id=None, organisation_id=None, door="command")
        open_authorities(codes=codes, on=now.date(), by=by, at=now)
        click.echo("Opened: " + ", ".join(codes))
