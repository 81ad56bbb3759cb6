"""Commands that measure the log and the people: events a second, who saw a child, lists and nights."""

import os
from pathlib import Path

import click

from contactpoint.jobs.bench.commands.options import SEED, read_numbers, shared, working_in
from contactpoint.jobs.bench.giving import give_result, keep_run
from contactpoint.jobs.bench.place import get_place


@click.command()
@shared(with_children=False)
@click.option("--seconds", default=5.0, show_default=True, type=click.FloatRange(0.1, 3600))
@click.option(
    "--rounds",
    default=5,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Figures are medians of the rounds.",
)
@click.option("--connections", default="1,2,4,8", show_default=True, help="Numbers of connections to try.")
def log(*, seconds: float, rounds: int, connections: str, as_json: bool, out: Path | None) -> None:
    """Events a second, each in a durable transaction of its own."""
    counts = read_numbers(text=connections, name="--connections")
    with working_in(get_place(name="log", environment=os.environ)) as progress:
        from contactpoint.jobs.bench.log_rate import measure_log

        result = measure_log(connections=counts, seconds=seconds, rounds=rounds, progress=progress)
    give_result(result, headline=result, as_json=as_json, out=out)


@click.command()
@shared(with_children=False)
@click.option("--events", default=1_000_000, show_default=True, type=click.IntRange(10_000, 1_000_000_000))
@click.option("--seed", default=SEED, show_default=True, type=click.IntRange(0, 2**32 - 1))
@click.option("--keep", is_flag=True, help="Keep the run in docs/benchmarks and write the report anew.")
def seen(*, events: int, seed: int, keep: bool, as_json: bool, out: Path | None) -> None:
    """Who saw this child, in a log of that many events."""
    from contactpoint.jobs.bench.machine import busy

    beside = busy()
    with working_in(get_place(name=f"seen-{events}", environment=os.environ)) as progress:
        from contactpoint.jobs.bench.seen import measure_seen

        result = measure_seen(events=events, seed=seed, progress=progress)
    give_result(result, headline=result["headline"], as_json=as_json, out=out)
    if keep:
        keep_run("seen", events, result, beside)


@click.command()
@shared(with_children=False)
@click.option("--accounts", default=330_000, show_default=True, type=click.IntRange(1000, 1_000_000))
@click.option("--organisations", default=20_000, show_default=True, type=click.IntRange(100, 100_000))
@click.option("--events", default=2_000_000, show_default=True, help="In the log of the last four weeks.")
@click.option("--times", default=20, show_default=True, type=click.IntRange(1, 1000), help="Each page.")
@click.option("--nights", default=3, show_default=True, type=click.IntRange(1, 366))
@click.option("--keep", is_flag=True, help="Keep the run in docs/benchmarks and write the report anew.")
def people(
    *,
    accounts: int,
    organisations: int,
    events: int,
    times: int,
    nights: int,
    keep: bool,
    as_json: bool,
    out: Path | None,
) -> None:
    """Pages of those who answer for people, and their nightly run, with England's work-force."""
    from contactpoint.jobs.bench.machine import busy

    beside = busy()
    with working_in(get_place(name=f"people-{accounts}", environment=os.environ)) as progress:
        from contactpoint.jobs.bench.staff import measure_staff

        result = measure_staff(
            accounts=accounts,
            organisations=organisations,
            events=events,
            times=times,
            nights=nights,
            progress=progress,
        )
    give_result(result, headline=result["headline"], as_json=as_json, out=out)
    if keep:
        keep_run("people", accounts, result, beside)


COMMANDS = (log, seen, people)
