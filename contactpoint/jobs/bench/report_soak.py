"""The report's part on soaks; `report` puts it between the others."""

from collections.abc import Sequence
from typing import Any

from contactpoint.jobs.bench.report_feeds import say_busy

Run = dict[str, Any]
GROWTH = {  # of a round, and how the report calls it
    "pages_mb": "Web processes' memory",
    "database_mb": "Database's memory",
    "disk_mb": "Disk",
}


def write_soak(runs: Sequence[Run]) -> list[str]:
    """Errors, and what drifted while the service was used without a break."""
    if not runs:
        return []
    lines = [
        "## Soak",
        "",
        "One server, enquiries at a steady pace without a break, in rounds of half a minute. "
        "Drift: the middle of the last third of the rounds less that of the first third. "
        "Memory is what the processes hold for themselves; disk is the cluster's without its write-ahead "
        "log, and grows by what the log of access keeps of each enquiry. "
        "The first round's caches are cold.",
        "",
        "| Children | Minutes | Pace asked | Enquiries a second | Errors |"
        " Page p50, first round, last | Drift | Page p95, first round, last | Drift |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for run in runs:
        head, rounds = run["result"]["headline"], run["result"]["rounds"]
        pace = sum(one["enquiries_per_second"] for one in rounds) / len(rounds)
        lines.append(
            f"| {run['children']:,} | {head['minutes']:.0f} | {run['result']['pace']:g} | {pace:.1f} | "
            f"{head['errors']} | {_ends(rounds, 'p50_ms')} ms | {head['p50_ms_drift']:+.0f} ms | "
            f"{_ends(rounds, 'p95_ms')} ms | {head['p95_ms_drift']:+.0f} ms |"
        )
    lines += ["", "| Children | What grows | First round, last | Drift |", "|---:|---|---:|---:|"]
    for run in runs:
        head, rounds = run["result"]["headline"], run["result"]["rounds"]
        lines += [
            f"| {run['children']:,} | {words} | {_ends(rounds, name)} MB | {head[f'{name}_drift']:+,.0f} MB |"
            for name, words in GROWTH.items()
        ]
    return [*lines, "", say_busy(runs), ""]


def _ends(rounds: Sequence[dict[str, Any]], name: str) -> str:
    return f"{rounds[0][name]:,.0f}, {rounds[-1][name]:,.0f}"
