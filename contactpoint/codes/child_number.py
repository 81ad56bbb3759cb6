"""The ContactPoint number (REC-4): random, meaningless, with a check character.

Owns how the number is drawn, written and read; the database stores the 45-bit integer.
Nine characters of five bits each, then one check character over the field of 32 elements.
Each place has its own multiplier there, so any one wrong character and any two swapped characters show.
"""

import re
import secrets
from collections.abc import Callable
from typing import NewType

ChildNumber = NewType("ChildNumber", str)

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O or U
VALUE_BITS = 45

_INDEX = {letter: index for index, letter in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_FIELD_POLYNOMIAL = 0b100101
_OFFSET = 0b10110  # so that a row of zeros, which people type to get past a box, is not a number
_IGNORED = re.compile(r"[\s\-‐-―]+")


def _times_x(element: int) -> int:
    doubled = element << 1
    return doubled ^ _FIELD_POLYNOMIAL if doubled & 0b100000 else doubled


def _check(values: list[int]) -> int:
    # Horner: the first character is multiplied by x^9, the last by x; the check itself stands for x^0.
    total = 0
    for value in values:
        total = _times_x(total ^ value)
    return total ^ _OFFSET


def new_value(rng: Callable[[int], int] = secrets.randbits) -> int:
    """A fresh random value; the caller makes sure that no record has it yet."""
    return rng(VALUE_BITS)


def encode(value: int) -> ChildNumber:
    """The ten characters of a stored value, without the hyphen."""
    if not 0 <= value < 1 << VALUE_BITS:
        raise ValueError(f"a ContactPoint number is an integer of {VALUE_BITS} bits")
    values = [value >> shift & 31 for shift in range(VALUE_BITS - 5, -1, -5)]
    return ChildNumber("".join(ALPHABET[each] for each in [*values, _check(values)]))


def decode(text: str) -> int | None:
    """The stored value of what somebody typed or read out, or None where it cannot be a number."""
    values = [_INDEX.get(letter, -1) for letter in _IGNORED.sub("", text).upper()]
    if len(values) != 10 or -1 in values or _check(values[:9]) != values[9]:
        return None
    value = 0
    for each in values[:9]:
        value = value << 5 | each
    return value


def format_child_number(number: ChildNumber) -> str:
    """As people read it: XXXXX-XXXXX."""
    return f"{number[:5]}-{number[5:]}"
