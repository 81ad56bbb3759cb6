"""Under which pairs of given and family name a child is filed: pure (SEA-3).

Current names, middle names used as first, parts and joined forms of double-barrelled names, and,
of open children only, former names, aliases and other suppliers' spellings (SHI-3).
All names are folded; '' stands for a missing one.
"""

from collections.abc import Iterable
from functools import lru_cache

from contactpoint.matching.standardise import fold_name, is_placeholder, split_given

MOST_PAIRS = 16
MOST_LETTERS = 60  # of one name: what lies beyond distinguishes nobody
_MOST_MIDDLE = 3
# Words within family names that nobody is looked up by.
_PARTICLES = frozenset(
    ["VAN", "VON", "DER", "DEN", "DEL", "DOS", "DAS", "BIN", "BINT", "IBN", "TER", "TEN", "AND"]
)

Pair = tuple[str, str]


def find_pairs(
    *, given_names: str, family_name: str, others: Iterable[tuple[str, str]] = ()
) -> frozenset[Pair]:
    """Every pair for one child.

    `others` are further names as (given names, family name), where '' means "as the current one".
    At most MOST_PAIRS, the current names first.
    """
    pairs = dict.fromkeys(_pairs_of_name(given_names, family_name))
    for other_given, other_family in others:
        for pair in _pairs_of_name(other_given or given_names, other_family or family_name):
            if len(pairs) < MOST_PAIRS:
                pairs.setdefault(pair)
    return frozenset(pairs)


@lru_cache(maxsize=100_000)  # of one child's rows, one after another, nearly all say the same
def _pairs_of_name(given_names: str, family_name: str) -> tuple[Pair, ...]:
    joined = "-" in given_names or "'" in given_names or "’" in given_names
    return _pairs_of_folded(*split_first(given_names), fold_family(family_name), joined)


@lru_cache(maxsize=100_000)
def _pairs_of_folded(first: str, middle: str, family: str, joined: bool) -> tuple[Pair, ...]:
    if not middle and " " not in family and (first or family):
        return ((first[:MOST_LETTERS], family[:MOST_LETTERS]),)
    pairs = [(first, family)]
    pairs += [(each, family) for each in middle.split()[:_MOST_MIDDLE] if len(each) > 1]
    if middle and joined:
        pairs.append((first + middle.split(maxsplit=1)[0], family))
    pairs += [(first, part) for part in family_parts(family)]
    short = [(given[:MOST_LETTERS], family[:MOST_LETTERS]) for given, family in pairs]
    return tuple(dict.fromkeys([pair for pair in short if any(pair)])) or (("", ""),)


def family_parts(family: str) -> tuple[str, ...]:
    """Other words for a family name of several: its parts, and all in one word."""
    words = family.split()
    if len(words) < 2:
        return ()
    parts = [word for word in words if len(word) >= 3 and word not in _PARTICLES][:3]
    return (*parts, "".join(words))


@lru_cache(maxsize=200_000)
def split_first(given_names: str) -> tuple[str, str]:
    """The first given name and the rest, folded (`split_given`, remembered)."""
    return split_given(given_names)


@lru_cache(maxsize=200_000)
def fold_family(family_name: str) -> str:
    """Folded, and '' where it says that nobody knew it (REC-11)."""
    folded = fold_name(family_name)
    return "" if is_placeholder(folded) else folded
