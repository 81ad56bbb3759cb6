"""The report that people read: runs are kept as JSON, and docs/benchmarks/README.md is written from them."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from contactpoint.jobs.bench.protection_report import write_shields, write_timing
from contactpoint.jobs.bench.questions import TROUBLE_WORDS, Trouble
from contactpoint.jobs.bench.report_feeds import (
    write_clock,
    write_deltas,
    write_feeds,
    write_loading,
    write_matching,
    write_messages,
)
from contactpoint.jobs.bench.report_people import write_people, write_seen
from contactpoint.jobs.bench.report_soak import write_soak

Run = dict[str, Any]
BUSY = 0.3  # processes a core at the start of a run, above which others were measured too
ASKED = {  # what architecture asks of us, beside which every figure stands
    "search": "p50 ≤ 20 ms, p95 ≤ 40 ms",
    "one_slip": "≥ 99.5 %",
    "compound": "≥ 98 %",
    "http": "50 enquiries a second at p95 ≤ 250 ms",
    "log": "≥ 2,000 events a second",
}
WHO = {
    "door": "ContactPoint (`search_children`: limits, cap, redaction and log included)",
    "trigram": "PostgreSQL pg_trgm, whole name, birth date and postcode add to the score",
    "trigram_dated": "PostgreSQL pg_trgm, exact birth date or year only, ordered by likeness",
    "tantivy": "tantivy, fuzzy terms (one slip), birth date, year and postcode add to the score",
}


def read_runs(*, docs: Path, stage: str) -> list[Run]:
    """Every kept run of a stage, oldest first."""
    path = docs / f"{stage}.json"
    return list(json.loads(path.read_text())) if path.exists() else []


def append_run(
    *,
    docs: Path,
    stage: str,
    children: int,
    machine: Mapping[str, Any],
    result: Mapping[str, Any],
    at: datetime,
) -> None:
    """Keep a run; earlier ones stay."""
    runs = read_runs(docs=docs, stage=stage)
    runs.append(
        {
            "at": at.isoformat(timespec="seconds"),
            "children": children,
            "machine": dict(machine),
            "result": dict(result),
        }
    )
    path = docs / f"{stage}.json"
    part = path.with_suffix(".part")
    part.write_text(json.dumps(runs, indent=1, ensure_ascii=False) + "\n")
    part.replace(path)


def latest_by_size(runs: Sequence[Run]) -> list[Run]:
    """The newest run of each size, smallest first."""
    return [run for _, run in sorted({run["children"]: run for run in runs}.items())]


def _by_shields(runs: Sequence[Run]) -> list[Run]:
    """The newest run of each size and number of shields."""
    newest = {(run["children"], run["result"]["headline"]["shields"]): run for run in runs}
    return [run for _, run in sorted(newest.items(), key=lambda item: item[0])]


def write_report(*, docs: Path, plots: Sequence[str]) -> None:
    """The tables of the newest run of every size, with the plots drawn beside them."""
    timing = latest_by_size(read_runs(docs=docs, stage="timing"))
    parts = [
        "# Benchmarks",
        "",
        "Written by `contactpoint bench` from the runs kept beside this file; do not edit.",
        "",
        *_search(latest_by_size(read_runs(docs=docs, stage="search"))),
        *_plots([name for name in plots if name.startswith("search")]),
        *write_matching(read_runs(docs=docs, stage="matching")),
        *write_loading(latest_by_size(read_runs(docs=docs, stage="load"))),
        *write_messages(_by_shields(read_runs(docs=docs, stage="message"))),
        *write_feeds(latest_by_size(read_runs(docs=docs, stage="feed"))),
        *write_deltas(latest_by_size(read_runs(docs=docs, stage="delta"))),
        *_http(latest_by_size(read_runs(docs=docs, stage="http"))),
        *write_soak(latest_by_size(read_runs(docs=docs, stage="soak"))),
        *write_timing(timing),
        *([_beside_us(timing), ""] if timing else []),
        *write_shields(latest_by_size(read_runs(docs=docs, stage="shields"))),
        *_log(latest_by_size(read_runs(docs=docs, stage="log"))),
        *write_clock(latest_by_size(read_runs(docs=docs, stage="clock"))),
        *write_seen(latest_by_size(read_runs(docs=docs, stage="seen"))),
        *write_people(latest_by_size(read_runs(docs=docs, stage="people"))),
        *_fill(latest_by_size(read_runs(docs=docs, stage="fill"))),
        *_curves([name for name in plots if name.startswith("curve")]),
        *_how(docs),
    ]
    (docs / "README.md").write_text("\n".join(parts) + "\n")


def _search(runs: Sequence[Run]) -> list[str]:
    if not runs:
        return []
    lines = [
        "## Search",
        "",
        f"Asked of us: {ASKED['search']}; recall {ASKED['one_slip']} with one slip in each name, "
        f"{ASKED['compound']} with compound trouble, full birth date given.",
        "",
        "| Children | Distinct names | p50 | p95 | CPU | Recall, one slip | Recall, compound | Rounds |",
        "|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for run in runs:
        head = run["result"]["headline"]
        cpu = sum(run["result"]["cpu_ms_per_search"].values())
        rounds = ", ".join(f"{one['p50_ms']:.1f} / {one['p95_ms']:.1f}" for one in run["result"]["rounds"])
        lines.append(
            f"| {head['children']:,} | {head['distinct_names']:,} | {head['p50_ms']:.1f} ms | "
            f"{head['p95_ms']:.1f} ms | {cpu:.1f} ms | {head['recall_at_10_one_slip']:.2%} | "
            f"{head['recall_at_10_compound']:.2%} | {rounds} ms |"
        )
    lines += ["", _beside_us(runs)]
    for run in runs:
        lines += ["", *_beside(run)]
    return [*lines, ""]


def _beside(run: Run) -> list[str]:
    """One size: who was asked, by kind of question."""
    result = run["result"]
    asked = {"door": result["door"], **result.get("peers", {})}
    lines = [
        f"### {run['children']:,} children, {result['questions_of_each_kind']} questions of each kind",
        "",
        "| Question | Asked | Recall at 10 | 95 % interval | Children shown | Too many | p50 | p95 | Worst |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for trouble in Trouble:
        for who, found in asked.items():
            some = found["by_trouble"].get(trouble.value)
            if some is None:
                continue
            low, high = some["between"]
            shown = f"{some['rows_shown']:.1f}" if "rows_shown" in some else ""
            too_many = f"{some['too_many']:.1%}" if who == "door" else "no cap"
            lines.append(
                f"| {TROUBLE_WORDS[trouble]} | {who} | {some['recall_at_10']:.2%} | {low:.1%}–{high:.1%} | "
                f"{shown} | {too_many} | {some['p50_ms']:.1f} ms | {some['p95_ms']:.1f} ms | "
                f"{some['max_ms']:.0f} ms |"
            )
    lines += ["", *(f"- {who}: {WHO[who]}." for who in asked)]
    if len(asked) > 1:
        every = result["questions_of_each_kind"]
        fewer = result.get("peers_asked_of_each_kind", every)
        some = f" They were asked the first {fewer} of each kind." if fewer < every else ""
        lines.append(f"- The peers show ten rows whatever is asked, check no right, and keep no log.{some}")
    return lines


def _plots(plots: Sequence[str]) -> list[str]:
    return [
        line for name in plots for line in (f"![{name.removesuffix('.svg').replace('-', ' ')}]({name})", "")
    ]


def _curves(plots: Sequence[str]) -> list[str]:
    if not plots:
        return []
    return [
        "## From a town to all of England",
        "",
        "The newest run of each size. Runs beside other work are in it, as the tables above say of each.",
        "",
        *_plots(plots),
    ]


def _http(runs: Sequence[Run]) -> list[str]:
    if not runs:
        return []
    lines = [
        "## Pages over HTTP",
        "",
        f"Asked of us: {ASKED['http']}. One enquiry is a search, its results, the reason, and the record: "
        "five requests. The load generator runs on the same machine.",
        "",
        "| Children | Pace asked | Enquiries a second | Page p50 | Page p95 | Results p95 | Record p95 |"
        " Errors | CPU, pages | CPU, database | Web processes | Practitioners |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for run in runs:
        result = run["result"]
        head = result["headline"]
        cpu = result["cpu_ms_per_enquiry"]
        pace = f"{result['pace']:g} a second" if result["pace"] else "flat out"
        lines.append(
            f"| {run['children']:,} | {pace} | {head['enquiries_per_second']:.1f} | "
            f"{head['p50_ms']:.0f} ms | {head['p95_ms']:.0f} ms | "
            f"{result['results_page']['p95_ms']:.0f} ms | {result['record_page']['p95_ms']:.0f} ms | "
            f"{head['errors']} | {cpu['pages']:.0f} ms | {cpu['database']:.0f} ms | "
            f"{result['workers']} | {result['practitioners']} |"
        )
    return [*lines, "", _beside_us(runs), ""]


def _log(runs: Sequence[Run]) -> list[str]:
    if not runs:
        return []
    result = runs[-1]["result"]
    lines = [
        "## The log",
        "",
        f"Asked of us: {ASKED['log']}. Each event is a search with {result['shown_in_each']} children shown "
        "and sealed words, in a durable transaction of its own.",
        "",
        "| Connections | Events a second | Best round | CPU an event | Rounds |",
        "|---:|---:|---:|---:|---|",
    ]
    for count, rate in result["events_per_second"].items():
        rounds = ", ".join(f"{one:,.0f}" for one in result["rounds"][count])
        cpu = result["cpu_ms_per_event"][count]
        best = max(result["rounds"][count])
        lines.append(f"| {count} | {rate:,.0f} | {best:,.0f} | {cpu:.2f} ms | {rounds} |")
    return [*lines, "", _beside_us(runs[-1:]), ""]


def _beside_us(runs: Sequence[Run]) -> str:
    """A figure taken on a busy machine says so."""
    loads = [run["machine"]["busy"] for run in runs]
    if max(loads) < BUSY:
        return "The machine did nothing else."
    shown = ", ".join(f"{load:.1f}" for load in loads)
    return (
        f"**Other work ran on the machine**: {shown} processes waiting for each core as it began. "
        "Waiting for a core is in these times; processor time is what the work itself takes."
        + "".join({f" {run['machine']['note']}" for run in runs if run["machine"].get("note")})
    )


def _fill(runs: Sequence[Run]) -> list[str]:
    if not runs:
        return []
    lines = [
        "## Filling",
        "",
        "Children of the made-up England, published through the directory's own door, without matching.",
        "",
        "| Children | Made up in | Published in | Children a second | On disk |",
        "|---:|---:|---:|---:|---:|",
    ]
    for run in runs:
        result = run["result"]
        rate = f"{result['children_per_second']:,}" if result["children_per_second"] else "resumed"
        now = result.get("published_now", run["children"])
        part = f"the last {now:,} in " if now != run["children"] else ""
        lines.append(
            f"| {run['children']:,} | {result['made_up_in_s']:.0f} s | {part}{result['seconds']:.0f} s "
            f"| {rate} | {result['bytes_per_child'] / 1000:.1f} KB a child |"
        )
    return [*lines, ""]


def _say_settings(machine: Mapping[str, Any]) -> str:
    chosen = machine.get("postgresql")
    if not chosen:
        return "with the settings it always has"
    return "with " + ", ".join(f"{name} {value}" for name, value in chosen.items())


def _how(docs: Path) -> list[str]:
    """On what, and how to repeat it."""
    runs = [
        run
        for stage in ("search", "http", "log", "fill", "load", "matching")
        for run in read_runs(docs=docs, stage=stage)
    ]
    if not runs:
        return []
    newest = max(runs, key=lambda run: run["at"])
    machine = newest["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return [
        "## Measured on",
        "",
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gb']:g} GB, "
        f"{machine['system']}, Python {machine['python']}, {packages}.",
        f"Newest run: {newest['at']}, revision {machine['revision'] or 'unknown'}.",
        f"PostgreSQL is the embedded one, {_say_settings(machine)}; every commit waits for the disk.",
        "Figures are medians of the rounds; percentiles are nearest-rank; over the cap counts as a miss.",
        "CPU is processor time, service and database together, for one search or one enquiry.",
        "Rounds are p50 / p95 of each.",
        "",
        "## Repeat it",
        "",
        "```",
        "make bench",
        "SIZE=national make bench",
        "contactpoint bench search --children 100000",
        "contactpoint bench http --children 100000 --flat-out",
        "contactpoint bench load --children 100000",
        "contactpoint bench message --children 100000",
        "contactpoint bench delta --children 100000 --rows 5000",
        "contactpoint bench clock --children 100000",
        "contactpoint bench soak --children 100000 --pace 20 --minutes 10 --keep",
        "contactpoint bench matching",
        "contactpoint bench people",
        "contactpoint bench seen --events 100000000",
        "contactpoint bench clean",
        "```",
        "",
        "A stopped run goes on from its last finished stage; `contactpoint bench all --again` measures anew.",
    ]
