"""The command `contactpoint`: a group whose subcommands are the modules in `commands`.

Errors of our four families become one sentence and exit status 1; a mistake of ours keeps its traceback.
"""

import ast
import errno
import importlib
import os
import signal
import sys
from pathlib import Path

import click

from contactpoint.database.facts import DatabaseTrouble
from contactpoint.errors import ContactPointError

# Troubles of the machine that are no mistake of ours: a full disk, a folder that may not be written.
OF_THE_MACHINE = {
    errno.ENOENT,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.ENOTDIR,
    errno.EISDIR,
}
COMMANDS = Path(__file__).parent / "commands"


class Commands(click.Group):
    """Finds subcommands by file name, and reads their HELP without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(path.stem.replace("_", "-") for path in COMMANDS.glob("[!_]*.py"))

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        module = name.replace("-", "_")
        if not (COMMANDS / f"{module}.py").exists():
            return None
        return importlib.import_module(f"contactpoint.jobs.commands.{module}").command  # type: ignore[no-any-return]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, _help_line(name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _help_line(name: str) -> str:
    tree = ast.parse((COMMANDS / f"{name.replace('-', '_')}.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "HELP":
            return str(ast.literal_eval(node.value))
    return ""


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="contactpoint")
def contactpoint() -> None:
    """ContactPoint: who else is working with this child?

    Run `contactpoint COMMAND --help` for what a command takes.

    \b
    contactpoint demo                                        a made-up England, to try it all out
    contactpoint load census.csv --supplier school_census    a supplier's file
    contactpoint log --account sam.okafor@children.example   what somebody did
    """


def _stop(*_: object) -> None:
    """A polite end, as by Ctrl-C: what was begun is closed in order."""
    raise KeyboardInterrupt


def main() -> None:
    """Entry point: runs the command, turns errors into sentences."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactpoint.settings")
    for polite in (signal.SIGINT, signal.SIGTERM):  # a shell's background jobs begin with SIGINT ignored
        signal.signal(polite, _stop)
    try:
        contactpoint.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nStopped.", err=True)
        sys.exit(130)
    except (ContactPointError, DatabaseTrouble) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        if error.errno not in OF_THE_MACHINE:
            raise
        where = f": {error.filename}" if error.filename else ""
        click.echo(f"Error: {error.strerror}{where}. Mend that, then run the same command again.", err=True)
        sys.exit(1)
