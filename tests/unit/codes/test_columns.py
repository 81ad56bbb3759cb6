"""Whole columns give the same answers as one value at a time."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from contactpoint.codes.numbers import (
    UPN_LETTERS,
    parse_nhs_number,
    parse_upn,
    upn_check_letter,
    valid_nhs_number,
    valid_upn,
)
from contactpoint.codes.postcode import normalise_postcode, outward, parse_postcode

near_nhs = st.integers(0, 10**10 - 1).map(lambda number: f"{number:010d}")
near_upn = st.builds(  # the right check letter half the time
    lambda right, letter, digits, last: (
        (upn_check_letter(digits + last) if right else letter) + digits + last
    ),
    st.booleans(),
    st.sampled_from(UPN_LETTERS),
    st.from_regex(r"[0-9]{11}", fullmatch=True),
    st.sampled_from(UPN_LETTERS + "0123456789"),
)
near_postcode = st.from_regex(r"[A-Za-z]{1,2}[0-9O][0-9A-Z]?[ .-]?[0-9OI][A-Za-z]{2}", fullmatch=True)
near_exception = st.from_regex(r"(ZZ99 ?[0-9OI][A-Z]{2}|BFPO ?[0-9OI]{1,5}|GIR ?[0O]AA)", fullmatch=True)


@given(st.lists(near_nhs | st.text(max_size=12), min_size=1))
def test_nhs_numbers(texts: list[str]) -> None:
    column = pl.DataFrame({"text": texts}).select(valid_nhs_number(pl.col("text"))).to_series().to_list()
    assert column == [parse_nhs_number(text) is not None for text in texts]


@given(st.lists(near_upn | st.text(max_size=14), min_size=1))
def test_upns(texts: list[str]) -> None:
    column = pl.DataFrame({"text": texts}).select(valid_upn(pl.col("text"))).to_series().to_list()
    assert column == [parse_upn(text) is not None for text in texts]


@given(st.lists(near_postcode | near_exception | st.text(max_size=9), min_size=1))
def test_postcodes(texts: list[str]) -> None:
    column = pl.DataFrame({"text": texts}).select(normalise_postcode(pl.col("text"))).to_series().to_list()
    assert column == [parse_postcode(text) for text in texts]


@given(near_postcode | near_exception)
def test_a_postcode_read_twice_is_the_same(text: str) -> None:
    once = parse_postcode(text)
    if once is not None:
        assert parse_postcode(once) == once
        assert outward(once) == once.split()[0]


def test_null_stays_null() -> None:
    frame = pl.DataFrame({"text": [None]}, schema={"text": pl.String})
    for expression in (valid_nhs_number, valid_upn, normalise_postcode):
        assert frame.select(expression(pl.col("text"))).to_series().to_list() == [None]
