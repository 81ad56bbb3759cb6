"""A DuckDB of our own for one job, with prepared tables and Splink set up from a frozen model.

Owns the scratch folder: private, and wiped whatever happens, because it holds children's values (SHI-9).
"""

import logging
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker

from contactpoint.matching.candidates import RULES, sound_of
from contactpoint.matching.levels import COMPARISONS
from contactpoint.matching.model import FREQUENCY_FIELDS, ComparisonWeights, Model
from contactpoint.matching.prepared import PREPARED_SQL
from contactpoint.matching.romanised import form_numbers
from contactpoint.matching.rows import FIELDS

# Splink tells of levels that it never saw, once for each step; what matters of that is in the model.
logging.getLogger("splink").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may use of the machine."""

    memory: str = "4GB"
    threads: int = 2


DEFAULT_LIMITS = Limits()


@contextmanager
def open_engine(*, scratch: Path, limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in a private folder under `scratch`, which is gone when the block ends."""
    scratch.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="matching-", dir=scratch))
    connection = duckdb.connect(
        str(folder / "matching.duckdb"),
        config={
            "memory_limit": limits.memory,
            "threads": limits.threads,
            "temp_directory": str(folder / "spill"),
            "preserve_insertion_order": False,
        },
    )
    connection.execute("SET enable_progress_bar = false")  # ours is told, and its own would stand in between
    try:
        yield connection
    finally:
        connection.close()
        shutil.rmtree(folder)


def load_portions(
    connection: duckdb.DuckDBPyConnection, *, name: str, portions: Iterable[pl.DataFrame]
) -> pl.Series:
    """Make table `name` of the prepared rows of all portions, one after another. Gives the rows' keys."""
    keys = [pl.Series("key", [], dtype=pl.String)]
    for portion in portions:
        load_rows(connection, name=name, rows=portion, first=sum(map(len, keys)))
        keys.append(portion["key"])
    return pl.concat(keys)


def load_rows(
    connection: duckdb.DuckDBPyConnection, *, name: str, rows: pl.DataFrame, first: int = 0
) -> None:
    """Make table `name` of prepared rows; its `id` is the row's place in the frame.

    With `first` they are added to the table, which has so many rows already.
    """
    connection.register("frame", rows.select(FIELDS).with_row_index("id", offset=first).to_arrow())
    given = rows["given"].unique().to_list()
    family = rows["family"].unique().to_list()
    groups = pl.DataFrame(
        {"given": given, "given_groups": [list(form_numbers(value)) for value in given]},
        schema={"given": pl.String, "given_groups": pl.List(pl.Int32)},
    )
    sounds = pl.DataFrame(
        {"family": family, "family_sound": [sound_of(value) or None for value in family]},
        schema={"family": pl.String, "family_sound": pl.String},
    )
    connection.register("groups", groups.to_arrow())
    connection.register("sounds", sounds.to_arrow())
    connection.execute(
        f"""
        {f"INSERT INTO {name}" if first else f"CREATE TABLE {name} AS"}
        SELECT prepared.*, sounds.family_sound, groups.given_groups,
            CASE WHEN prepared.given IS NOT NULL AND prepared.family IS NOT NULL
                THEN least(prepared.given, prepared.family) END AS name_low,
            CASE WHEN prepared.given IS NOT NULL AND prepared.family IS NOT NULL
                THEN greatest(prepared.given, prepared.family) END AS name_high
        FROM (SELECT id, {PREPARED_SQL} FROM frame) AS prepared
        LEFT JOIN groups ON groups.given = coalesce(prepared.given, '')
        LEFT JOIN sounds ON sounds.family = coalesce(prepared.family, '')
        """
    )
    for view in ("frame", "groups", "sounds"):
        connection.unregister(view)


def keep_near(
    connection: duckdb.DuckDBPyConnection, *, of: str, name: str, wider: Sequence[str] = ()
) -> None:
    """Drop the rows of table `name` that share no block with any row of table `of`.

    They would never be compared, and carrying them along costs Splink most of its time.
    """
    rules = [*(rule.sql for rule in RULES), *wider]
    near = " UNION ".join(f"SELECT r.id FROM {name} AS r SEMI JOIN {of} AS l ON {rule}" for rule in rules)
    connection.execute(f"CREATE TABLE near AS SELECT * FROM {name} WHERE id IN ({near})")
    connection.execute(f"DROP TABLE {name}")
    connection.execute(f"ALTER TABLE near RENAME TO {name}")


def make_linker(
    connection: duckdb.DuckDBPyConnection,
    *,
    tables: tuple[str, ...],
    model: Model,
    wider: Sequence[str] = (),
) -> Linker:
    """A Splink linker over prepared tables that knows the frozen weights and the frozen frequencies."""
    api = DuckDBAPI(connection=connection)
    inputs = [api.register(table, dataset_display_name=table) for table in tables]
    settings = splink_settings(model=model, link_type="link_only" if len(tables) > 1 else "dedupe_only")
    settings["blocking_rules_to_generate_predictions"] += wider
    linker = Linker(
        inputs if len(inputs) > 1 else inputs[0], settings, log_level=None, validate_settings=False
    )
    for field in FREQUENCY_FIELDS:
        _freeze_frequencies(connection, linker=linker, api=api, tables=tables, model=model, field=field)
    return linker


def splink_settings(*, model: Model | None, link_type: str) -> dict[str, Any]:
    """Splink's settings for the model, or for an untrained one."""
    held: tuple[ComparisonWeights | None, ...] = model.comparisons if model else (None,) * len(COMPARISONS)
    comparisons = []
    for definition, weights in zip(COMPARISONS, held, strict=True):
        levels: list[dict[str, Any]] = [
            {"sql_condition": definition.missing_sql, "label_for_charts": "missing", "is_null_level": True}
        ]
        for place, level in enumerate(definition.levels):
            entry: dict[str, Any] = {"sql_condition": level.sql, "label_for_charts": level.id}
            if level.frequencies:
                entry["tf_adjustment_column"] = definition.field
            if weights:
                entry |= {"m_probability": weights.levels[place].m, "u_probability": weights.levels[place].u}
            levels.append(entry)
        comparisons.append({"output_column_name": f"{definition.field}_level", "comparison_levels": levels})
    settings: dict[str, Any] = {
        "link_type": link_type,
        "unique_id_column_name": "id",
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": [rule.sql for rule in RULES],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": False,
    }
    if model:
        settings["probability_two_random_records_match"] = model.prior
    return settings


def frequencies_of(model: Model, field: str, names: list[str]) -> pl.DataFrame:
    """The model's frequencies of these names, as Splink looks them up."""
    return pl.DataFrame(
        {field: names, f"tf_{field}": [model.frequency_of(field, name) for name in names]},
        schema={field: pl.String, f"tf_{field}": pl.Float64},
    )


def _freeze_frequencies(
    connection: duckdb.DuckDBPyConnection,
    *,
    linker: Linker,
    api: DuckDBAPI,
    tables: tuple[str, ...],
    model: Model,
    field: str,
) -> None:
    # Every name that occurs gets the model's frequency; counting the batch would make weights drift.
    names = connection.sql(
        " UNION ".join(f"SELECT DISTINCT {field} FROM {table} WHERE {field} IS NOT NULL" for table in tables)
    ).fetchall()
    shares = frequencies_of(model, field, [name for (name,) in names])
    connection.register("shares", shares.to_arrow())
    connection.execute(f"CREATE TABLE frozen_{field} AS SELECT * FROM shares")
    connection.unregister("shares")
    linker.table_management.register_term_frequency_lookup(api.register(f"frozen_{field}"), field)
