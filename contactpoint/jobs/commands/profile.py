"""`contactpoint profile`: draft a supplier's profile from a file, and see what it would make of the file.

`suggest` writes a draft; `check` loads nothing; `sample` makes up a file in a published shape.
None of them needs the database, and none prints a child's value.
"""

import shlex
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

HELP = "Draft a supplier's profile from a file, check it, or make up a file in a published format."
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)
_MOST_SHOWN = 40


@click.group(help=HELP)
def command() -> None:
    import django

    django.setup()


@command.command(help="Draft a profile from the columns and values of FILE; prohibited columns are left out.")
@click.argument("file", type=_FILE)
@click.option("--out", type=_OUT, help="Write the draft here; else it is shown.")
@click.option("--sheet", default="", help="The sheet of a workbook.")
@click.option("--authority", default="", help="DfE code of the authority where an address gives none.")
def suggest(file: Path, out: Path | None, sheet: str, authority: str) -> None:
    from contactpoint.access.policies import ENGLAND
    from contactpoint.intake.profiles import read_profile
    from contactpoint.intake.profiles_suggesting import suggest_profile

    on = datetime.now(UTC).astimezone(ENGLAND).date()
    text = suggest_profile(path=file, on=on, sheet=sheet, authority=authority)
    read_profile(content=text.encode(), source="the draft")
    if out is None:
        click.echo(text, nl=False)
        return
    out.write_text(text, encoding="utf-8")
    click.echo(f"Written to {out}. Next: {_command('profile check', file, '--profile', out)}")


@command.command(
    help="Show what a profile maps and drops of FILE, and how valid its rows are; loads nothing."
)
@click.argument("file", type=_FILE)
@click.option("--profile", "name", required=True, help="A profile by name, or the path of a .toml file.")
def check(file: Path, name: str) -> None:
    from contactpoint.access.policies import ENGLAND
    from contactpoint.intake.profiles import get_profile
    from contactpoint.intake.profiles_showing import show_file

    on = datetime.now(UTC).astimezone(ENGLAND).date()
    shown = show_file(path=file, profile=get_profile(name=name), on=on)
    console = Console()
    console.print(
        f"The file is {shown.format}. Of the first {shown.rows:,} rows {shown.refused:,} would be refused."
    )
    table = Table()
    for heading in ("our field", "the sender's", "provided", "invalid", "looks like"):
        table.add_column(heading, overflow="fold")
    for each in shown.fields:
        table.add_row(
            each.path, each.column, f"{each.provided:,}", f"{each.invalid:,}", "  or  ".join(each.shapes)
        )
    console.print(table, highlight=False, markup=False)
    for row in shown.first:
        bad = [path for path, what in row.fields if what == "invalid"]
        absent = [path for path, what in row.fields if what == "not provided"]
        said = f"Row {row.line}: {'received' if row.is_received else 'REFUSED'}"
        said += f"; invalid: {', '.join(bad)}" if bad else ""
        said += f"; not provided: {', '.join(absent)}" if absent else ""
        console.print(said, highlight=False, markup=False)
    for words, count in shown.problems[:_MOST_SHOWN]:
        console.print(f"{count:,} x {words}", highlight=False, markup=False)
    if shown.not_agreed:
        console.print(
            f"Mapped, and not in may_supply, so never read: {', '.join(shown.not_agreed)}", markup=False
        )
    if shown.dropped:
        names = ", ".join(name for name, _ in shown.dropped[:_MOST_SHOWN])
        console.print(f"Dropped unread, because nothing maps it: {names}", highlight=False, markup=False)
        for what, count in shown.kinds:
            console.print(f"  {count:,} values of {what}", highlight=False, markup=False)
    click.echo(f"Next: {_command('load', file, '--supplier', name)}")


def _command(words: str, file: Path, option: str, profile: Path | str) -> str:
    """A line to copy, whatever a file is called."""
    return shlex.join(["contactpoint", *words.split(), str(file), option, str(profile)])


@command.command(help="Make up a file in a published format, such as common_transfer_file.xml.")
@click.argument("name")
@click.option("--out", required=True, type=_OUT, help="The file to write.")
@click.option("--children", default=100, show_default=True, type=click.IntRange(1, 100_000))
@click.option(
    "--seed",
    default=1,
    show_default=True,
    type=click.IntRange(0, 2**32 - 1),
    help="The same seed gives the same children.",
)
def sample(name: str, out: Path, children: int, seed: int) -> None:
    from contactpoint.synthetic.england import make_england
    from contactpoint.synthetic.published import insist_sample, write_sample

    insist_sample(name)
    with tempfile.TemporaryDirectory() as folder:
        make_england(children=children * 2, seed=seed, out=Path(folder))
        write_sample(name=name, england=Path(folder), out=out, children=children)
    click.echo(f"Written to {out}: made-up children only.")
