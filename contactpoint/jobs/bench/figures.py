"""Statistics of a measurement, in plain Python: few numbers, no dependency."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds. Percentiles are nearest-rank: each is a time that really happened."""

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


def percentile(*, values: Sequence[float], percent: float) -> float:
    """The smallest value with at least that share of all values at or below it. Raises ValueError."""
    if not values:
        raise ValueError("There is nothing to take a percentile of.")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def summarise_latency(*, seconds: Sequence[float]) -> Latency:
    """What a table shows of many timings. Raises ValueError where there are none."""
    milliseconds = [second * 1000 for second in seconds]
    p50, p95, p99 = (round(percentile(values=milliseconds, percent=at), 2) for at in (50, 95, 99))
    return Latency(len(milliseconds), p50, p95, p99, round(max(milliseconds), 2))


def share(*, part: int, whole: int) -> float:
    """A proportion to four places; of nothing it is 0."""
    return round(part / whole, 4) if whole else 0.0


def interval(*, part: int, whole: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a proportion: how far the sample's size lets it be believed."""
    if not whole:
        return 0.0, 1.0
    z = 1.959964
    p = part / whole
    centre = (p + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return round(max(0.0, centre - half), 4), round(min(1.0, centre + half), 4)


def median_of(rounds: Sequence[Any]) -> Any:
    """One result from several rounds of the same measurement: the median of every number, place by place.

    What is no number must be the same in each and is taken from the first.
    """
    first = rounds[0]
    if isinstance(first, dict):
        return {name: median_of([one[name] for one in rounds]) for name in first}
    if isinstance(first, list | tuple) and all(len(one) == len(first) for one in rounds):
        return [median_of(places) for places in zip(*rounds, strict=True)]
    if isinstance(first, int | float) and not isinstance(first, bool):
        middle = median(rounds)
        return round(middle) if isinstance(first, int) else round(middle, 4)
    return first
