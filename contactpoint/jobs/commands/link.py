"""`contactpoint link`: two files one to one, without a database, for any analyst.

Reads both by the checks of a load, keeps nothing but the result.
Age plays no part here: rows that a load would not publish for it are linked as well.
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import polars as pl

if TYPE_CHECKING:
    from contactpoint.matching.linkfiles import Compare

HELP = "Link two files one to one: which rows are the same child."

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(help=HELP)
@click.argument("a", type=FILE)
@click.argument("b", type=FILE)
@click.option(
    "--profile-a", required=True, help="The profile of the first file: a name, or the path of a .toml file."
)
@click.option("--profile-b", required=True, help="The profile of the second file.")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The CSV file to write."
)
@click.option(
    "--model",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A model's folder, instead of the one that comes with the program.",
)
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="Spark where one machine is outgrown: pip install contactpoint[spark], and Java 17.",
)
@click.option(
    "--scratch",
    "shared",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where to keep rows meanwhile; of a Spark cluster, a folder that all its workers read.",
)
def command(
    a: Path,
    b: Path,
    profile_a: str,
    profile_b: str,
    out: Path,
    folder: Path | None,
    engine: str,
    shared: Path | None,
) -> None:
    from contactpoint.jobs.progress_bar import progress_bar
    from contactpoint.matching.linkfiles import link_files
    from contactpoint.matching.model import Model

    model = Model.load(folder)
    compare = _engine(engine)
    folder_of_its_own = tempfile.TemporaryDirectory(prefix="contactpoint-link-", dir=shared)
    with folder_of_its_own as scratch, progress_bar() as progress:
        left = _read(a, profile_a, Path(scratch) / "a", progress)
        right = _read(b, profile_b, Path(scratch) / "b", progress)
        links = link_files(
            left, right, model=model, scratch=Path(scratch), progress=progress, compare=compare
        )
    part = out.with_name(out.name + ".part")
    links.write_csv(part)
    part.replace(out)
    linked = links.filter(pl.col("decision") == "link").height
    click.echo(
        f"{left.height:,} and {right.height:,} rows: {linked:,} pairs are linked, "
        f"{links.height - linked:,} are for a person to judge. Written to {out}."
    )


def _engine(name: str) -> "Compare":
    if name == "duckdb":
        from contactpoint.matching.bulk import link

        return link
    try:
        import pyspark  # noqa: F401
    except ImportError:
        raise click.ClickException(
            "Spark is not installed. Run `pip install contactpoint[spark]`; Java 17 is needed too."
        ) from None
    from contactpoint.matching.spark import link_on_spark

    return link_on_spark


def _read(path: Path, name: str, folder: Path, progress) -> pl.DataFrame:  # type: ignore[no-untyped-def]
    from contactpoint.intake.linkable import read_linkable
    from contactpoint.intake.profiles import get_profile

    folder.mkdir()
    frame, unusable = read_linkable(
        path=path,
        profile=get_profile(name=name),
        on=datetime.now(UTC).date(),
        folder=folder,
        progress=progress,
    )
    if unusable:
        click.echo(
            f"{path.name}: {unusable:,} rows cannot be used: unreadable, or without a reference of their own."
        )
    return frame
