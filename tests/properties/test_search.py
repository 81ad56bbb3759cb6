"""What holds of search whatever is typed (SEA-2, SEA-3)."""

import string
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from contactpoint.directory.records import SearchQuery
from contactpoint.directory.search.dates import find_meant
from contactpoint.directory.search.index import find_pairs, fold_family
from contactpoint.directory.search.keys import name_keys
from contactpoint.directory.search.reading import (
    NumberNotForSector,
    ReadNumber,
    ReadQuery,
    TooLittle,
    Unreadable,
    read_query,
)

ON = date(2026, 10, 5)
LETTERS = string.ascii_uppercase
names = st.text(alphabet=LETTERS + " ", min_size=2, max_size=25).filter(str.strip)
days = st.dates(min_value=date(2001, 1, 1), max_value=date(2026, 10, 5))


@st.composite
def slipped(draw: st.DrawFn) -> tuple[str, str]:
    """A name and the same with one letter changed, missing, added, or two neighbours swapped."""
    name = draw(names)
    place = draw(st.integers(0, len(name) - 1))
    letter = draw(st.sampled_from(LETTERS))
    typed = draw(
        st.sampled_from(
            [
                name[:place] + letter + name[place + 1 :],
                name[:place] + name[place + 1 :],
                name[:place] + letter + name[place:],
                name[:place] + name[place : place + 2][::-1] + name[place + 2 :],
            ]
        )
    )
    return name, typed


@given(slipped())
def test_a_name_and_any_one_slip_of_it_share_a_key(pair: tuple[str, str]) -> None:
    name, typed = pair
    assert OSA.distance(name, typed) <= 1
    assert name_keys(name) & name_keys(typed)


@given(names)
def test_keys_are_stable_signed_64_bit_numbers(name: str) -> None:
    keys = name_keys(name)
    assert keys == name_keys(name)
    assert all(-(2**63) <= key < 2**63 for key in keys)


@given(days)
def test_what_is_meant_by_a_day_has_it_first_and_nothing_twice(day: date) -> None:
    meant = find_meant(day)
    everything = [*meant.near, *meant.slips]
    assert everything[0] == day
    assert len(set(everything)) == len(everything) < 60


@given(days, st.sampled_from([-2, -1, 1, 2]))
def test_a_day_or_two_off_is_meant(day: date, off: int) -> None:
    meant = find_meant(day + timedelta(days=off))
    assert day in (*meant.near, *meant.slips)


@given(days.filter(lambda day: day.day <= 12))
def test_day_and_month_swapped_are_meant(day: date) -> None:
    meant = find_meant(date(day.year, day.day, day.month))
    assert day in (*meant.near, *meant.slips)


@given(
    st.text(max_size=60),
    st.text(max_size=60),
    st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=30),
)
def test_any_name_at_all_can_be_filed(
    given_names: str, family_name: str, others: list[tuple[str, str]]
) -> None:
    pairs = find_pairs(given_names=given_names, family_name=family_name, others=others)
    assert 1 <= len(pairs) <= 16
    assert all(name.isascii() and "\x00" not in name for pair in pairs for name in pair)
    assert find_pairs(given_names=given_names, family_name=family_name) <= pairs


anything = st.text(max_size=200) | st.sampled_from(
    ["*", "%", "'; DROP TABLE x; --", "\x00", "<b>", "x" * 10_000]
)


@given(
    given_name=anything,
    family_name=anything,
    birth_date=anything | days.map(date.isoformat),
    postcode=anything | st.just("B1 1AA"),
    gender=anything,
    ages=st.none() | st.tuples(st.integers(), st.integers()),
    number=st.tuples(st.sampled_from(["", "nhs", "upn", "contactpoint", "x"]), anything),
)
def test_whatever_is_typed_is_read_or_refused_without_repeating_it(
    given_name: str,
    family_name: str,
    birth_date: str,
    postcode: str,
    gender: str,
    ages: tuple[int, int] | None,
    number: tuple[str, str],
) -> None:
    query = SearchQuery(
        given_name=given_name,
        family_name=family_name,
        birth_date=birth_date,
        age_from=ages[0] if ages else None,
        age_to=ages[1] if ages else None,
        postcode=postcode,
        gender=gender,
        number_kind=number[0],
        number=number[1],
    )
    try:
        read = read_query(query=query, visible_numbers=frozenset({"upn"}), on=ON)
    except (TooLittle, Unreadable, NumberNotForSector) as refusal:
        said = str(refusal)
    else:
        said = ""
        assert isinstance(read, ReadNumber) or (isinstance(read, ReadQuery) and (read.given or read.family))
    assert "DROP TABLE" not in said


@given(names)
def test_folding_a_family_name_twice_changes_nothing(name: str) -> None:
    assert fold_family(fold_family(name)) == fold_family(name)
