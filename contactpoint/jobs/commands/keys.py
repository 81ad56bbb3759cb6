"""`contactpoint keys`: the master key that wraps the keys of archived records (RET-4)."""

import click

from contactpoint.jobs.database import database

HELP = "Make a master key, or wrap the keys of archived records under a new one."


@click.group(help=HELP)
def command() -> None: ...


@command.command()
def make() -> None:
    """Print a new master key, for CONTACTPOINT_MASTER_KEY. Keep a copy away from this machine."""
    from cryptography.fernet import Fernet

    click.echo(Fernet.generate_key().decode())


@command.command()
def rewrap() -> None:
    """Wrap every key under the first of CONTACTPOINT_MASTER_KEY's keys; then the others may go."""
    with database():
        from contactpoint.directory.keeping.child_keys import rewrap_keys

        click.echo(f"Wrapped {rewrap_keys():,} keys under the first master key.")
