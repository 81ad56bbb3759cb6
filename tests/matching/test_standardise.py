"""Folding: what is compared, and what counts as missing (REC-11)."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactpoint.matching.rows import FIELDS, MatchRow
from contactpoint.matching.standardise import (
    fold_address,
    fold_date,
    fold_name,
    fold_postcode,
    frame_to_rows,
    is_placeholder,
    rows_to_frame,
    standardise,
    standardise_columns,
    standardise_frame,
)

names = st.text(max_size=20) | st.sampled_from(
    ["Baby", "Twin 1", "José", "O’Brien-Smith", "Not known", "ANNA MAY", "李"]
)
texts = st.text(max_size=14) | st.sampled_from(
    ["2014-05", "2014-05-01", "M1 1AE", "zz99 3vz", "12 High St", "M"]
)
numbers = st.text(max_size=14) | st.sampled_from(
    ["943 476 5919", "9434765919", "H801200001001", "h801200001001"]
)
COLUMNS = {
    "given_names": names,
    "family_name": names,
    "former_family_name": names,
    "birth_date": texts,
    "gender": texts,
    "postcode": texts,
    "address": texts,
    "nhs": numbers,
    "upn": numbers,
}
supplied = st.fixed_dictionaries(COLUMNS)


@pytest.mark.parametrize(
    ("supplied_name", "folded"),
    [
        ("José", "JOSE"),
        ("O’Brien", "OBRIEN"),
        ("O'Brien", "OBRIEN"),
        ("Smith-Jones", "SMITH JONES"),
        ("  van  der Berg ", "VAN DER BERG"),
        ("Łukasz", "LUKASZ"),
        ("Ångström", "ANGSTROM"),
        ("Σωτήρης", "SOTIRIS"),
        ("123", ""),
    ],
)
def test_names_fold_to_capitals_and_single_spaces(supplied_name: str, folded: str) -> None:
    assert fold_name(supplied_name) == folded


@pytest.mark.parametrize(
    "name",
    [
        "Baby",
        "BABY BOY",
        "Infant",
        "Twin 1",
        "twin two",
        "Unknown",
        "Test",
        "Not known",
        "n/k",
        "Baby of Smith",
    ],
)
def test_a_name_that_says_nobody_knew_it_counts_as_missing(name: str) -> None:
    row = standardise(key="1", given_names=name, family_name=name)
    assert is_placeholder(fold_name(name))
    assert (row.given, row.middle, row.family) == ("", "", "")


@pytest.mark.parametrize("name", ["Grace", "Testa", "Babyface", "Noname-Smith", "May", "An"])
def test_a_real_name_is_kept(name: str) -> None:
    assert not is_placeholder(fold_name(name))


def test_the_first_given_name_stands_alone_and_the_rest_are_middle_names() -> None:
    row = standardise(key="1", given_names="Baby Anna Maria Jane", family_name="Li")
    assert (row.given, row.middle) == ("ANNA", "MARIA JANE")


@pytest.mark.parametrize(
    ("supplied_date", "folded"),
    [
        ("2014", "2014"),
        ("2014-05", "2014-05"),
        ("2014-05-01", "2014-05-01"),
        ("1900-01-01", ""),
        ("01/05/2014", ""),
    ],
)
def test_dates_are_as_precise_as_they_were_known(supplied_date: str, folded: str) -> None:
    assert fold_date(supplied_date) == folded


@pytest.mark.parametrize(
    ("postcode", "folded"), [("m1 1ae", "M11AE"), ("ZZ99 3VZ", ""), ("UNKNOWN", ""), ("M1", "")]
)
def test_postcodes_lose_their_space_and_no_fixed_abode_says_nothing(postcode: str, folded: str) -> None:
    assert fold_postcode(postcode) == folded


@pytest.mark.parametrize(
    ("line", "folded"),
    [
        ("12, St. John's Rd.", "12 ST JOHNS ROAD"),
        ("Flat 2, The Green", "FLAT 2 THE GREEN"),
        ("No fixed abode", ""),
    ],
)
def test_address_lines_fold(line: str, folded: str) -> None:
    assert fold_address(line) == folded


@settings(deadline=None)
@given(row=supplied)
def test_standardising_twice_equals_once(row: dict[str, str]) -> None:
    once = standardise(key="1", **row)
    again = standardise(
        key="1",
        given_names=f"{once.given} {once.middle}",
        family_name=once.family,
        former_family_name=once.former_family,
        **{
            name: getattr(once, name)
            for name in ("birth_date", "gender", "postcode", "address", "nhs", "upn")
        },
    )
    assert again == once


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(supplied, max_size=8))
def test_a_frame_is_standardised_as_its_rows_are(rows: list[dict[str, str]]) -> None:
    columns = {"key": [str(place) for place in range(len(rows))]}
    columns |= {name: [row[name] for row in rows] for name in COLUMNS}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    expected = [standardise(key=str(place), **row) for place, row in enumerate(rows)]
    assert frame_to_rows(standardise_frame(frame)) == expected
    assert frame_to_rows(standardise_columns(frame)) == expected


def test_absent_columns_and_nulls_are_missing_values() -> None:
    frame = standardise_frame(pl.DataFrame({"key": [1], "given_names": [None], "family_name": ["Li"]}))
    assert frame_to_rows(frame) == [MatchRow(key="1", family="LI")]
    assert frame.columns == list(FIELDS)
    assert frame_to_rows(rows_to_frame([MatchRow(key="1", family="LI")])) == [MatchRow(key="1", family="LI")]
