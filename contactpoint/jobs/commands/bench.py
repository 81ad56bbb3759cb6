"""`contactpoint bench`: measure search, pages and the log on databases of the benchmark's own."""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

import click

from contactpoint.jobs.bench.commands import feeding, looking, watching_log
from contactpoint.jobs.bench.commands.options import SEED, read_numbers
from contactpoint.jobs.bench.giving import DOCS
from contactpoint.jobs.bench.place import alone, find_root, get_place

HELP = "Measure search, pages and the log, beside peers."


@click.group(help=HELP)
def command() -> None:
    pass


for one in (*looking.COMMANDS, *feeding.COMMANDS, *watching_log.COMMANDS):
    command.add_command(one)


@command.command(name="all")
@click.option(
    "--size", envvar="SIZE", default="small", show_default=True, type=click.Choice(["small", "national"])
)
@click.option("--sizes", envvar="SIZES", default="", help="Numbers of children, instead of the size's own.")
@click.option("--seed", default=SEED, show_default=True, type=click.IntRange(0, 2**32 - 1))
@click.option("--again", is_flag=True, help="Measure anew what was measured before; filled databases stay.")
@click.option("--docs", default=DOCS, type=click.Path(path_type=Path), help="Where reports are written.")
def measure_all(*, size: str, sizes: str, seed: int, again: bool, docs: Path) -> None:
    """Every measurement, a stage at a time, and the report; a stopped run goes on where it stopped.

    Small takes minutes; national takes most of a day and 150 GB of disk.
    """
    from contactpoint.jobs.bench.whole_run import PLANS, plan_for, run_everything

    plan = plan_for(read_numbers(text=sizes, name="SIZES")) if sizes else PLANS[size]
    run_everything(plan=plan, seed=seed, again=again, docs=docs, environment=os.environ)


@command.command()
@click.option("--docs", default=DOCS, type=click.Path(path_type=Path), help="Where the runs are kept.")
def report(*, docs: Path) -> None:
    """Write the tables and plots again from the runs that are kept."""
    from contactpoint.jobs.bench.plots import draw_plots
    from contactpoint.jobs.bench.report import write_report

    write_report(docs=docs, plots=draw_plots(docs=docs))


@command.command()
@click.option("--children", type=int, help="Only the database of this size.")
def clean(*, children: int | None) -> None:
    """Remove the benchmark's databases and files; the service's own data and the reports stay."""
    root = find_root(os.environ)
    if os.environ.get("DATABASE_URL"):
        raise click.ClickException(
            "The benchmark's databases are on a server of your own: drop contactpoint_bench_… there."
        )
    for folder in [root / str(children)] if children else [root]:
        if not folder.exists():
            click.echo("There is nothing to remove.")
            continue
        with ExitStack() as held:
            for place in folder.glob("*/") if folder == root else [folder]:
                held.enter_context(alone(get_place(name=place.name, environment=os.environ)))
            shutil.rmtree(folder)
        click.echo(f"Removed {folder.name}.")
