"""Say in words why two rows look like one child (SUP-8).

Works from the numbers of the levels alone: what is stored holds no value, and words are made when shown.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from contactpoint.matching.levels import COMPARISONS
from contactpoint.matching.model import Model
from contactpoint.matching.rows import MatchRow
from contactpoint.matching.score import MISSING, score_one


@dataclass(frozen=True, slots=True)
class Reason:
    """One field's part: its words ("family name: one letter different") and its evidence in bits."""

    field: str
    words: str
    weight: float


def explain(model: Model, levels: Sequence[int]) -> tuple[Reason, ...]:
    """A reason for each field that both rows have, in the model's order; above 0 speaks for one child."""
    reasons = []
    for comparison, number in zip(model.comparisons, levels, strict=True):
        if number == MISSING:
            continue
        level = comparison.levels[len(comparison.levels) - 1 - number]
        reasons.append(Reason(comparison.field, f"{comparison.words}: {level.words}", level.weight))
    return tuple(reasons)


def weigh_pair(model: Model, a: MatchRow, b: MatchRow) -> tuple[Reason, ...]:
    """A reason for each field that both rows have; with the prior's weight they add up to the score's.

    Unlike `explain` it has the rows, so a name counts for as much as it is rare.
    """
    (score,) = score_one(model, a, [b])
    reasons = []
    for definition, weights, number in zip(COMPARISONS, model.comparisons, score.levels, strict=True):
        if number == MISSING:
            continue
        place = len(weights.levels) - 1 - number
        level = weights.levels[place]
        bits = level.weight
        if definition.levels[place].frequencies:
            share = model.frequency_of(definition.field, getattr(a, definition.field))
            bits += math.log2(weights.levels[0].u) - math.log2(share)
        reasons.append(Reason(definition.field, f"{weights.words}: {level.words}", bits))
    return tuple(reasons)


def level_id(model: Model, levels: Sequence[int], field: str) -> str:
    """The level that one field reached ("given.nickname"); '' where a value is missing."""
    place = _PLACES[field]
    number = levels[place]
    held = model.comparisons[place].levels
    return "" if number == MISSING else held[len(held) - 1 - number].id


def find_numbers(model: Model, field: str, ids: Collection[str]) -> frozenset[int]:
    """The numbers that stand for these levels of a field in a score's `levels`; '' is a missing value."""
    held = model.comparisons[place_of(field)].levels
    numbers = {len(held) - 1 - place for place, level in enumerate(held) if level.id in ids}
    return frozenset(numbers | ({MISSING} if "" in ids else set()))


def place_of(field: str) -> int:
    """Where the field's number stands in a score's `levels`."""
    return _PLACES[field]


_PLACES = {definition.field: place for place, definition in enumerate(COMPARISONS)}
