"""Commands that measure look-ups: filling, search, pages, what time tells, a soak."""

import os
from pathlib import Path
from typing import Any

import click

from contactpoint.jobs.bench.commands.options import shared, working_in
from contactpoint.jobs.bench.giving import give_result, keep_run
from contactpoint.jobs.bench.place import get_place


@click.command()
@shared()
def fill(*, children: int, seed: int, as_json: bool, out: Path | None) -> None:
    """Make up that many children and publish them; a stopped run goes on where it stopped."""
    place = get_place(name=str(children), environment=os.environ)
    with working_in(place) as progress:
        from contactpoint.jobs.bench.england import ensure_filled

        result = ensure_filled(place=place, children=children, seed=seed, progress=progress)
    give_result(result, headline=result, as_json=as_json, out=out)


@click.command()
@shared()
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
@click.option(
    "--peer-questions",
    default=100_000,
    type=click.IntRange(1, 100_000),
    help="At most so many of each kind for the peers, who are slow at millions.",
)
def search(
    *,
    children: int,
    seed: int,
    questions: int,
    rounds: int,
    peers: bool | None,
    peer_questions: int,
    as_json: bool,
    out: Path | None,
) -> None:
    """Latency and recall through search_children, beside a trigram search and tantivy."""
    beside_peers = not as_json if peers is None else peers
    place = get_place(name=str(children), environment=os.environ)
    with working_in(place) as progress:
        from contactpoint.jobs.bench.england import draw_questions, ensure_filled
        from contactpoint.jobs.bench.searching import measure_search

        ensure_filled(place=place, children=children, seed=seed, progress=progress)
        asked = draw_questions(place=place, seed=seed, each=questions)
        result = measure_search(
            place=place,
            questions=asked,
            rounds=rounds,
            peer_questions=peer_questions if beside_peers else 0,
            progress=progress,
        )
    give_result(result, headline=result["headline"], as_json=as_json, out=out)


@click.command()
@shared()
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
    with working_in(place) as progress:
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


@click.command()
@shared()
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
    with working_in(place) as progress:
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


@click.command()
@shared()
@click.option("--minutes", default=10.0, show_default=True, type=click.FloatRange(0.1, 100_000))
@click.option("--pace", default=50.0, show_default=True, help="Enquiries a second.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
@click.option("--keep", is_flag=True, help="Keep the run in docs/benchmarks and write the report anew.")
def soak(
    *,
    children: int,
    seed: int,
    minutes: float,
    pace: float,
    workers: int,
    keep: bool,
    as_json: bool,
    out: Path | None,
) -> None:
    """The national peak for as long as told: errors, and drift of latency, memory and disk."""
    from contactpoint.jobs.bench.machine import busy

    beside = busy()
    place = get_place(name=str(children), environment=os.environ)
    with working_in(place) as progress:
        from contactpoint.jobs.bench.england import draw_enquiries, ensure_filled
        from contactpoint.jobs.bench.soaking import ROUND, soak

        ensure_filled(place=place, children=children, seed=seed, progress=progress)
        result = soak(
            children=children,
            questions=draw_enquiries(place=place, seed=seed, count=int(pace * ROUND)),
            pace=pace,
            minutes=minutes,
            workers=workers,
            say=_say_round,
            progress=progress,
        )
    give_result(result, headline=result["headline"], as_json=as_json, out=out)
    if keep:
        keep_run("soak", children, result, beside)
    if result["headline"]["errors"]:
        raise click.ClickException(f"Errors while soaking: {'; '.join(result['trouble'])}.")


def _say_round(found: dict[str, Any]) -> None:
    click.echo("  ".join(f"{name} {value}" for name, value in found.items()), err=True)


COMMANDS = (fill, search, http, timing, soak)
