"""The report's part on people: pages of those who answer for them, the nightly run, and who saw a child."""

from collections.abc import Sequence
from typing import Any

from contactpoint.jobs.bench.report_feeds import say_busy

Run = dict[str, Any]
SLOWEST = 12  # pages shown of each run; the others are kept in people.json


def write_people(runs: Sequence[Run]) -> list[str]:
    """The slowest pages of the newest run of each size, and what a night costs."""
    if not runs:
        return []
    lines = [
        "## People and organisations",
        "",
        "Asked of us: every page within 100 ms of server time, a night within 60 s, "
        "at 330,000 accounts in 20,000 organisations.",
        "Pages over HTTP, one after the other, by somebody of the role that they are for. "
        "The first night finds what had gathered, the others what a day brings.",
        "",
        "| Accounts | Organisations | Events in the log | Slowest page | p95 | First night | A night | "
        "Told a night |",
        "|---:|---:|---:|---|---:|---:|---:|---:|",
    ]
    for run in runs:
        head, nights = run["result"]["headline"], run["result"]["nights"]
        told = sum(night["warned"] for night in nights[1:]) / len(nights[1:])
        lines.append(
            f"| {head['accounts']:,} | {head['organisations']:,} | {run['result']['events']:,} | "
            f"{head['slowest_page']} | {head['slowest_page_p95_ms']:.0f} ms | "
            f"{head['first_night_s']:.1f} s | "
            f"{head['night_s']:.1f} s | {told:,.0f} |"
        )
    lines += ["", f"The {SLOWEST} slowest pages of the largest run:", ""]
    lines += ["| Who | Page | p50 | p95 | Processor |", "|---|---|---:|---:|---:|"]
    pages = sorted(runs[-1]["result"]["pages"], key=lambda page: -page["p95_ms"])
    lines += [
        f"| {page['who']} | {page['page']} | {page['p50_ms']:.0f} ms | {page['p95_ms']:.0f} ms | "
        f"{page['cpu_ms']:.0f} ms |"
        for page in pages[:SLOWEST]
    ]
    return [*lines, "", say_busy(runs), ""]


def write_seen(runs: Sequence[Run]) -> list[str]:
    """How long the log takes to say who saw a child, by its size."""
    if not runs:
        return []
    lines = [
        "## Who saw this child",
        "",
        "Asked of us: 20 ms at 100 million events. The log of a year, in its months, indexes in; every event "
        "that concerned the child is read, opened and handed out, 200 at most.",
        "",
        "| Events | Of a child, p50 | p95 | Of a child seen most, p95 | Seen by nobody, p95 | "
        "Written meanwhile, two connections | An event on disk |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for run in runs:
        head, asked = run["result"]["headline"], run["result"]["asked"]
        most, nobody = asked["seen most"], asked["seen by nobody"]
        lines.append(
            f"| {head['events']:,} | {head['p50_ms']:.1f} ms | {head['p95_ms']:.1f} ms | "
            f"{most['p95_ms']:.1f} ms ({most['events_each']:.0f} events) | {nobody['p95_ms']:.1f} ms | "
            f"{head['events_per_second']:,} a second | {head['bytes_per_event']:,} B |"
        )
    return [*lines, "", say_busy(runs), ""]
