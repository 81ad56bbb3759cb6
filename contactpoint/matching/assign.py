"""Pair rows one to one so that the whole is as likely as it can be.

Pure; knows weights and keys only.
"""

from collections.abc import Iterable


def assign(pairs: Iterable[tuple[str, str, float]]) -> list[tuple[str, str, float]]:
    """Choose pairs (left, right, weight) so that nothing is chosen twice.

    The strongest pair goes first.
    Then a row takes a partner from its holder, who falls back on another, as long as the sum of weights rises.
    Weights must be positive; ties fall by key, so that the same input always gives the same output.
    """
    weights: dict[str, dict[str, float]] = {}
    ranked = sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))
    for left, right, weight in ranked:
        weights.setdefault(left, {})[right] = weight
    chosen: dict[str, str] = {}
    holders: dict[str, str] = {}
    for left, right, _ in ranked:
        if left not in chosen and right not in holders:
            chosen[left], holders[right] = right, left
    while _improve(weights, chosen, holders):
        pass
    return [(left, right, weights[left][right]) for left, right in sorted(chosen.items())]


def _improve(weights: dict[str, dict[str, float]], chosen: dict[str, str], holders: dict[str, str]) -> bool:
    """One pass of moves; a holder falls back on the partner given up, on a free one, or on none."""
    changed = False
    for left, options in weights.items():
        own = chosen.get(left)
        own_weight = options[own] if own else 0.0
        for right, weight in options.items():
            holder = holders.get(right)
            if right == own or holder is None:
                continue
            fallback, fallback_weight = _best_left_over(weights[holder], holders, given_up=own, taken=right)
            if weight + fallback_weight > own_weight + weights[holder][right] + 1e-9:
                if own:
                    del holders[own]
                chosen[left], holders[right] = right, left
                if fallback:
                    chosen[holder], holders[fallback] = fallback, holder
                else:
                    del chosen[holder]
                changed = True
                break
    return changed


def _best_left_over(
    options: dict[str, float], holders: dict[str, str], *, given_up: str | None, taken: str
) -> tuple[str | None, float]:
    free = [
        (weight, right)
        for right, weight in options.items()
        if right != taken and (right not in holders or right == given_up)
    ]
    weight, right = max(free, default=(0.0, ""))
    return (right, weight) if right else (None, 0.0)
