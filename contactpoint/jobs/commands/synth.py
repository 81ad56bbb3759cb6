"""`contactpoint synth`: write a made-up England with known truth into a folder."""

from datetime import date, datetime
from pathlib import Path

import click

from contactpoint.jobs.progress_bar import progress_bar

HELP = "Make up an England of children, with suppliers' files and the truth."


@click.command(help=HELP)
@click.option("--children", required=True, type=click.IntRange(min=1), help="How many children.")
@click.option(
    "--seed",
    default=1,
    show_default=True,
    type=click.IntRange(0, 2**32 - 1),
    help="The same seed gives the same bytes.",
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write."
)
@click.option(
    "--on",
    "on",
    default="2026-09-01",
    show_default=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which the children are under 18.",
)
def command(children: int, seed: int, out: Path, on: datetime) -> None:
    from contactpoint.synthetic.england import make_england

    with progress_bar() as progress:
        made = make_england(
            children=children, seed=seed, out=out, on=date(on.year, on.month, on.day), progress=progress
        )
    for file, rows in made.rows.items():
        click.echo(f"{rows:>12,}  {file}.csv")
    click.echo(f"Made up {made.children:,} children in {made.seconds:.1f} s: {made.folder}")
