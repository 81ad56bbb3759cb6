"""Which pairs are worth scoring: the blocking rules, once, for both executors.

Each rule is a key of one row and the same rule as SQL for Splink: two rows share a key exactly where the SQL
blocks the pair, so that a row matched alone meets the same candidates as in bulk.
Every rule stays selective among 11 million children: an everyday name needs a full birth date beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from jellyfish import soundex

from contactpoint.matching.rows import MatchRow


@dataclass(frozen=True, slots=True)
class BlockingRule:
    """`key` gives a row's key, '' where it has none; `sql` is the same condition on a pair l, r."""

    id: str
    words: str
    sql: str
    key: Callable[[MatchRow], str]


@lru_cache(maxsize=100_000)
def sound_of(family: str) -> str:
    """The Soundex of a folded family name, '' where it is missing."""
    return soundex(family.replace(" ", "")) if family else ""


def _key(*parts: str) -> str:
    return "|".join(parts) if all(parts) else ""


def _full_date(row: MatchRow) -> str:
    return row.birth_date if len(row.birth_date) == 10 else ""


def _both_names(row: MatchRow) -> str:
    # In alphabetical order, so that swapped names meet.
    return _key(*sorted((row.given, row.family)))


RULES: tuple[BlockingRule, ...] = (
    BlockingRule("nhs", "NHS number", "l.nhs = r.nhs", lambda row: row.nhs),
    BlockingRule("upn", "pupil number", "l.upn = r.upn", lambda row: row.upn),
    BlockingRule(
        "sound",
        "sound of family name, full date of birth",
        "l.family_sound = r.family_sound AND l.birth = r.birth AND length(l.birth) = 10",
        lambda row: _key(sound_of(row.family), _full_date(row)),
    ),
    BlockingRule(
        "given",
        "given name, full date of birth",
        "l.given = r.given AND l.birth = r.birth AND length(l.birth) = 10",
        lambda row: _key(row.given, _full_date(row)),
    ),
    BlockingRule("postcode", "postcode", "l.postcode = r.postcode", lambda row: row.postcode),
    BlockingRule(
        "names",
        "given and family name in either order, year of birth",
        "l.name_low = r.name_low AND l.name_high = r.name_high "
        "AND substr(l.birth, 1, 4) = substr(r.birth, 1, 4)",
        lambda row: _key(_both_names(row), row.birth_date[:4]),
    ),
    BlockingRule(
        "line",
        "first address line, initial of given name",
        "l.address = r.address AND substr(l.given, 1, 1) = substr(r.given, 1, 1)",
        lambda row: _key(row.address, row.given[:1]),
    ),
)


def blocking_keys(row: MatchRow) -> tuple[str, ...]:
    """The row's keys, at most seven, each beginning with its rule's id.

    Rows that share none are never compared.
    """
    return tuple(f"{rule.id}:{key}" for rule in RULES if (key := rule.key(row)))


def wider_keys(row: MatchRow) -> tuple[str, ...]:
    """Further keys, for comparing with shielded children alone (SHI-5); WIDER is the same in SQL."""
    keys = (
        _key("wide-sound", sound_of(row.family), row.birth_date[:4]),
        _key("wide-given", row.given, row.birth_date[:7]),
        _key("wide-day", row.given[:1], _full_date(row)),
    )
    return tuple(key for key in keys if key)


WIDER = (
    "l.family_sound = r.family_sound AND substr(l.birth, 1, 4) = substr(r.birth, 1, 4)",
    "l.given = r.given AND substr(l.birth, 1, 7) = substr(r.birth, 1, 7)",
    "l.birth = r.birth AND length(l.birth) = 10 AND substr(l.given, 1, 1) = substr(r.given, 1, 1)",
)
