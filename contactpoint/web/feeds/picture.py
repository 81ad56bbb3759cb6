"""A supplier's figures over time as a small picture: geometry only; each figure also stands in words."""

from calendar import month_name
from collections.abc import Sequence
from dataclasses import dataclass

from contactpoint.casework.review.values import Month
from contactpoint.intake.quality import Point

WIDTH, HEIGHT, MARGIN = 320, 96, 10


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: a path, and its end where the name stands. `dash` tells it from others without colour."""

    words: str
    points: str
    end_x: float
    end_y: float
    colour: str
    dash: str


@dataclass(frozen=True, slots=True)
class Lines:
    """The picture; `words` say it in one sentence."""

    lines: tuple[Line, ...]
    width: int
    height: int
    words: str


def draw_lines(points: Sequence[Point]) -> Lines | None:
    """Three curves from 0 to 100 %; None where there are not two loads to draw a line between."""
    if len(points) < 2:
        return None
    curves = (
        ("Complete", [point.complete for point in points], "#1d70b8", ""),
        ("Valid", [point.valid for point in points], "#00703c", "6 3"),
        ("Matched", [point.matched for point in points], "#912b88", "2 3"),
    )
    drawn = [_draw(words, shares, colour, dash) for words, shares, colour, dash in curves]
    last = points[-1]
    said = f"In {len(points)} loads: last {last.complete:.0%} complete and {last.valid:.0%} valid"
    if last.matched is not None:
        said += f", {last.matched:.0%} of a sample of new rows matched"
    return Lines(tuple(line for line in drawn if line), WIDTH, HEIGHT, f"{said}.")


def _draw(words: str, shares: Sequence[float | None], colour: str, dash: str) -> Line | None:
    step = (WIDTH - 2 * MARGIN) / max(len(shares) - 1, 1)
    places = [
        (MARGIN + place * step, HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN))
        for place, share in enumerate(shares)
        if share is not None
    ]
    if not places:
        return None
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return Line(words, path, *places[-1], colour, dash)


@dataclass(frozen=True, slots=True)
class Bar:
    """One month: an outline as high as what was asked, filled as far as it was made."""

    x: float
    asked_height: float
    made_height: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Corrections by month, oldest first. `bottom` is where the bars stand."""

    bars: tuple[Bar, ...]
    bar_width: float
    bottom: int
    width: int
    height: int
    asked: int
    made: int
    span: str
    words: str


def draw_months(months: Sequence[Month]) -> Bars | None:
    """None where nothing was asked."""
    if not months:
        return None
    most = max(month.asked for month in months)
    scale = (HEIGHT - 2 * MARGIN) / most
    step = (WIDTH - 2 * MARGIN) / 13  # twelve months may touch thirteen
    first = _number(months[0])
    bars = tuple(
        Bar(MARGIN + (_number(month) - first) * step, month.asked * scale, month.made * scale)
        for month in months
    )
    asked, made = sum(month.asked for month in months), sum(month.made for month in months)
    by_month = "; ".join(f"{month.month}: {month.asked} asked, {month.made} made" for month in months)
    words = f"Corrections by month. {by_month}."
    ends = [_say(month) for month in (months[0], months[-1])]
    span = ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
    return Bars(bars, step * 0.7, HEIGHT - MARGIN, WIDTH, HEIGHT, asked, made, span, words)


def _say(month: Month) -> str:
    return f"{month_name[int(month.month[5:])]} {month.month[:4]}"


def _number(month: Month) -> int:
    """Months in a row, so that one without corrections leaves its place empty."""
    year, part = month.month.split("-")
    return int(year) * 12 + int(part)
