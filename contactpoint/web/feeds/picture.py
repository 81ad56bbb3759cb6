"""A supplier's figures over time as a small picture: geometry only; each figure also stands in words."""

from collections.abc import Sequence
from dataclasses import dataclass

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
