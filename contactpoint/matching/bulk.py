"""Match whole files: the frozen model through Splink on DuckDB.

The large executor: the same pairs, weights and levels as `candidates` and `score` give one row at a time.
Decides nothing; `decide` does.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import polars as pl

from contactpoint.matching.engine import (
    DEFAULT_LIMITS,
    Limits,
    keep_near,
    load_portions,
    load_rows,
    make_linker,
    open_engine,
)
from contactpoint.matching.levels import COMPARISONS
from contactpoint.matching.model import Model
from contactpoint.matching.twins import find_stored_twins
from contactpoint.progress import Progress, no_progress

# From so many known rows for each new one it pays to set those aside first that no new row comes near.
_MANY_TIMES = 3


def link(
    new: pl.DataFrame,
    known: pl.DataFrame,
    *,
    model: Model,
    scratch: Path,
    progress: Progress = no_progress,
    least: float | None = None,
    wider: Sequence[str] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> pl.DataFrame:
    """Pairs of a new and a known row that may be one child.

    Given are those from probability `least` up, by default the threshold for asking.
    Both frames are standardised rows with distinct keys.
    `wider` adds blocking rules (SQL on l and r) that only small files can afford.
    Gives new_key, known_key, weight, probability and levels, in no particular order.
    """
    if new.is_empty() or known.is_empty():
        return name_keys(pl.DataFrame(schema=PAIRS), new["key"], known["key"], "new_key", "known_key")
    with open_engine(scratch=scratch, limits=limits) as connection:
        progress("preparing rows", 0, new.height + known.height)
        load_rows(connection, name="a_new", rows=new)
        progress("preparing rows", new.height, new.height + known.height)
        load_rows(connection, name="b_known", rows=known)
        progress("preparing rows", new.height + known.height, new.height + known.height)
        if known.height > new.height * _MANY_TIMES:
            progress("finding neighbours", 0, None)
            keep_near(connection, of="a_new", name="b_known", wider=wider)
        pairs = _predict(
            connection, tables=("a_new", "b_known"), model=model, least=least, wider=wider, progress=progress
        )
    return name_keys(pairs, new["key"], known["key"], "new_key", "known_key")


def dedupe(
    rows: pl.DataFrame,
    *,
    model: Model,
    scratch: Path,
    progress: Progress = no_progress,
    least: float | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> pl.DataFrame:
    """Pairs within one file that may be one child (SUP-9): key_a, key_b, weight, probability and levels.

    `key_a` stands before `key_b` in the file.
    """
    if rows.is_empty():
        return name_keys(pl.DataFrame(schema=PAIRS), rows["key"], rows["key"], "key_a", "key_b")
    with open_engine(scratch=scratch, limits=limits) as connection:
        progress("preparing rows", 0, rows.height)
        load_rows(connection, name="a_rows", rows=rows)
        progress("preparing rows", rows.height, rows.height)
        return _dedupe(connection, rows["key"], model=model, least=least, progress=progress)


def dedupe_portions(
    portions: Iterable[pl.DataFrame],
    *,
    model: Model,
    scratch: Path,
    progress: Progress = no_progress,
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[pl.DataFrame, frozenset[str]]:
    """What `dedupe` and `twins.find_twins` give for all portions of one file together."""
    with open_engine(scratch=scratch, limits=limits) as connection:
        progress("preparing rows", 0, None)
        keys = load_portions(connection, name="a_rows", portions=portions)
        if keys.is_empty():
            return name_keys(pl.DataFrame(schema=PAIRS), keys, keys, "key_a", "key_b"), frozenset()
        pairs = _dedupe(connection, keys, model=model, least=None, progress=progress)
        return pairs, frozenset(keys.gather(find_stored_twins(connection, table="a_rows")).to_list())


def _dedupe(
    connection: duckdb.DuckDBPyConnection,
    keys: pl.Series,
    *,
    model: Model,
    least: float | None,
    progress: Progress,
) -> pl.DataFrame:
    pairs = _predict(connection, tables=("a_rows",), model=model, least=least, progress=progress)
    ordered = pairs.with_columns(
        pl.min_horizontal("left", "right").alias("left"), pl.max_horizontal("left", "right").alias("right")
    )
    return name_keys(ordered, keys, keys, "key_a", "key_b")


PAIRS: dict[str, pl.DataType] = {
    "left": pl.UInt32(),
    "right": pl.UInt32(),
    "weight": pl.Float64(),
    "probability": pl.Float64(),
    "levels": pl.List(pl.Int8()),
}


def _predict(
    connection: duckdb.DuckDBPyConnection,
    *,
    tables: tuple[str, ...],
    model: Model,
    least: float | None,
    progress: Progress,
    wider: Sequence[str] = (),
) -> pl.DataFrame:
    linker = make_linker(connection, tables=tables, model=model, wider=wider)
    progress("comparing", 0, None)
    floor = model.thresholds.ask if least is None else least
    predicted = linker.inference.predict(threshold_match_probability=floor).physical_name
    levels = ", ".join(f"CAST(gamma_{comparison.field}_level AS TINYINT)" for comparison in COMPARISONS)
    pairs: pl.DataFrame = connection.sql(
        f"""
        SELECT CAST(id_l AS UINTEGER) AS "left", CAST(id_r AS UINTEGER) AS "right",
            match_weight AS weight, match_probability AS probability, [{levels}] AS levels
        FROM {predicted}
        """
    ).pl()
    progress("comparing", pairs.height, pairs.height)
    return pairs.cast(pl.Schema(PAIRS))


def name_keys(
    pairs: pl.DataFrame, left: pl.Series, right: pl.Series, left_name: str, right_name: str
) -> pl.DataFrame:
    """Pairs of places with the keys of the rows that stand there."""
    return pairs.select(
        left.gather(pairs["left"]).alias(left_name),
        right.gather(pairs["right"]).alias(right_name),
        "weight",
        "probability",
        "levels",
    )
