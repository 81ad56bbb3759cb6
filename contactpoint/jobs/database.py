"""Opening the database for a command: embedded server up, Django ready, roles chosen."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial

import click
import django
from django.core.management import call_command

from contactpoint.jobs.turns import our_turn

WAITING = "Another process is making the database ready; waiting for it"


@contextmanager
def database(
    *,
    migrate: bool = False,
    new_passwords: bool = False,
    settings: dict[str, str] | None = None,
    replayed: bool = True,
) -> Iterator[None]:
    """Hold the database up for the block. Troubles become one sentence and exit status 1.

    A database that is older than the ledger is brought up to it first (RET-4), unless `replayed` is False.

    A command that works with children's rows uses the connection `match`; one that serves uses `default`.
    """
    from django.conf import settings as django_settings

    from contactpoint.database.embedded import running
    from contactpoint.database.facts import OWNER, DatabaseTrouble
    from contactpoint.database.roles import insist_on_password, prepare_roles

    facts = django_settings.DATABASE
    try:
        say = partial(click.echo, err=True)
        with running(facts, say=say, settings=settings) if facts.embedded else nullcontext():
            if migrate or not facts.password("contactpoint_app"):
                with our_turn(facts.data / "preparing", say=say, waiting=WAITING):
                    prepare_roles(facts, new_passwords=new_passwords)
                    _learn_passwords()
                    django.setup()
                    _insist_not_newer()
                    call_command("migrate", database="owner", verbosity=0)
                    call_command("createcachetable", database="owner", verbosity=0)
            else:
                insist_on_password(facts, OWNER)
                django.setup()
                _insist_not_newer()
                _insist_up_to_date()
            if replayed:
                _replay()
            yield
    except DatabaseTrouble as trouble:
        raise click.ClickException(str(trouble)) from trouble


def _replay() -> None:
    from contactpoint.directory.keeping.child_keys import KeysNotWritten, MasterKeyLost, check_master_key
    from contactpoint.directory.keeping.guard import bring_up_to_ledger

    done = bring_up_to_ledger()
    if done:
        click.echo(f"Replayed {done:,} entries of the ledger over an older database.", err=True)
    try:
        check_master_key()
    except (MasterKeyLost, KeysNotWritten) as trouble:  # all that needs no key goes on
        click.echo(f"Warning: {trouble}", err=True)


def _learn_passwords() -> None:
    """The roles may just have been made: put their passwords where Django looks."""
    from django.conf import settings as django_settings

    for entry in django_settings.DATABASES.values():
        entry["PASSWORD"] = django_settings.DATABASE.password(str(entry["USER"]))


def _insist_not_newer() -> None:
    """A newer program's tables are not ours to write to."""
    from django.db import connections
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connections["owner"])
    unknown = sorted(set(loader.applied_migrations) - set(loader.disk_migrations))
    connections["owner"].close()
    if unknown:
        names = ", ".join(f"{app} {name}" for app, name in unknown[:3]) + (", …" if unknown[3:] else "")
        raise click.ClickException(
            f"The database's tables were made by a newer program ({names}). "
            "Nothing was changed. Run that program, or choose another data folder (CONTACTPOINT_DATA)."
        )


def _insist_up_to_date() -> None:
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections["owner"])
    if not executor.loader.applied_migrations:
        raise click.ClickException(
            "There is no database in this data folder yet. Nothing was changed. "
            "Run `contactpoint database prepare` once, then the same command again."
        )
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise click.ClickException(
            "The database's tables are older than this program. Nothing was changed. "
            "Run `contactpoint database prepare`, then the same command again."
        )
    connections["owner"].close()
