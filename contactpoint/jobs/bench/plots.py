"""Plots of the report, as SVG that is the same whenever the figures are."""

from math import isnan
from pathlib import Path
from typing import Any

import click

from contactpoint.jobs.bench.curves import draw_curves
from contactpoint.jobs.bench.questions import TROUBLE_WORDS, Trouble
from contactpoint.jobs.bench.report import Run, latest_by_size, read_runs

NAMES = {
    "door": "ContactPoint",
    "tantivy": "tantivy, fuzzy terms",
    "trigram": "pg_trgm",
    "trigram_dated": "pg_trgm, exact date",
}
COLOURS = {"door": "#1d70b8", "tantivy": "#00703c", "trigram": "#f47738", "trigram_dated": "#6f777b"}
TARGET = 40  # ms, p95


def draw_plots(*, docs: Path) -> list[str]:
    """Draw what the kept runs allow; gives the names of the files. Raises ClickException."""
    drawn = draw_curves(docs=docs, plt=_matplotlib(), save=_save)
    if matching := read_runs(docs=docs, stage="matching"):
        _groups(_matplotlib(), matching[-1]["result"]["england"], docs / "matching-groups.svg")
        drawn.append("matching-groups.svg")
    runs = latest_by_size(read_runs(docs=docs, stage="search"))
    if not runs:
        return drawn
    plt = _matplotlib()
    _latency(plt, runs, docs / "search-latency.svg")
    _recall(plt, runs[-1], docs / "search-recall.svg")
    return [*drawn, "search-latency.svg", "search-recall.svg"]


def _matplotlib() -> Any:
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise click.ClickException(
            "Plots need matplotlib, which `make setup` installs. The runs are kept: "
            "`contactpoint bench report` draws them later."
        ) from error
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "contactpoint"
    import matplotlib.pyplot as plt

    return plt


def _asked(run: Run) -> dict[str, Any]:
    return {"door": run["result"]["door"], **run["result"].get("peers", {})}


def _latency(plt: Any, runs: list[Run], path: Path) -> None:
    """p50 and p95 by size, of questions with one slip and the full birth date."""
    figure, axes = plt.subplots(figsize=(7.5, 4.2), layout="constrained")
    for who, name in NAMES.items():
        points = [
            (run["children"], some["p50_ms"], some["p95_ms"])
            for run in runs
            if (some := _asked(run).get(who, {}).get("by_trouble", {}).get(Trouble.ONE_SLIP.value))
        ]
        if not points:
            continue
        sizes, p50, p95 = zip(*points, strict=True)
        axes.plot(sizes, p95, marker="o", color=COLOURS[who], label=f"{name}, p95")
        axes.plot(sizes, p50, marker="o", color=COLOURS[who], linestyle=":", label=f"{name}, p50")
    axes.axhline(TARGET, color="#b1b4b6", linewidth=1)
    axes.text(runs[0]["children"], TARGET * 1.08, "asked: p95 at most 40 ms", color="#505a5f", fontsize=8)
    axes.set(xscale="log", yscale="log", xlabel="children", ylabel="milliseconds a search")
    axes.set_title("One slip in each name, full birth date", loc="left")
    axes.grid(visible=True, which="major", color="#eeefef")
    axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    _save(plt, figure, path)


def _recall(plt: Any, run: Run, path: Path) -> None:
    """The share of questions whose right child is among the ten rows shown, at the largest size."""
    figure, axes = plt.subplots(figsize=(7.5, 4.2), layout="constrained")
    asked = _asked(run)
    height = 0.8 / len(asked)
    for place, (who, found) in enumerate(asked.items()):
        shares = [found["by_trouble"].get(one.value, {}).get("recall_at_10", 0) * 100 for one in Trouble]
        where = [row + place * height for row in range(len(Trouble))]
        bars = axes.barh(where, shares, height=height * 0.9, color=COLOURS[who], label=NAMES[who])
        axes.bar_label(bars, fmt="%.1f", fontsize=7, padding=2)
    axes.set_yticks(
        [row + 0.4 - height / 2 for row in range(len(Trouble))],
        ["\n".join(_lines(TROUBLE_WORDS[one])) for one in Trouble],
        fontsize=8,
    )
    axes.invert_yaxis()
    axes.set(xlabel="% of questions, right child among the rows shown", xlim=(0, 108))
    axes.set_title(f"{run['children']:,} children", loc="left")
    axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    _save(plt, figure, path)


def _groups(plt: Any, england: dict[str, Any], path: Path) -> None:
    """The share of rows that ask a person and of known children missed, by group."""
    groups = {"everybody": england["all"], **england["groups"]}
    figure, axes = plt.subplots(figsize=(8.5, 6.2), layout="constrained")
    for place, (share, words, colour) in enumerate(
        (
            ("asked_share_without_twins", "asks a person (without twins, who nearly always ask)", "#1d70b8"),
            ("missed_share", "missed: would make a second record", "#d4351c"),
        )
    ):
        # Of twins there is no share without them.
        shares = [float("nan") if some[share] is None else some[share] * 100 for some in groups.values()]
        where = [row + place * 0.4 for row in range(len(groups))]
        bars = axes.barh(where, shares, height=0.36, color=colour, label=words)
        axes.bar_label(bars, ["" if isnan(one) else f"{one:.2f}" for one in shares], fontsize=7, padding=2)
    axes.set_yticks([row + 0.2 for row in range(len(groups))], list(groups), fontsize=8)
    axes.invert_yaxis()
    axes.set(xlabel="% of the group's rows")
    axes.set_title(f"Made-up England, {england['children']:,} children", loc="left")
    axes.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=2)
    _save(plt, figure, path)


def _lines(words: str) -> list[str]:
    """Broken at commas, for the margin."""
    return words.replace(", ", ",\n").split("\n")


def _save(plt: Any, figure: Any, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    # matplotlib leaves blanks at the ends of lines, which tools that check files complain of.
    path.write_text("\n".join(line.rstrip() for line in path.read_text().splitlines()) + "\n")
