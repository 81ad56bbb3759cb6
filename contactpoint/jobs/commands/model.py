"""`contactpoint model`: make the matching model from files, and show what a model holds.

Training reads supplier files by the same checks as a load and needs no database and no truth.
"""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import polars as pl
from rich.console import Console
from rich.table import Table

HELP = "Train the matching model, or show what it holds."


@click.group(help=HELP)
def command() -> None:
    pass


@command.command()
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of suppliers' files, each named after its profile, as `contactpoint synth` makes.",
)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write."
)
@click.option("--version", default="", help="The model's name; by default that of the folder.")
@click.option(
    "--seed",
    default=1,
    show_default=True,
    type=click.IntRange(0, 2**32 - 1),
    help="For the sample of unlike pairs.",
)
@click.option(
    "--rows",
    default=200_000,
    show_default=True,
    type=click.IntRange(1, 20000000),
    help="Use at most so many rows of each file.",
)
def train(data: Path, out: Path, version: str, seed: int, rows: int) -> None:
    """Train on a folder of suppliers' files that share children."""
    from contactpoint.jobs.progress_bar import progress_bar
    from contactpoint.matching import train as training

    with TemporaryDirectory(prefix="contactpoint-") as scratch, progress_bar() as progress:
        frames = {}
        for path in sorted(data.glob("*.csv")):
            frame = _read_file(path, scratch=Path(scratch))
            if frame is not None:
                frames[path.stem] = frame.head(rows)
        model = training.train(
            list(frames.values()),
            version=version or out.name,
            seed=seed,
            trained_on=", ".join(f"{name} ({frame.height:,} rows)" for name, frame in frames.items()),
            scratch=Path(scratch),
            progress=progress,
        )
    model.save(out)
    click.echo(f"The model {model.version} is in {out}.")


@command.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def show(folder: Path | None) -> None:
    """Show the weights, thresholds and commonest names of a model; by default of the one that is used."""
    from contactpoint.matching.model import Model

    model = Model.load(folder)
    console = Console()
    console.print(f"Model {model.version}, trained on {model.trained_on}", highlight=False)
    console.print(
        f"Link from {model.thresholds.link}, ask from {model.thresholds.ask}, "
        f"by {model.thresholds.margin} bits before a second; one pair in {1 / model.prior:,.0f} is one child",
        highlight=False,
    )
    table = Table("field", "level", "of one child", "of two", "weight in bits")
    for comparison in model.comparisons:
        for level in comparison.levels:
            table.add_row(
                comparison.words, level.words, f"{level.m:.2%}", f"{level.u:.2g}", f"{level.weight:+.1f}"
            )
        table.add_section()
    console.print(table)
    for field, names in model.frequencies.items():
        commonest = sorted(names, key=lambda name: -names[name])[:8]
        listed = ", ".join(f"{name} {names[name]:.2%}" for name in commonest)
        console.print(f"{field}: {len(names):,} names; {listed}", highlight=False)


def _read_file(path: Path, *, scratch: Path) -> pl.DataFrame | None:
    """The rows of a file that a load would receive, standardised; None where no open profile has its name."""
    from contactpoint.intake.content import MATCHED
    from contactpoint.intake.fields import REFERENCE
    from contactpoint.intake.profiles import NoSuchProfile, get_profile
    from contactpoint.intake.staging import stage_file
    from contactpoint.jobs.progress_bar import progress_bar
    from contactpoint.matching.standardise import standardise_frame

    try:
        profile = get_profile(name=path.stem)
    except NoSuchProfile:
        return None
    if profile.sensitive:
        return None
    folder = scratch / path.stem
    folder.mkdir()
    with progress_bar() as progress:
        staged = stage_file(
            path=path, profile=profile, on=datetime.now(UTC).date(), folder=folder, progress=progress
        )
    return standardise_frame(staged.publishable(REFERENCE, *MATCHED).rename({REFERENCE: "key"}))
