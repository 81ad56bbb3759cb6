"""The weights of a comparison as a small waterfall: from what is likely of any two records to the sum.

Owns geometry only. Each bar says its figure, so that nothing depends on colour or on seeing the picture.
"""

from dataclasses import dataclass

from contactpoint.casework.review.records import Comparison

WIDTH = 360
STEP = 40
BAR = 14
MARGIN = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; lengths in units of the picture. `joins` is where the next bar begins."""

    words: str
    figure: str
    x: float
    y: int
    width: float
    is_for: bool
    is_sum: bool
    joins: float


@dataclass(frozen=True, slots=True)
class Picture:
    """`zero` is where neither answer is likelier; `words` say the whole in one sentence."""

    bars: tuple[Bar, ...]
    zero: float
    width: int
    height: int
    words: str


def draw_weights(comparison: Comparison) -> Picture:
    """Bars for the start, each field and the sum, in bits."""
    steps = [("before comparing anything", comparison.start)]
    steps += [(part.words, part.weight) for part in comparison.parts]
    edges = [0.0]
    for _, weight in steps:
        edges.append(edges[-1] + weight)
    low, high = min(*edges, 0.0), max(*edges, 0.0)
    scale = (WIDTH - 2 * MARGIN) / max(high - low, 1.0)

    def place(value: float) -> float:
        return round(MARGIN + (value - low) * scale, 1)

    bars = [
        _bar(words, weight, place(edges[number]), place(edges[number + 1]), number)
        for number, (words, weight) in enumerate(steps)
    ]
    bars.append(_bar("together", comparison.total, place(0.0), place(edges[-1]), len(steps), is_sum=True))
    return Picture(
        bars=tuple(bars),
        zero=place(0.0),
        width=WIDTH,
        height=STEP * len(bars) + MARGIN,
        words=_sentence(comparison),
    )


def _bar(words: str, weight: float, start: float, end: float, number: int, *, is_sum: bool = False) -> Bar:
    return Bar(
        words=words,
        figure=f"{weight:+.1f}".replace("-", "−"),
        x=min(start, end),
        y=STEP * number,
        width=max(abs(end - start), 1.0),
        is_for=weight >= 0,
        is_sum=is_sum,
        joins=end,
    )


def _sentence(comparison: Comparison) -> str:
    share = comparison.probability
    chance = "more than 999 in 1,000" if share > 0.999 else f"about {round(share * 1000):,} in 1,000"
    return f"The model takes the chance that they are one child to be {chance}."
