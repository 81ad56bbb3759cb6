"""Given names written in Latin letters in several ways: DEEPAK and DIPAK, KHALEED and KHALID, SOOM and SUM.

A name from another script has no one spelling, and a slip count takes such pairs for two children (SUP-7).
Owns what counts as the same sound written otherwise; kept narrow, because twins are asked about by it.
"""

import re
from functools import lru_cache
from zlib import crc32

from contactpoint.matching.nicknames import group_numbers

LEAST = 3  # letters that are left: of shorter names too many sound alike
_SAME_SOUND = (
    (re.compile("EE|IE|Y"), "I"),
    (re.compile("OO|OU"), "U"),
    (re.compile("PH"), "F"),
    (re.compile("([AEIOU])H(?![AEIOU])"), r"\1"),
    (re.compile(r"([A-Z])\1+"), r"\1"),
)
_ABOVE_GROUPS = 2**30  # the table of nicknames numbers its groups from 0


def are_forms(a: str, b: str) -> bool:
    """Whether two different folded names are forms of one another: nicknames, or one name romanised twice."""
    return a != b and not set(form_numbers(a)).isdisjoint(form_numbers(b))


@lru_cache(maxsize=200_000)
def form_numbers(name: str) -> tuple[int, ...]:
    """Numbers that names share exactly where they are forms of one another; what the executors compare."""
    sound = _romanise(name)
    if len(sound) < LEAST:
        return group_numbers(name)
    return (*group_numbers(name), _ABOVE_GROUPS + crc32(sound.encode()) % _ABOVE_GROUPS)


def _romanise(name: str) -> str:
    for found, written in _SAME_SOUND:
        name = found.sub(written, name)
    return name
