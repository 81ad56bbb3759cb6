"""Searches with known answers: each kind is wrong in its own way, and only so."""

import polars as pl
import pytest
from rapidfuzz.distance import OSA

from contactpoint.synthetic.names import nicknames
from contactpoint.synthetic.queries import NothingToDrawFrom, SearchTyped, draw_queries
from tests.unit.synthetic.conftest import England


def drawn(england: England, kind: str, count: int = 300) -> list[tuple[SearchTyped, dict[str, object]]]:
    queries = draw_queries(england.children, kind=kind, count=count, seed=5)  # type: ignore[arg-type]
    by_id = {child["child_id"]: child for child in england.children.iter_rows(named=True)}
    assert len(queries) == count
    return [(query, by_id[query.child_id]) for query in queries]


def test_exact(england: England) -> None:
    for query, child in drawn(england, "exact"):
        assert query.given_name == child["given_name"]
        assert query.family_name == child["family_name"]
        assert query.birth_date == str(child["birth_date"])


def test_one_slip_in_each_name(england: England) -> None:
    for query, child in drawn(england, "one_slip_each"):
        assert OSA.distance(query.given_name.casefold(), str(child["given_name"]).casefold()) == 1
        assert OSA.distance(query.family_name.casefold(), str(child["family_name"]).casefold()) == 1
        assert query.birth_date == str(child["birth_date"])


def test_compound_trouble(england: England) -> None:
    kinds = set()
    for query, child in drawn(england, "compound"):
        swapped = (query.given_name, query.family_name) == (child["family_name"], child["given_name"])
        short = query.given_name in nicknames().get(str(child["given_name"]), ())
        assert swapped or (short and query.family_name == child["family_name"])
        assert query.birth_date != str(child["birth_date"])
        assert query.postcode == child["old_postcode"]
        assert child["moved_on"] is not None
        kinds.add((swapped, query.birth_date[:4] == str(child["birth_date"])[:4]))
    assert len(kinds) >= 2


def test_name_and_year(england: England) -> None:
    for query, child in drawn(england, "name_year"):
        assert query.birth_date == str(child["birth_date"])[:4]
        assert query.postcode == ""


def test_given_name_birth_date_and_postcode(england: England) -> None:
    for query, child in drawn(england, "given_dob_postcode"):
        assert query.family_name == ""
        assert query.postcode == child["postcode"]


def test_the_same_seed_draws_the_same(england: England) -> None:
    one, same, other = (
        draw_queries(england.children, kind="exact", count=20, seed=seed) for seed in (1, 1, 2)
    )
    assert one == same != other


def test_nothing_to_draw_from(england: England) -> None:
    with pytest.raises(NothingToDrawFrom):
        draw_queries(england.children.filter(pl.lit(value=False)), kind="exact", count=1, seed=1)
