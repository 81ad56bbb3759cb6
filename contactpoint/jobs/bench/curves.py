"""How each figure goes with the number of children: a plot for each measurement of two sizes or more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, log10
from pathlib import Path
from typing import Any

from contactpoint.jobs.bench.report import Run, latest_by_size, read_runs

BLUE, ORANGE, GREEN = "#1d70b8", "#f47738", "#00703c"


@dataclass(frozen=True, slots=True)
class Curve:
    """One plot: `lines` gives for a run the figures by the words of the legend."""

    stage: str
    title: str
    unit: str
    lines: Callable[[Run], dict[str, float]]
    asked: float | None = None
    asked_words: str = ""


def _of_messages(run: Run) -> dict[str, float]:
    new, changed = run["result"]["kinds"]["new"], run["result"]["kinds"]["changed"]
    return {
        "a new child, p50": new["p50_ms"],
        "a new child, p95": new["p95_ms"],
        "a change, p95": changed["p95_ms"],
    }


def _of_deltas(run: Run) -> dict[str, float]:
    head, stages = run["result"]["headline"], run["result"]["delta"]["stages"].values()
    used = {name: sum(stage[name] for stage in stages) for name in ("python", "database")}
    return {
        "wall time": head["seconds"] / head["rows"] * 1000,
        "processor, program": used["python"] / head["rows"] * 1000,
        "processor, database": used["database"] / head["rows"] * 1000,
    }


def _of_pages(run: Run) -> dict[str, float]:
    head, used = run["result"]["headline"], run["result"]["cpu_ms_per_enquiry"]
    return {
        "page, p95": head["p95_ms"],
        "page, p50": head["p50_ms"],
        "processor an enquiry": used["pages"] + used["database"],
    }


def _of_nights(run: Run) -> dict[str, float]:
    head = run["result"]["headline"]
    return {"a night": head["night_s"], "the worst": head["worst_night_s"]}


def _of_loads(run: Run) -> dict[str, float]:
    result = run["result"]
    head = result["headline"]
    return {
        "wall time, ms a row": head["seconds"] / head["rows"] * 1000,
        "processor, ms a row": result["cpu_seconds"] / head["rows"] * 1000,
        "peak memory, GB": head["peak_rss_mb"] / 1024,
        "on disk, KB a child": head["bytes_per_child"] / 1000,
    }


CURVES = (
    Curve("load", "A first load of every file", "as the legend says", _of_loads),
    Curve("message", "One message", "milliseconds", _of_messages, 50, "asked: at most 50 ms"),
    Curve("delta", "A day's changes", "milliseconds a row", _of_deltas, 1.8, "asked: 3 min for 100,000"),
    Curve("http", "Pages, at the pace held", "milliseconds", _of_pages, 250, "asked: p95 at most 250 ms"),
    Curve("clock", "A night of the clock", "seconds", _of_nights, 300, "asked: at most 5 min"),
)


def draw_curves(*, docs: Path, plt: Any, save: Callable[[Any, Any, Path], None]) -> list[str]:
    """Draw what the kept runs allow; gives the names of the files."""
    drawn = []
    for curve in CURVES:
        runs = latest_by_size(read_runs(docs=docs, stage=curve.stage))
        if len(runs) > 1:
            save(plt, _figure(plt, curve, runs), docs / f"curve-{curve.stage}.svg")
            drawn.append(f"curve-{curve.stage}.svg")
    return drawn


def _figure(plt: Any, curve: Curve, runs: Sequence[Run]) -> Any:
    figure, axes = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
    sizes, found = [run["children"] for run in runs], [curve.lines(run) for run in runs]
    styles = zip(found[-1], (BLUE, ORANGE, GREEN, "#6f777b"), ("o", "s", "^", "D"), strict=False)
    for words, colour, marker in styles:
        axes.plot(sizes, [one[words] for one in found], marker=marker, color=colour, label=words)
    if curve.asked is not None:
        axes.axhline(curve.asked, color="#b1b4b6", linewidth=1)
        axes.text(
            sizes[-1], curve.asked, curve.asked_words, ha="right", va="bottom", color="#505a5f", fontsize=8
        )
    axes.set(xscale="log", yscale="log", xlabel="children", ylabel=curve.unit)
    # Where every figure lies between two powers of ten their ticks alone would say nothing.
    axes.set_yticks(_ticks([*axes.get_ylim()]), minor=True)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")
    axes.tick_params(axis="y", which="minor", labelsize=8)
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes], fontsize=8)
    axes.set_xticks([], minor=True)
    axes.set_title(curve.title, loc="left")
    axes.grid(visible=True, which="major", color="#eeefef")
    axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _ticks(limits: Sequence[float]) -> list[float]:
    """Twice and five times each power of ten between the limits."""
    powers = range(floor(log10(limits[0])), floor(log10(limits[1])) + 1)
    every = (times * 10.0**power for power in powers for times in (2, 5))
    return [one for one in every if limits[0] <= one <= limits[1]]
