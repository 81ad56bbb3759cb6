"""Commands that measure feeds and what follows: loads, messages, matching, rows near shields, the clock."""

import json
import os
import shutil
import sys
from pathlib import Path

import click

from contactpoint.jobs.bench.commands.options import shared, working_in
from contactpoint.jobs.bench.giving import give_result, keep_run
from contactpoint.jobs.bench.place import PROJECT, Place, alone, enter, get_place


@click.command()
@shared()
@click.option("--delta/--without-delta", default=True, help="Then one in a hundred rows, changed.")
@click.option("--keep", is_flag=True, help="Keep the run in docs/benchmarks and write the report anew.")
def load(*, children: int, seed: int, delta: bool, keep: bool, as_json: bool, out: Path | None) -> None:
    """Suppliers' files to searchable records: national and local feeds into an empty directory."""
    place = get_place(name=f"load-{children}", environment=os.environ)
    from contactpoint.jobs.bench.machine import busy

    beside = busy()
    _empty(place)
    with working_in(place) as progress:
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


@click.command()
@shared()
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
    with working_in(place := get_place(name=name, environment=os.environ)) as progress:
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


@click.command()
@shared()
@click.option("--rows", default=100_000, show_default=True, type=click.IntRange(100))
@click.option("--keep", is_flag=True, help="Keep the run in docs/benchmarks and write the report anew.")
def delta(*, children: int, seed: int, rows: int, keep: bool, as_json: bool, out: Path | None) -> None:
    """A day's changes of one supplier, from the file to children who are found."""
    from contactpoint.jobs.bench.machine import busy

    beside = busy()
    with working_in(place := get_place(name=str(children), environment=os.environ)) as progress:
        from contactpoint.jobs.bench.delta import measure_delta
        from contactpoint.jobs.bench.england import ensure_filled

        ensure_filled(place=place, children=children, seed=seed, progress=progress)
        result = measure_delta(place=place, children=children, rows=rows, seed=seed, progress=progress)
    give_result(result, headline=result["headline"], as_json=as_json, out=out)
    if keep:
        keep_run("delta", children, result, beside)


@click.command()
@shared()
@click.option(
    "--parts", default=5, show_default=True, type=click.IntRange(1), help="Of 200,000 children each."
)
@click.option("--keep", is_flag=True, help="Keep the run in docs/benchmarks and write the report anew.")
def feed(*, children: int, seed: int, parts: int, keep: bool, as_json: bool, out: Path | None) -> None:
    """A part of another national feed, where everybody is known already; its rows stay."""
    from contactpoint.jobs.bench.machine import busy

    beside = busy()
    with working_in(place := get_place(name=str(children), environment=os.environ)) as progress:
        from contactpoint.jobs.bench.england import ensure_filled
        from contactpoint.jobs.bench.feed import measure_feed

        ensure_filled(place=place, children=children, seed=seed, progress=progress)
        result = measure_feed(place=place, children=children, parts=parts, seed=seed, progress=progress)
    give_result(result, headline=result["headline"], as_json=as_json, out=out)
    if keep:
        keep_run("feed", children, result, beside)


@click.command()
@shared()
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


@click.command()
@shared()
def shields(*, children: int, seed: int, as_json: bool, out: Path | None) -> None:
    """What holding rows near shields costs, and how many look-alikes it catches (SHI-5)."""
    place = get_place(name=f"{children}-supplied", environment=os.environ)
    with working_in(place) as progress:
        from contactpoint.jobs.bench.near_shields import measure_near_shields, supply

        supply(place=place, children=children, seed=seed, progress=progress)
        result = measure_near_shields(place=place, progress=progress)
    give_result(result, headline=result["headline"], as_json=as_json, out=out)


@click.command()
@shared()
@click.option("--nights", default=5, show_default=True, type=click.IntRange(1, 366))
@click.option("--filled", is_flag=True, help="In the database that `bench fill` made, which loses some.")
@click.option("--keep", is_flag=True, help="Keep the run in docs/benchmarks and write the report anew.")
def clock(
    *, children: int, seed: int, nights: int, filled: bool, keep: bool, as_json: bool, out: Path | None
) -> None:
    """How long the nightly clock takes: archiving, ending histories, destroying (RET)."""
    place = get_place(name=str(children) if filled else f"clock-{children}", environment=os.environ)
    from contactpoint.jobs.bench.machine import busy

    beside = busy()
    with working_in(place) as progress:
        from contactpoint.jobs.bench.nightly import measure_clock

        result = measure_clock(
            place=place, children=children, seed=seed, nights=nights, filled=filled, progress=progress
        )
    give_result(result, headline=result["headline"], as_json=as_json, out=out)
    if keep:
        keep_run("clock", children, result, beside)


COMMANDS = (load, feed, message, delta, matching, shields, clock)
