"""`contactpoint practice`: where people learn, with made-up children and a database of its own (ACC-11).

Its folder lies in the data folder and carries a mark, which the settings obey whatever the environment says,
so that no command there reaches another database, and no supplier's file is taken.
"""

import os
import shutil
from pathlib import Path

import click

HELP = "The practice service: made-up children, its own database, as new by one command."
PROJECT = Path(__file__).resolve().parents[3]
MARK = "practice.mark"
# What would lead out of the practice folder, or stand for a real service.
OTHERS = (
    "DATABASE_URL",
    "CONTACTPOINT_KEYS",
    "CONTACTPOINT_LEDGER",
    "CONTACTPOINT_MASTER_KEY",
    "CONTACTPOINT_NOTIFY_KEY",
)

_children = click.option("--children", default=5_000, show_default=True, help="How many children to make up.")


@click.group(help=HELP)
def command() -> None:
    """Move into the practice folder, before any setting is read."""
    data = Path(os.environ.get("CONTACTPOINT_DATA") or PROJECT / ".data").expanduser().resolve()
    folder = data if (data / MARK).exists() else data / "practice"
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise click.ClickException(
            f"{folder} holds something, and is not marked for practice. Nothing was changed."
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / MARK).write_text("Everything in this folder is made up, and is deleted by `practice reset`.\n")
    os.environ["CONTACTPOINT_DATA"] = str(folder)
    for name in OTHERS:
        os.environ.pop(name, None)


@command.command()
@_children
@click.option("--port", default=8001, show_default=True, type=click.IntRange(1, 65535))
def serve(children: int, port: int) -> None:
    """Serve it on http://localhost until Ctrl-C; the first time it is made."""
    from contactpoint.jobs.commands.demo import command as demo

    click.get_current_context().invoke(demo, children=children, port=port, seed=2026)


@command.command()
@_children
def reset(children: int) -> None:
    """Delete all that learners did, and make it anew. Refused while it is served."""
    from django.conf import settings

    from contactpoint.database.embedded import is_running
    from contactpoint.jobs.database import database

    if is_running(settings.DATABASE):
        raise click.ClickException(
            "The practice service is running; nothing was changed. Stop it, then the same command again."
        )
    for each in settings.DATA_DIR.iterdir():
        if each.name == MARK:
            continue
        shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
    with database(migrate=True):
        from contactpoint.jobs.demo import prepare_demo
        from contactpoint.jobs.progress_bar import progress_bar

        with progress_bar() as progress:
            prepare_demo(children=children, seed=2026, progress=progress)
    click.echo("The practice service is as new. `contactpoint practice serve` serves it.")
