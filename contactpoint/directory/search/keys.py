"""The keys by which a mistyped name is found again: pure (SEA-3).

Two names one slip apart always share a key: each name is filed under itself and under itself with one letter
left out (the SymSpell idea), which covers a letter changed, missing, added, or two neighbours swapped.
A sound key and the nickname groups cover what more than one slip apart still is the same name.
"""

from functools import lru_cache
from hashlib import blake2b

from jellyfish import metaphone

from contactpoint.matching.nicknames import group_numbers


def hash_key(text: str) -> int:
    """A stable signed 64-bit number for a key, as the database keeps it."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def name_keys(folded: str) -> frozenset[int]:
    """Every key of a folded name; none for the empty one."""
    return frozenset(hash_key(key) for key in _keys(folded))


def _keys(folded: str) -> set[str]:
    if not folded:
        return set()
    keys = {f"d:{folded[:place]}{folded[place + 1 :]}" for place in range(len(folded))}
    keys.add(f"d:{folded}")
    keys.discard("d:")
    sound = sound_of_name(folded)
    if sound:
        keys.add(f"s:{sound}")
    keys.update(f"n:{group}" for group in group_numbers(folded))
    return keys


@lru_cache(maxsize=50_000)
def sound_of_name(folded: str) -> str:
    """How a folded name sounds in English, roughly; '' for a name of one or two letters."""
    return metaphone(folded.replace(" ", "")) if len(folded) > 2 else ""
