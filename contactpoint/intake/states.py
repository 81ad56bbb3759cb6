"""Where a load stands, and which state may follow which (SUP-3). Values are stored: add, never rename."""

from enum import StrEnum


class LoadState(StrEnum):
    """`RECEIVED` until every row has its receipt; nothing is in the directory before `MATCHED`."""

    RECEIVED = "received"
    CHECKED = "checked"
    MATCHED = "matched"
    PUBLISHED = "published"
    REFUSED = "refused"
    LEFT = "left"  # stopped in the middle, and another file followed


# A load that was stopped begins again at `RECEIVED`; what it published already is then unchanged.
FOLLOWERS: dict[LoadState, frozenset[LoadState]] = {
    LoadState.RECEIVED: frozenset({LoadState.RECEIVED, LoadState.CHECKED, LoadState.REFUSED, LoadState.LEFT}),
    LoadState.CHECKED: frozenset({LoadState.RECEIVED, LoadState.MATCHED, LoadState.LEFT}),
    LoadState.MATCHED: frozenset({LoadState.RECEIVED, LoadState.PUBLISHED, LoadState.LEFT}),
    LoadState.PUBLISHED: frozenset(),
    LoadState.REFUSED: frozenset(),
    LoadState.LEFT: frozenset(),
}
FINISHED = frozenset(state for state, followers in FOLLOWERS.items() if not followers)


def may_follow(*, state: LoadState, following: LoadState) -> bool:
    """Whether a load may go from one state to the other."""
    return following in FOLLOWERS[state]
