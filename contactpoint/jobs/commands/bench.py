"""`contactpoint bench`: measure search, pages and the log on databases of the benchmark's own."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from contactpoint.jobs.bench.giving import DOCS, give_result, keep_run
from contactpoint.jobs.bench.place import PROJECT, Place, alone, enter, find_root, get_place
from contactpoint.progress import Progress

HELP = "Measure search, pages and the log, beside peers."
SEED = 2026


@click.group(help=HELP)
def command() -> None:
    pass


def _shared(*, with_children: bool = True) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Options of every measurement."""

    def add(function: Callable[..., None]) -> Callable[..., None]:
        out = click.option("--out", type=click.Path(path_type=Path), hidden=True)
        as_json = click.option("--json", "as_json", is_flag=True, help="One line of JSON instead of a table.")
        function = as_json(out(function))
        if with_children:
            function = click.option(
                "--seed", default=SEED, show_default=True, type=click.IntRange(0, 2**32 - 1)
            )(function)
            function = click.option("--children", default=100_000, show_default=True)(function)
        return function

    return add


@contextmanager
def _working_in(place: Place) -> Iterator[Progress]:
    """The place's database up, nobody else measuring in it, and progress to report."""
    enter(place)
    from contactpoint.jobs.database import database
    from contactpoint.jobs.progress_bar import progress_bar

    with alone(place), database(migrate=True), progress_bar() as progress:
        yield progress


@command.command()
@_shared()
def fill(*, children: int, seed: int, as_json: bool, out: Path | None) -> None:
    """Make up that many children and publish them; a stopped run goes on where it stopped."""
    place = get_place(name=str(children), environment=os.environ)
    with _working_in(place) as progress:
        from contactpoint.jobs.bench.england import ensure_filled

        result = ensure_filled(place=place, children=children, seed=seed, progress=progress)
    give_result(result, headline=result, as_json=as_json, out=out)


@command.command()
@_shared()
@click.option(
    "--questions",
    default=500,
    show_default=True,
    type=click.IntRange(1, 100000),
    help="Of each kind, each about another child.",
)
@click.option(
    "--rounds",
    default=3,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Figures are medians of the rounds.",
)
@click.option("--peers/--without-peers", default=None, help="Beside trigrams and tantivy; not with --json.")
def search(
    *,
    children: int,
    seed: int,
    questions: int,
    rounds: int,
    peers: bool | None,
    as_json: bool,
    out: Path | None,
) -> None:
    """Latency and recall through search_children, beside a trigram search and tantivy."""
    place = get_place(name=str(children), environment=os.environ)
    with _working_in(place) as progress:
        from contactpoint.jobs.bench.england import draw_questions, ensure_filled
        from contactpoint.jobs.bench.searching import measure_search

        ensure_filled(place=place, children=children, seed=seed, progress=progress)
        asked = draw_questions(place=place, seed=seed, each=questions)
        result = measure_search(
            place=place,
            questions=asked,
            rounds=rounds,
            with_peers=not as_json if peers is None else peers,
            progress=progress,
        )
    give_result(result, headline=result["headline"], as_json=as_json, out=out)


@command.command()
@_shared()
@click.option(
    "--pace",
    default=50.0,
    show_default=True,
    type=click.FloatRange(0.1, 3600),
    help="Enquiries a second to begin.",
)
@click.option("--flat-out", is_flag=True, help="As fast as it goes, instead of at a pace.")
@click.option(
    "--seconds",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0.1, 3600),
    help="How long each round lasts at that pace.",
)
@click.option(
    "--rounds",
    default=3,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Figures are medians of the rounds.",
)
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
def http(
    *,
    children: int,
    seed: int,
    pace: float,
    flat_out: bool,
    seconds: float,
    rounds: int,
    workers: int,
    as_json: bool,
    out: Path | None,
) -> None:
    """Enquiries (search, reason, record) against the real server, by practitioners who signed in."""
    place = get_place(name=str(children), environment=os.environ)
    with _working_in(place) as progress:
        from contactpoint.jobs.bench.england import draw_enquiries, ensure_filled
        from contactpoint.jobs.bench.pages import measure_pages

        ensure_filled(place=place, children=children, seed=seed, progress=progress)
        result = measure_pages(
            children=children,
            questions=draw_enquiries(place=place, seed=seed, count=int(pace * seconds)),
            pace=0.0 if flat_out else pace,
            seconds=seconds,
            rounds=rounds,
            workers=workers,
            progress=progress,
        )
    give_result(result, headline=result["headline"], as_json=as_json, out=out)


