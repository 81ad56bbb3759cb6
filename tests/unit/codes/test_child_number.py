"""The ContactPoint number: every single slip shows, and people may type it loosely (REC-4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactpoint.codes.child_number import (
    ALPHABET,
    VALUE_BITS,
    ChildNumber,
    decode,
    encode,
    format_child_number,
    new_value,
)

values = st.integers(min_value=0, max_value=2**VALUE_BITS - 1)


@given(values)
def test_reading_undoes_writing(value: int) -> None:
    number = encode(value)
    assert len(number) == 10
    assert decode(number) == value
    assert decode(format_child_number(number)) == value


@given(values)
def test_every_single_wrong_character_is_noticed(value: int) -> None:
    number = encode(value)
    for place in range(10):
        for letter in ALPHABET:
            if letter != number[place]:
                assert decode(number[:place] + letter + number[place + 1 :]) is None


@given(values)
def test_every_swap_of_two_characters_is_noticed(value: int) -> None:
    number = encode(value)
    for one in range(10):
        for other in range(one + 1, 10):
            swapped = list(number)
            swapped[one], swapped[other] = swapped[other], swapped[one]
            if swapped != list(number):
                assert decode("".join(swapped)) is None


def test_people_may_type_it_loosely() -> None:
    number = format_child_number(encode(0b00001_00000 << 35))
    assert number.startswith("10")
    assert decode(number.lower().replace("-", "  ")) == 0b00001_00000 << 35
    assert decode("IO" + number[2:]) == decode("lo" + number[2:]) == 0b00001_00000 << 35


@pytest.mark.parametrize("text", ["", "0", "00000-00000", "UUUUU-UUUUU", "0" * 11, "日本", "x" * 10_000])
def test_what_is_no_number(text: str) -> None:
    assert decode(text) is None


def test_a_value_out_of_range_is_refused() -> None:
    for value in (-1, 2**VALUE_BITS):
        with pytest.raises(ValueError, match="45 bits"):
            encode(value)


def test_a_new_value_asks_for_all_bits() -> None:
    asked: list[int] = []
    assert new_value(lambda bits: asked.append(bits) or 7) == 7
    assert asked == [VALUE_BITS]
    assert format_child_number(ChildNumber("ABCDE12345")) == "ABCDE-12345"
