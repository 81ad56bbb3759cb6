"""`contactpoint database`: make it ready, or hold it up for other commands."""

import signal
from contextlib import suppress

import click

from contactpoint.jobs.database import database

HELP = "Make the database ready; run it; show where it is."


SHUT_SAMPLES = """\
  REVOKE ALL ON pg_catalog.pg_stats, pg_catalog.pg_stats_ext, pg_catalog.pg_stats_ext_exprs FROM PUBLIC;
in this database: the planner's samples keep values for a while after a shield was applied.
docs/how-to/use-your-own-postgresql.md has the whole of it."""


@click.group(help=HELP)
def command() -> None:
    pass


@command.command()
@click.option(
    "--new-passwords",
    is_flag=True,
    help="Give the roles on a server of your own new passwords; other data folders are locked out.",
)
def prepare(*, new_passwords: bool) -> None:
    """Make roles, database and tables; running it again changes nothing."""
    from django.conf import settings

    from contactpoint.database.roles import may_read_samples

    with database(migrate=True, new_passwords=new_passwords):
        click.echo("The database is ready.")
        if may_read_samples(settings.DATABASE):
            click.echo(f"One thing is left to a superuser of your server, once:\n{SHUT_SAMPLES}", err=True)


@command.command()
def tidy() -> None:
    """Rebuild indexes that a first load left partly empty; nobody waits, and it may be stopped."""
    with database():
        from django.db import connections

        from contactpoint.database.tidying import rebuild_indexes
        from contactpoint.jobs.progress_bar import progress_bar

        with progress_bar() as progress, connections["owner"].cursor() as cursor:
            before, after = rebuild_indexes(cursor, progress=progress)
        click.echo(f"The indexes take {after >> 20:,} MB; before, they took {before >> 20:,} MB.")


@command.command()
def run() -> None:
    """Hold the embedded database up until Ctrl-C, so that other commands start faster."""
    with database(migrate=True):
        click.echo("The database is up. Ctrl-C stops it.")
        with suppress(KeyboardInterrupt):
            signal.pause()


@command.command()
@click.option("--role", default="contactpoint_app", show_default=True, help="Which role to sign in as.")
def shell(role: str) -> None:
    """Open psql as one of the roles."""
    import os
    import subprocess

    from django.conf import settings

    from contactpoint.database.embedded import BINARIES

    with database():
        facts = settings.DATABASE.connection(role)
        environment = {**os.environ, "PGPASSWORD": str(facts["password"])}
        subprocess.run(
            [
                BINARIES / "psql",
                "-h",
                facts["host"],
                "-p",
                str(facts["port"]),
                "-U",
                role,
                str(facts["dbname"]),
            ],
            env=environment,
            check=False,
        )


@command.command()
def check() -> None:
    """Fail where a model has changed and its migration is missing."""
    from django.core.management import call_command

    with database(migrate=True):
        call_command("check")
        call_command("makemigrations", "--check", "--dry-run")