@command.command()
@_shared(with_children=False)
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
    counts = _numbers(connections, "--connections")
    with _working_in(get_place(name="log", environment=os.environ)) as progress:
        from contactpoint.jobs.bench.log_rate import measure_log

        result = measure_log(connections=counts, seconds=seconds, rounds=rounds, progress=progress)
    give_result(result, headline=result, as_json=as_json, out=out)


@command.command()
@_shared()
@click.option(
    "--tries", default=2_000, show_default=True, type=click.IntRange(1, 1000000), help="Pairs of each kind."
)
@click.option(
    "--questions",
    default=250,
    show_default=True,
    type=click.IntRange(1, 100000),
    help="Ordinary searches of each kind.",
)
@click.option("--keep", is_flag=True, help="Keep the run in docs/benchmarks and write the report anew.")
def timing(
    *, children: int, seed: int, tries: int, questions: int, keep: bool, as_json: bool, out: Path | None
) -> None:
    """Whether the time of a search tells what is hidden, and what shields cost, one child in 200 shielded."""
    from contactpoint.jobs.bench.machine import busy

    beside = busy()
    place = get_place(name=f"{children}-shielded", environment=os.environ)
    with _working_in(place) as progress:
        from datetime import UTC, datetime

        from contactpoint.jobs.bench.england import draw_questions, ensure_filled
        from contactpoint.jobs.bench.timing import measure_timing, shield_some
        from contactpoint.jobs.bench.unshielded import keep_unshielded

        ensure_filled(place=place, children=children, seed=seed, progress=progress)
        keep_unshielded(progress=progress)
        shielded = shield_some(children=children, at=datetime.now(UTC), progress=progress)
        asked = draw_questions(place=place, seed=seed, each=questions)
        result = {
            "shielded": shielded,
            **measure_timing(questions=asked, tries=tries, seed=seed, progress=progress),
        }
    give_result(result, headline=result["headline"], as_json=as_json, out=out)
    if keep:
        keep_run("timing", children, result, beside)


@command.command()
@_shared()
@click.option("--delta/--without-delta", default=True, help="Then one in a hundred rows, changed.")
@click.option("--keep", is_flag=True, help="Keep the run in docs/benchmarks and write the report anew.")
def load(*, children: int, seed: int, delta: bool, keep: bool, as_json: bool, out: Path | None) -> None:
    """Suppliers' files to searchable records: national and local feeds into an empty directory."""
    place = get_place(name=f"load-{children}", environment=os.environ)
    from contactpoint.jobs.bench.machine import busy

    beside = busy()
    _empty(place)
    with _working_in(place) as progress:
        from contactpoint.jobs.bench.loading import measure_load

        result = measure_load(place=place, children=children, seed=seed, delta=delta, progress=progress)
    give_result(result, headline=result["headline"], as_json=as_json, out=out)
    if keep:
        keep_run("load", children, result, beside)


def _empty(place: Place) -> None:
    """A first load is measured: the directory of an earlier run goes; its files, made up at length, stay."""
    if place.database_url:
        raise click.ClickException("Loading is measured on the embedded database only: unset DATABASE_URL.")
    if place.folder.exists():
        with alone(place):
            for path in place.folder.iterdir():
                if path.name in {"england", "measuring.lock"}:
                    continue
                shutil.rmtree(path) if path.is_dir() else path.unlink()


@command.command()
@_shared()
@click.option("--keep", is_flag=True, help="Keep the run in docs/benchmarks and write the report anew.")
def matching(*, children: int, seed: int, keep: bool, as_json: bool, out: Path | None) -> None:
    """How right matching is: FEBRL 1 to 4, the ESS lists where they are, a made-up England by group."""
    import tempfile
    from datetime import date

    from contactpoint.jobs.bench.machine import busy
    from contactpoint.jobs.bench.tables import print_matching

    beside = busy()
    enter(get_place(name="matching", environment=os.environ))
    import django

    django.setup()
    from contactpoint.jobs.bench.accuracy import measure_accuracy
    from contactpoint.jobs.progress_bar import progress_bar

    with tempfile.TemporaryDirectory(prefix="contactpoint-matching-") as scratch, progress_bar() as progress:
        result = measure_accuracy(
            children=children,
            seed=seed,
            ess=PROJECT.parent / "shared" / "data" / "ess",
            on=date(2026, 9, 1),
            scratch=Path(scratch),
            progress=progress,
        )
    if out is not None:
        out.write_text(json.dumps(result))
    if as_json:
        sys.stdout.write(json.dumps(result) + "\n")
    else:
        print_matching(result)
    if keep:
        keep_run("matching", children, result, beside)


