"""The report's parts on loading and on matching; `report` puts them between the others."""

from collections.abc import Sequence
from typing import Any

Run = dict[str, Any]
LISTS = {
    "febrl1": "FEBRL 1 (one file, a copy of half its rows)",
    "febrl2": "FEBRL 2 (one file, up to 5 copies)",
    "febrl3": "FEBRL 3 (one file, up to 5 copies, more of them)",
    "febrl4": "FEBRL 4 (two files)",
    "ess": "ESS lists (two files)",
}
MESSAGES = {
    "new": "a child whom nobody knew",
    "known": "a child who is known",
    "changed": "another address of the same row",
    "unchanged": "the same row once more",
}


def write_loading(runs: Sequence[Run]) -> list[str]:
    """What a first load of everything costs, by size, and where the newest run's time went."""
    if not runs:
        return []
    lines = [
        "## Loading",
        "",
        "Asked of us: all of England (11 million children, 35 million rows) in an hour on 2 cores and 16 GB, "
        "3 KB a child.",
        "A made-up England's four national feeds and four local ones, from files to searchable records, "
        "into an empty directory.",
        "Processor seconds are of the program and the database; on two cores that do nothing else, "
        "an hour of England allows 0.21 ms a row.",
        "",
        "| Children | Rows | Wall | Rows a second | Processor | Processor a row | Peak memory | On disk |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for run in runs:
        result = run["result"]
        head = result["headline"]
        lines.append(
            f"| {head['children']:,} | {head['rows']:,} | {head['seconds']:,.0f} s | "
            f"{head['rows_per_second']:,} | {result['cpu_seconds']:,.0f} s | "
            f"{result['cpu_seconds'] / head['rows'] * 1000:.2f} ms | {head['peak_rss_mb']:,} MB | "
            f"{head['bytes_per_child'] / 1000:.1f} KB a child |"
        )
    return [*lines, "", say_busy(runs), "", *_stages(runs[-1]), ""]


def _stages(run: Run) -> list[str]:
    """Processor seconds of the largest run by file and stage."""
    result = run["result"]
    lines = [
        f"### Where {run['children']:,} children's processor time goes",
        "",
        "| File | Rows | Made | Linked | Not placed | Checking | Matching | Publishing, program | database |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in [*result["files"], *([result["delta"]] if result["delta"] else [])]:
        stages = one["stages"]
        used = {name: some["python"] + some["database"] for name, some in stages.items()}
        publishing = stages.get("Publishing rows", {"python": 0.0, "database": 0.0})
        checking = used.get("Checking rows", 0.0)
        matching = sum(used.values()) - checking - publishing["python"] - publishing["database"]
        name = f"{one['file']}, 1 % of its rows changed" if one is result["delta"] else one["file"]
        lines.append(
            f"| {name} | {one['rows']:,} | {one['made']:,} | {one['linked'] + one['replaced']:,} | "
            f"{one['not_placed']:,} | {checking:.1f} s | {matching:.1f} s | {publishing['python']:.1f} s | "
            f"{publishing['database']:.1f} s |"
        )
    return [*lines, *_bare(result.get("bare"))]


def _bare(bare: dict[str, Any] | None) -> list[str]:
    if not bare:
        return []
    return [
        "",
        f"Splink used plainly on the rows of the same files, with the same model and nothing else "
        f"(no checks, receipts, publishing or log), took {bare['cpu_seconds']:.0f} processor seconds "
        f"and {bare['seconds']:.0f} s in the same run: the whole path takes {bare['times']:.1f} times that.",
    ]


def write_matching(runs: Sequence[Run]) -> list[str]:
    """How right the newest run was, on every list and for every group."""
    if not runs:
        return []
    result = runs[-1]["result"]
    england = result["england"]
    lines = [
        "## Matching",
        "",
        f"The model `{result['model']}`, on lists whose truth is known. "
        "Thresholds were chosen on another made-up England (docs/model), the floor under rare levels on "
        "FEBRL 4; FEBRL 1 to 3, the ESS lists and this England only report.",
        "Automatic are links without a person. A drop below `tests/matching/floors.toml` fails the build.",
        "",
        "| List | True pairs | F1 | Precision | Recall | Automatic recall | Automatic and wrong |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, some in result["lists"].items():
        lines.append(
            f"| {LISTS[name]} | {some['pairs']:,} | {some['f1']:.4f} | {some['precision']:.4f} | "
            f"{some['recall']:.4f} | {some['automatic_recall']:.4f} | {some['automatic_wrong']} |"
        )
    lines += [
        "",
        f"### A made-up England of {england['children']:,} children, as intake decides",
        "",
        "Missed: the child was known, and the row would have made a second record. "
        "Asked: a person decides; twins and triplets nearly always ask (SUP-7), so that origins are compared "
        "without them.",
        "",
        "| Group | Rows | Linked | Wrong | Missed | Asked | Asked, twins aside |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, some in {"everybody": england["all"], **england["groups"]}.items():
        aside = some["asked_share_without_twins"]
        lines.append(
            f"| {name} | {some['rows']:,} | {some['linked_share']:.2%} | {some['wrong']} | "
            f"{some['missed']} ({some['missed_share']:.2%}) | {some['asked_share']:.2%} | "
            f"{'' if aside is None else f'{aside:.2%}'} |"
        )
    return [*lines, "", "![matching by group](matching-groups.svg)", ""]


def write_messages(runs: Sequence[Run]) -> list[str]:
    """What one message costs, by size and by what it says."""
    if not runs:
        return []
    lines = [
        "## One message",
        "",
        "Asked of us: one message matched and published in 50 ms, at 11 million children.",
        "From the message in hand to a record that can be found, one at a time: the lock, matching, "
        "publishing, the log, and the commit that waits for the disk.",
        "",
        "| Children | Shields | Message | p50 | p95 | Worst | Processor, program | database |",
        "|---:|---:|---|---:|---:|---:|---:|---:|",
    ]
    for run in runs:
        head = run["result"]["headline"]
        lines += [
            f"| {run['children']:,} | {head['shields']:,} | {MESSAGES[kind]} | {some['p50_ms']:.0f} ms | "
            f"{some['p95_ms']:.0f} ms | {some['max_ms']:.0f} ms | {some['program_cpu_ms']:.0f} ms | "
            f"{some['database_cpu_ms']:.0f} ms |"
            for kind, some in run["result"]["kinds"].items()
        ]
    return [*lines, "", say_busy(runs), ""]


def write_feeds(runs: Sequence[Run]) -> list[str]:
    """What a part of a national feed costs where everybody is known, by size."""
    if not runs:
        return []
    lines = [
        "## A national feed where everybody is known",
        "",
        "A whole national feed at 11 million children takes hours; a part of one goes the same way and is "
        "compared with the same children. Child benefit's rows, with their slips, into a filled directory.",
        "Reading what is known is done once a file, whatever its length.",
        "",
        "| Children | Rows | Linked | New | To a person | Wall | Rows a second | Processor a row |"
        " Reading what is known | Peak memory, program | with the database |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for run in runs:
        head, one = run["result"]["headline"], run["result"]["feed"]
        reading = one["stages"].get("reading what is known", {"seconds": 0.0})
        lines.append(
            f"| {run['children']:,} | {head['rows']:,} | {one['linked'] + one['replaced']:,} | "
            f"{one['made']:,} | {one['not_placed']:,} | {head['seconds']:,.0f} s | "
            f"{head['rows_per_second']:,} | {head['cpu_ms_per_row']:.2f} ms | {reading['seconds']:.0f} s | "
            f"{run['result']['memory_mb']['python']:,} MB | {head['peak_rss_mb']:,} MB |"
        )
    return [*lines, "", say_busy(runs), ""]


def write_deltas(runs: Sequence[Run]) -> list[str]:
    """What a day's changes cost, by size."""
    if not runs:
        return []
    lines = [
        "## A day's changes",
        "",
        "Asked of us: a delta of 100,000 rows in 3 minutes at 11 million children, each child found at once.",
        "One supplier's file into a filled directory: 92 % of its rows are of children whom it sent before "
        "and give another address, 6 % of children whom nobody knew, 2 % come under a new reference of one "
        "whom it supplies already, which is a question for a person. "
        "New children are looked for by name and birth date as soon as the load has ended.",
        "",
        "| Children | Rows | Wall | Rows a second | Processor a row, program | database | Peak memory |"
        " Found |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for run in runs:
        head, stages = run["result"]["headline"], run["result"]["delta"]["stages"].values()
        each = [sum(stage[name] for stage in stages) / head["rows"] * 1000 for name in ("python", "database")]
        lines.append(
            f"| {run['children']:,} | {head['rows']:,} | {head['seconds']:.1f} s | "
            f"{head['rows_per_second']:,} | {each[0]:.2f} ms | {each[1]:.2f} ms | "
            f"{head['peak_rss_mb']:,} MB | {head['found']} of {head['asked']} |"
        )
    return [*lines, "", say_busy(runs), ""]


def write_clock(runs: Sequence[Run]) -> list[str]:
    """What a night costs, by size."""
    if not runs:
        return []
    lines = [
        "## The nightly clock",
        "",
        "Asked of us: 30 s at 1 million children, on course for 5 minutes at 11 million.",
        "A night archives those who turn 18, ends what ended a year before, and destroys what the night "
        "before archived, its dates moved back six years. Where children are copies the tables were grown "
        "from 100,000. The median of the nights; the first, which clears what is due already, not counted.",
        "",
        "| Children | Of them copies | A night | Worst | Archived and destroyed a night | Each |"
        " Processor, program | database | Forecast |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for run in runs:
        head, nights = run["result"]["headline"], run["result"]["nights"]
        used = [
            sum(night[name] for night in nights) / len(nights) for name in ("program_cpu_s", "database_cpu_s")
        ]
        lines.append(
            f"| {head['children']:,} | {run['result']['copied']:,} | {head['night_s']:.1f} s | "
            f"{head['worst_night_s']:.1f} s | "
            f"{head['records_a_night']:,} | {head['ms_a_record']:.0f} ms | {used[0]:.1f} s | "
            f"{used[1]:.1f} s | {head['forecast_s']:.1f} s |"
        )
    return [*lines, "", say_busy(runs), ""]


def say_busy(runs: Sequence[Run]) -> str:
    """How much else the machine did; a figure taken on a busy one says so."""
    shown = ", ".join(f"{run['machine']['busy']:.1f}" for run in runs)
    return (
        f"Processes waiting for each core as the runs began: {shown}. "
        "Where that is above 0.3 other work ran on the machine, and wall times say little."
        + "".join(f" {run['machine']['note']}" for run in runs if run["machine"].get("note"))
    )
