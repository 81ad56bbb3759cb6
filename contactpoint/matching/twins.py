"""Who has a twin on file, or might (SUP-7): another child born the same day who lives in the same place.

A pair is such whatever the names, unless the given names could be two ways of writing one:
then it is one child written twice, which is another question.
"""

import duckdb
import polars as pl

from contactpoint.matching.likeness import is_compatible_given
from contactpoint.matching.rows import MatchRow


def are_twins(a: MatchRow, b: MatchRow) -> bool:
    """Whether two rows look like two children of one birth at one address."""
    if len(a.birth_date) != 10 or a.birth_date != b.birth_date or not _is_same_place(a, b):
        return False
    return not is_compatible_given(a.given, b.given)


def find_twins(rows: pl.DataFrame) -> frozenset[str]:
    """The keys of the standardised rows that have a twin among the others."""
    if rows.height < 2:
        return frozenset()
    full = rows.filter(pl.col("birth_date").str.len_bytes() == 10).select(
        "key", "given", "family", "birth_date", "postcode", "address"
    )
    by_line = _pairs(full.filter(pl.col("address") != ""), on=["birth_date", "address"]).filter(
        (pl.col("postcode") == pl.col("postcode_b"))
        | (pl.col("postcode") == "")
        | (pl.col("postcode_b") == "")
    )
    by_postcode = _pairs(
        full.filter((pl.col("postcode") != "") & (pl.col("family") != "")),
        on=["birth_date", "postcode", "family"],
    )
    twins: set[str] = set()
    for pairs in (by_line, by_postcode):
        for key_a, given_a, key_b, given_b in pairs.select("key", "given", "key_b", "given_b").iter_rows():
            if not is_compatible_given(given_a, given_b):
                twins |= {key_a, key_b}
    return frozenset(twins)


_STORED = """
SELECT a.id AS left, b.id AS right, a.given AS given, b.given AS given_b
FROM {table} a JOIN {table} b ON a.birth = b.birth AND {place} AND a.id < b.id
WHERE length(a.birth) = 10 AND a.given <> b.given
"""
_PLACES = (
    "a.address = b.address AND (a.postcode = b.postcode OR a.postcode IS NULL OR b.postcode IS NULL)",
    "a.postcode = b.postcode AND a.family = b.family",
)


def find_stored_twins(connection: duckdb.DuckDBPyConnection, *, table: str) -> pl.Series:
    """`id` of the rows of a table of prepared rows that have a twin among the others: as `find_twins`."""
    found = [connection.sql(_STORED.format(table=table, place=place)).pl() for place in _PLACES]
    pairs = pl.concat(found)
    names = pairs.select("given", "given_b").unique()
    others = names.filter(
        pl.Series([not is_compatible_given(a, b) for a, b in names.iter_rows()], dtype=pl.Boolean)
    )
    twins = pairs.join(others, on=["given", "given_b"], how="semi")
    both: pl.Series = pl.concat([twins["left"], twins["right"]])
    return both.unique().sort()


def _is_same_place(a: MatchRow, b: MatchRow) -> bool:
    if a.address and a.address == b.address and (a.postcode == b.postcode or not (a.postcode and b.postcode)):
        return True
    return bool(a.postcode and a.family) and a.postcode == b.postcode and a.family == b.family


def _pairs(rows: pl.DataFrame, *, on: list[str]) -> pl.DataFrame:
    # Only groups of two and more, so that the join stays small among millions.
    crowded = rows.filter(pl.len().over(on) > 1)
    return crowded.join(crowded, on=on, suffix="_b").filter(pl.col("key") < pl.col("key_b"))
