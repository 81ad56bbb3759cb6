"""`contactpoint load`: one supplier's file, from bytes to searchable records; `load withdraw` undoes one.

Exit status 0: loaded (some rows may be refused: see the receipts); 1: the file as a whole was refused,
or the load could not go on; 2: the command was wrong; 3: held at the gate, nothing was loaded.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from contactpoint.jobs.database import database

MOST_PROBLEMS = 10
if TYPE_CHECKING:
    from contactpoint.intake.records import LoadReport
    from contactpoint.intake.rehearsing import Rehearsal

HELP = "Load a supplier's file: check, judge, match, publish, and write a receipt for every row."
HELD = 3


class _Load(click.Group):
    """`load FILE` without a word between, and `load withdraw ID`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args if args[:1] == ["withdraw"] else ["file", *args])


@click.group(cls=_Load, help=HELP)
def command() -> None:
    """A group with a default."""


@command.command("file", help=f"{HELP} `contactpoint load withdraw ID` undoes a load.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--supplier", required=True, help="A supplier's profile by name, or the path of a .toml file.")
@click.option("--kind", type=click.Choice(["snapshot", "delta"]), help="Instead of what the profile says.")
@click.option(
    "--extracted", type=click.DateTime(["%Y-%m-%d"]), help="The day on which its sender made the file."
)
@click.option("--rehearse", is_flag=True, help="Only say what a load would; keep nothing.")
def file_command(
    file: Path, supplier: str, kind: str | None, extracted: datetime | None, *, rehearse: bool
) -> None:
    with database():
        from contactpoint.audit.records import Actor
        from contactpoint.intake.actions import load_file
        from contactpoint.intake.profiles import FeedKind
        from contactpoint.intake.register import get_supplier_profile
        from contactpoint.intake.rehearsing import rehearse_file
        from contactpoint.jobs.progress_bar import progress_bar

        profile = get_supplier_profile(supplier=supplier)
        by = Actor(account_id=None, organisation_id=None, door="command")
        kind_given = FeedKind(kind) if kind else None
        made_on = extracted.date() if extracted else None
        with progress_bar() as progress:
            now = datetime.now(UTC)
            if rehearse:
                said = rehearse_file(
                    path=file,
                    profile=profile,
                    by=by,
                    at=now,
                    kind=kind_given,
                    extracted_on=made_on,
                    progress=progress,
                )
            else:
                report = load_file(
                    path=file,
                    profile=profile,
                    by=by,
                    at=now,
                    kind=kind_given,
                    extracted_on=made_on,
                    progress=progress,
                )
    if rehearse:
        _print_rehearsal(said)
    else:
        _print_report(report)


def _print_report(report: "LoadReport") -> None:
    console = Console()
    if report.held:
        _print_held(console, report.held)
        console.print(
            f"To load it after all: contactpoint feeds release {report.load_id} --reason WHY\n"
            f"To refuse it: contactpoint feeds reject {report.load_id} --reason WHY",
            highlight=False,
        )
        sys.exit(HELD)
    _print_table(
        f"{report.supplier}: load {report.load_id}",
        (
            ("Rows in the file", report.rows),
            ("Refused (the receipts say why)", report.refused),
            ("Said the same before", report.unchanged),
            ("Made a new record", report.made),
            ("Joined a known child", report.linked),
            ("Replaced what the supplier said before", report.replaced),
            ("Ended: no longer held by the supplier", report.ended),
            ("Received, and not in a record yet: a person decides, or 18 already", report.not_placed),
        ),
    )
    _print_problems(console, report.problems, report.dropped_columns)
    for what, count in report.dropped_kinds:
        console.print(f"  {count:,} values of {what}", highlight=False)
    console.print(f"Receipts: contactpoint receipts {report.load_id} --out FILE", highlight=False)


def _print_rehearsal(said: "Rehearsal") -> None:
    rows = [
        ("Rows in the file", said.rows),
        ("Would be refused", said.refused),
        ("Received, and not published: 18 already", said.unpublished),
        ("Said the same before", said.unchanged),
        ("Say something else than before", said.changed),
        ("Would end: no longer held by the supplier", said.ended),
    ]
    if said.matches:
        rows += [
            ("Rows with a new reference", said.matches.rows),
            ("  in an open record already", said.matches.linked),
            ("  a person would be asked", said.matches.asks),
            ("  in no open record", said.matches.new),
        ]
    _print_table(f"{said.supplier}: rehearsal, nothing was kept", rows)
    console = Console()
    _print_problems(console, said.problems, said.dropped_columns)
    if said.held:
        _print_held(console, said.held)


def _print_table(title: str, rows: "list[tuple[str, int]] | tuple[tuple[str, int], ...]") -> None:
    table = Table(title=title, show_header=False, title_justify="left")
    table.add_column("what")
    table.add_column("rows", justify="right")
    for words, count in rows:
        table.add_row(words, f"{count:,}")
    Console().print(table)


def _print_problems(
    console: Console, problems: tuple[tuple[str, int], ...], dropped: tuple[str, ...]
) -> None:
    for words, count in problems[:MOST_PROBLEMS]:
        console.print(
            f"{count:,} {'row' if count == 1 else 'rows'}: {words}", highlight=False, soft_wrap=True
        )
    if more := problems[MOST_PROBLEMS:]:
        console.print(f"And {len(more)} more kinds of problem: see the receipts.", highlight=False)
    if dropped:
        listed = ", ".join(dropped)
        console.print(f"Dropped unread, because no profile maps them: {listed}", highlight=False)


def _print_held(console: Console, reasons: tuple[str, ...]) -> None:
    console.print("Held at the gate; nothing of it is loaded:", highlight=False)
    for reason in reasons:
        console.print(f"- {reason}", highlight=False)


@command.command("withdraw", help="Undo what one load did, and nothing that any other did.")
@click.argument("load", type=int)
@click.option("--yes", is_flag=True, help="Do not ask first.")
def withdraw_command(load: int, *, yes: bool) -> None:
    with database():
        from contactpoint.audit.records import Actor
        from contactpoint.intake.withdrawing import withdraw_load
        from contactpoint.jobs.progress_bar import progress_bar

        if not yes:
            click.confirm(f"Withdraw load {load}? What it said leaves every record.", abort=True)
        with progress_bar() as progress:
            done = withdraw_load(
                load_id=load,
                by=Actor(account_id=None, organisation_id=None, door="command"),
                at=datetime.now(UTC),
                progress=progress,
            )
    _print_table(
        f"Load {load} is withdrawn",
        (
            ("Rows taken away", done.removed),
            ("Rows back to what the supplier said before", done.restored),
            ("Rows ended, because practitioners work with the child", done.kept),
            ("Rows that the load had ended, and that are said again", done.resumed),
        ),
    )
