"""Where a load stands, and which state may follow which (SUP-3). Values are stored: add, never rename."""

from enum import StrEnum


class LoadState(StrEnum):
    """`RECEIVED` until every row has its receipt; nothing is in the directory before `MATCHED`."""

    RECEIVED = "received"
    CHECKED = "checked"
    HELD = "held"  # stopped at the gate: a person releases or rejects it (SUP-4)
    PASSED = "passed"  # the gate
    MATCHED = "matched"
    PUBLISHED = "published"
    REFUSED = "refused"
    REJECTED = "rejected"
    LEFT = "left"  # stopped in the middle, and another file followed
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"


# A load that was stopped begins again at `RECEIVED`; what it published already is then unchanged.
# So does one that was held and released.
FOLLOWERS: dict[LoadState, frozenset[LoadState]] = {
    LoadState.RECEIVED: frozenset({LoadState.RECEIVED, LoadState.CHECKED, LoadState.REFUSED, LoadState.LEFT}),
    LoadState.CHECKED: frozenset({LoadState.RECEIVED, LoadState.PASSED, LoadState.HELD, LoadState.LEFT}),
    LoadState.HELD: frozenset({LoadState.RECEIVED, LoadState.REJECTED, LoadState.LEFT}),
    LoadState.PASSED: frozenset({LoadState.RECEIVED, LoadState.MATCHED, LoadState.LEFT}),
    LoadState.MATCHED: frozenset({LoadState.RECEIVED, LoadState.PUBLISHED, LoadState.LEFT}),
    LoadState.PUBLISHED: frozenset({LoadState.WITHDRAWING}),
    LoadState.LEFT: frozenset({LoadState.WITHDRAWING}),
    LoadState.WITHDRAWING: frozenset({LoadState.WITHDRAWING, LoadState.WITHDRAWN}),
    LoadState.REFUSED: frozenset(),
    LoadState.REJECTED: frozenset(),
    LoadState.WITHDRAWN: frozenset(),
}
UNDER_WAY = frozenset({LoadState.RECEIVED, LoadState.CHECKED, LoadState.PASSED, LoadState.MATCHED})
GONE = frozenset({LoadState.WITHDRAWING, LoadState.WITHDRAWN})


def may_follow(*, state: LoadState, following: LoadState) -> bool:
    """Whether a load may go from the one to the other."""
    return following in FOLLOWERS[state]