@command.command()
@_shared()
def shields(*, children: int, seed: int, as_json: bool, out: Path | None) -> None:
    """What holding rows near shields costs, and how many look-alikes it catches (SHI-5)."""
    place = get_place(name=f"{children}-supplied", environment=os.environ)
    with _working_in(place) as progress:
        from contactpoint.jobs.bench.near_shields import measure_near_shields, supply

        supply(place=place, children=children, seed=seed, progress=progress)
        result = measure_near_shields(place=place, progress=progress)
    give_result(result, headline=result["headline"], as_json=as_json, out=out)


@command.command()
@_shared()
@click.option("--nights", default=5, show_default=True, type=click.IntRange(1, 366))
@click.option("--keep", is_flag=True, help="Keep the run in docs/benchmarks and write the report anew.")
def clock(*, children: int, seed: int, nights: int, keep: bool, as_json: bool, out: Path | None) -> None:
    """How long the nightly clock takes: archiving, ending histories, destroying (RET)."""
    place = get_place(name=f"clock-{children}", environment=os.environ)
    from contactpoint.jobs.bench.machine import busy

    beside = busy()
    with _working_in(place) as progress:
        from contactpoint.jobs.bench.nightly import measure_clock

        result = measure_clock(place=place, children=children, seed=seed, nights=nights, progress=progress)
    give_result(result, headline=result["headline"], as_json=as_json, out=out)
    if keep:
        keep_run("clock", children, result, beside)


@command.command()
@_shared()
@click.option(
    "--messages",
    default=300,
    show_default=True,
    type=click.IntRange(1, 100_000),
    help="Of each kind, one at a time.",
)
@click.option(
    "--shielded", is_flag=True, help="In the directory of `bench timing`: one child in 200 shielded."
)
@click.option("--keep", is_flag=True, help="Keep the run in docs/benchmarks and write the report anew.")
def message(
    *, children: int, seed: int, messages: int, shielded: bool, keep: bool, as_json: bool, out: Path | None
) -> None:
    """One message matched and published: a new child, a known one, a change, the same again."""
    from contactpoint.jobs.bench.machine import busy

    beside = busy()
    name = f"{children}-shielded" if shielded else str(children)
    with _working_in(place := get_place(name=name, environment=os.environ)) as progress:
        from datetime import UTC, datetime

        from contactpoint.jobs.bench.england import ensure_filled
        from contactpoint.jobs.bench.messages import measure_messages
        from contactpoint.jobs.bench.timing import shield_some

        ensure_filled(place=place, children=children, seed=seed, progress=progress)
        if shielded:
            shield_some(children=children, at=datetime.now(UTC), progress=progress)
        result = measure_messages(
            place=place, children=children, seed=seed, count=messages, progress=progress
        )
    give_result(result, headline=result["headline"], as_json=as_json, out=out)
    if keep:
        keep_run("message", children, result, beside)


@command.command()
@_shared(with_children=False)
@click.option("--events", default=1_000_000, show_default=True, type=click.IntRange(10_000, 1_000_000_000))
@click.option("--seed", default=SEED, show_default=True, type=click.IntRange(0, 2**32 - 1))
@click.option("--keep", is_flag=True, help="Keep the run in docs/benchmarks and write the report anew.")
def seen(*, events: int, seed: int, keep: bool, as_json: bool, out: Path | None) -> None:
    """Who saw this child, in a log of that many events."""
    from contactpoint.jobs.bench.machine import busy

    beside = busy()
    with _working_in(get_place(name=f"seen-{events}", environment=os.environ)) as progress:
        from contactpoint.jobs.bench.seen import measure_seen

        result = measure_seen(events=events, seed=seed, progress=progress)
    give_result(result, headline=result["headline"], as_json=as_json, out=out)
    if keep:
        keep_run("seen", events, result, beside)


@command.command()
@_shared(with_children=False)
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
    with _working_in(get_place(name=f"people-{accounts}", environment=os.environ)) as progress:
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

    plan = plan_for(_numbers(sizes, "SIZES")) if sizes else PLANS[size]
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


def _numbers(text: str, name: str) -> tuple[int, ...]:
    words = text.replace(",", " ").split()
    if not words or not all(word.isascii() and word.isdigit() and int(word) > 0 for word in words):
        raise click.UsageError(f"{name} must be whole numbers above 0, for example '100000 1000000'.")
    return tuple(int(word) for word in words)
