"""Pair rows one to one so that the whole is as likely as it can be.

Pure; knows weights and keys only.
"""

from collections.abc import Iterable

_NEARLY_NOTHING = 1e-9


def assign(pairs: Iterable[tuple[str, str, float]]) -> list[tuple[str, str, float]]:
    """Choose pairs (left, right, weight) so that nothing is chosen twice and the weights' sum is the largest.

    Weights must be positive; the same pairs in any order give the same output.
    """
    weights: dict[str, dict[str, float]] = {}
    for left, right, weight in sorted(pairs, key=lambda pair: (pair[0], -pair[2], pair[1])):
        weights.setdefault(left, {})[right] = weight
    chosen: dict[str, str] = {}
    holders: dict[str, str] = {}
    for left in weights:
        _seat(left, weights, chosen, holders)
    return [(left, right, weights[left][right]) for left, right in sorted(chosen.items())]


def _seat(
    left: str, weights: dict[str, dict[str, float]], chosen: dict[str, str], holders: dict[str, str]
) -> None:
    """Find the newcomer a partner, moving holders along, where that raises the sum most.

    With one newcomer the new best choice differs from the old along one chain of moves,
    so that the best chain keeps the whole the best (the argument of the Hungarian method).
    """
    gains = {left: 0.0}
    taken_from: dict[str, tuple[str, str]] = {}
    best_gain, end = 0.0, (left, "")
    waiting = [left]
    while waiting:
        seeker = waiting.pop(0)
        if gains[seeker] > best_gain + _NEARLY_NOTHING:
            best_gain, end = gains[seeker], (seeker, "")
        for right, weight in weights[seeker].items():
            holder = holders.get(right)
            if holder is None:
                if gains[seeker] + weight > best_gain + _NEARLY_NOTHING:
                    best_gain, end = gains[seeker] + weight, (seeker, right)
            elif holder != seeker:
                gain = gains[seeker] + weight - weights[holder][right]
                if gain > gains.get(holder, float("-inf")) + _NEARLY_NOTHING:
                    gains[holder] = gain
                    taken_from[holder] = (seeker, right)
                    waiting.append(holder)
    _move_along(end, taken_from, chosen, holders)


def _move_along(
    end: tuple[str, str],
    taken_from: dict[str, tuple[str, str]],
    chosen: dict[str, str],
    holders: dict[str, str],
) -> None:
    last, right = end
    if right:
        chosen[last], holders[right] = right, last
    else:
        chosen.pop(last, None)
    while last in taken_from:
        last, right = taken_from[last]
        chosen[last], holders[right] = right, last
