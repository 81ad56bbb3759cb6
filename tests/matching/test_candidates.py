"""One definition of candidates: two rows share a key exactly where the SQL blocks the pair."""

from pathlib import Path

import duckdb
import pytest

from contactpoint.matching.candidates import RULES, blocking_keys
from contactpoint.matching.engine import DEFAULT_LIMITS, load_rows, open_engine
from contactpoint.matching.rows import MatchRow
from contactpoint.matching.standardise import rows_to_frame
from tests.matching.pairs import two_offices


@pytest.mark.parametrize("place", range(len(RULES)), ids=[rule.id for rule in RULES])
def test_keys_and_sql_block_the_same_pairs(place: int, tmp_path: Path) -> None:
    left, right = two_offices()
    rule = RULES[place]
    by_key: dict[str, list[str]] = {}
    for row in right:
        by_key.setdefault(rule.key(row), []).append(row.key)
    by_keys = {(row.key, other) for row in left if rule.key(row) for other in by_key.get(rule.key(row), [])}
    with open_engine(scratch=tmp_path, limits=DEFAULT_LIMITS) as connection:
        by_sql = _block(connection, rule.sql, left, right)
    assert by_sql == by_keys
    assert len(by_sql) > 10


def _block(
    connection: duckdb.DuckDBPyConnection, sql: str, left: tuple[MatchRow, ...], right: tuple[MatchRow, ...]
) -> set[tuple[str, str]]:
    load_rows(connection, name="left_rows", rows=rows_to_frame(list(left)))
    load_rows(connection, name="right_rows", rows=rows_to_frame(list(right)))
    found = connection.sql(f"SELECT l.id, r.id FROM left_rows AS l JOIN right_rows AS r ON {sql}").fetchall()
    return {(left[a].key, right[b].key) for a, b in found}


def test_a_full_row_has_at_most_seven_keys_and_an_empty_one_has_none() -> None:
    full = MatchRow(
        "a",
        "ANNA",
        "MAY",
        "NOWAK",
        "",
        "2014-05-01",
        "F",
        "M11AE",
        "1 HIGH STREET",
        "9434765919",
        "H801200001001",
    )
    assert len(blocking_keys(full)) == len(RULES) == 7
    assert blocking_keys(MatchRow("b")) == ()


def test_swapped_names_meet() -> None:
    row = MatchRow("a", given="JAMES", family="THOMAS", birth_date="2014")
    swapped = MatchRow("b", given="THOMAS", family="JAMES", birth_date="2014-05-01")
    assert set(blocking_keys(row)) & set(blocking_keys(swapped)) == {"names:JAMES|THOMAS|2014"}


@pytest.mark.parametrize(
    "other",
    [
        MatchRow("b", "ANNA", "", "NOVAK", "", "2014-05-01"),
        MatchRow("b", "ANNA", "", "SMITH", "", "2014-05-01"),
        MatchRow("b", "ANNIE", "", "SMITH", "", "2013-05-01", "", "M11AE"),
        MatchRow("b", "ANNA", "", "NOWAK", "", "2014-01-05", "", "B23CD"),
        MatchRow("b", "ANN", "", "SMITH", "", "", "", "", "1 HIGH STREET"),
    ],
    ids=["sound", "new family name", "postcode", "moved, day and month swapped", "first line"],
)
def test_a_child_written_differently_is_still_compared(other: MatchRow) -> None:
    row = MatchRow("a", "ANNA", "", "NOWAK", "", "2014-05-01", "F", "M11AE", "1 HIGH STREET")
    assert set(blocking_keys(row)) & set(blocking_keys(other))
