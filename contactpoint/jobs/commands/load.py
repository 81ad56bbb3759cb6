"""`contactpoint load`: one supplier's file, from bytes to searchable records.

Exit status 0: loaded (some rows may be refused: see the receipts); 1: the file as a whole was refused,
or the load could not go on; 2: the command was wrong.
"""

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from contactpoint.jobs.database import database

MOST_PROBLEMS = 10
HELP = "Load a supplier's file: check, match, publish, and write a receipt for every row."


@click.command(help=HELP)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--supplier", required=True, help="A supplier's profile by name, or the path of a .toml file.")
@click.option("--kind", type=click.Choice(["snapshot", "delta"]), help="Instead of what the profile says.")
def command(file: Path, supplier: str, kind: str | None) -> None:
    with database():
        from contactpoint.audit.records import Actor
        from contactpoint.intake.actions import load_file
        from contactpoint.intake.profiles import FeedKind, get_profile
        from contactpoint.jobs.progress_bar import progress_bar

        profile = get_profile(name=supplier)
        with progress_bar() as progress:
            report = load_file(
                path=file,
                profile=profile,
                by=Actor(account_id=None, organisation_id=None, door="command"),
                at=datetime.now(UTC),
                kind=FeedKind(kind) if kind else None,
                progress=progress,
            )
    console = Console()
    table = Table(title=f"{report.supplier}: load {report.load_id}", show_header=False, title_justify="left")
    table.add_column("what")
    table.add_column("rows", justify="right")
    for words, count in (
        ("Rows in the file", report.rows),
        ("Refused (the receipts say why)", report.refused),
        ("Said the same before", report.unchanged),
        ("Made a new record", report.made),
        ("Joined a known child", report.linked),
        ("Replaced what the supplier said before", report.replaced),
        ("Received, and not in a record yet: a person decides, or 18 already", report.not_placed),
    ):
        table.add_row(words, f"{count:,}")
    console.print(table)
    for words, count in report.problems[:MOST_PROBLEMS]:
        console.print(f"{count:,} rows: {words}", highlight=False, soft_wrap=True)
    if more := report.problems[MOST_PROBLEMS:]:
        console.print(f"And {len(more)} more kinds of problem: see the receipts.", highlight=False)
    if report.dropped_columns:
        listed = ", ".join(report.dropped_columns)
        console.print(f"Dropped unread, because no profile maps them: {listed}", highlight=False)
        for what, count in report.dropped_kinds:
            console.print(f"  {count:,} values of {what}", highlight=False)
    console.print(f"Receipts: contactpoint receipts {report.load_id} --out FILE", highlight=False)
