"""The report's tables on protection: what time tells, and what holding rows near shields costs and brings."""

from collections.abc import Sequence
from typing import Any

Run = dict[str, Any]
FATES = {
    "joined": "joined the hidden part",
    "held": "held",
    "asked": "asked of a person",
    "open": "became open",
}


def write_timing(runs: Sequence[Run]) -> list[str]:
    if not runs:
        return []
    lines = [
        "## Does time tell what is hidden?",
        "",
        "Asked of us: no difference beyond noise between searches that only hidden values would answer and "
        "hopeless ones, over 2,000 paired tries; a shield is in force within 100 ms; search as fast as ever "
        "with one child in 200 shielded.",
        "",
        "| Children | Shielded | Asked by | Pairs | Hidden value, median | Nothing, median | Difference |"
        " 95 % interval |",
        "|---:|---:|---|---:|---:|---:|---:|---|",
    ]
    for run in runs:
        result = run["result"]
        for kind, some in result["kinds"].items():
            low, high = some["between_ms"]
            lines.append(
                f"| {run['children']:,} | {result['shielded']:,} | {kind} | {result['tries']:,} | "
                f"{some['hidden_p50_ms']:.2f} ms | {some['nothing_p50_ms']:.2f} ms | "
                f"{some['difference_ms']:+.2f} ms | {low:+.2f} to {high:+.2f} ms |"
            )
    lines += [
        "",
        "Ordinary searches and records, one child in 200 shielded, beside the same directory before "
        "anybody was, the same question to both right after one another:",
        "",
        "| Children | | p50 | p95 | p50, nobody shielded | p95, nobody shielded | Difference of medians |"
        " 95 % interval |",
        "|---:|---|---:|---:|---:|---:|---:|---|",
    ]
    for run in runs:
        head = run["result"]["headline"]
        for look, cost in run["result"]["shields_cost"].items():
            low, high = cost["between_ms"]
            lines.append(
                f"| {run['children']:,} | {look} | {head[f'{look}_p50_ms']:.1f} ms | "
                f"{head[f'{look}_p95_ms']:.1f} ms | {head[f'{look}_p50_ms_unshielded']:.1f} ms | "
                f"{head[f'{look}_p95_ms_unshielded']:.1f} ms | {cost['difference_ms']:+.2f} ms | "
                f"{low:+.2f} to {high:+.2f} ms |"
            )
    lines += ["", "| Children | Applying a shield, p50 | Worst of 100 |", "|---:|---:|---:|"]
    for run in runs:
        head = run["result"]["headline"]
        lines.append(
            f"| {run['children']:,} | {head['shield_p50_ms']:.0f} ms | {head['shield_worst_ms']:.0f} ms |"
        )
    return [*lines, ""]


def write_shields(runs: Sequence[Run]) -> list[str]:
    if not runs:
        return []
    lines = [
        "## Rows held near shields",
        "",
        "The one declared exception: that a row near a shield is published later (SHI-5).",
        "Every supplier's whole file is loaded once, one child in 200 shielded: more than a year brings, for "
        "what is sent again unchanged is not asked again. Budget: at most 5 rows of other children held for "
        "each shield, and at least 99 % of planted look-alikes caught.",
        "",
        "| Children | Shields | Rows of others held | For each shield | Of all rows |"
        " Suppliers' rows of shielded children that became open | Planted | Caught | 95 % interval |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for run in runs:
        head = run["result"]["headline"]
        low, high = head["planted_caught_between"]
        whole = run["result"]["suppliers"]["of_shielded"]
        lines.append(
            f"| {run['children']:,} | {head['shields']:,} | {head['rows_of_others_held']:,} | "
            f"{head['rows_of_others_held_per_shield']:.2f} | {head['share_of_all_rows_held']:.2%} | "
            f"{head['suppliers_rows_that_became_open']:,} of {whole:,} | {head['planted']:,} | "
            f"{head['planted_caught']:.1%} | {low:.1%}–{high:.1%} |"
        )
    for run in runs:
        lines += ["", f"| Planted among {run['children']:,} children | Sent | {' | '.join(FATES.values())} |"]
        lines += ["|---|---:|---:|---:|---:|---:|"]
        lines += [
            f"| {kind} | {some['sent']} | {' | '.join(str(some[fate]) for fate in FATES)} |"
            for kind, some in run["result"]["planted"].items()
        ]
    return [*lines, ""]
