"""Everybody who is known, on disk for one job: whom of them new rows come near, and who has a twin.

A nation does not fit into memory beside what compares it, so that a long file is compared in portions,
each with those alone whom the blocking rules let it meet.
"""

import duckdb
import polars as pl

from contactpoint.matching.candidates import RULES, sound_of
from contactpoint.matching.rows import FIELDS
from contactpoint.matching.twins import find_stored_twins

_VALUES = [name for name in FIELDS if name != "key"]
# The names by which the blocking rules know these columns.
_BLOCKED = {"birth_date": "birth", "former_family": "former"}
_COLUMNS = {name: _BLOCKED.get(name, name) for name in _VALUES}
_CROWD = f"""
    CREATE TABLE IF NOT EXISTS crowd (
        id UBIGINT, child BIGINT, {", ".join(f"{column} VARCHAR" for column in _COLUMNS.values())},
        family_sound VARCHAR, name_low VARCHAR, name_high VARCHAR
    )
"""
_PREPARED = f"""
    {", ".join(f"nullif(frame.{name}, '') AS {column}" for name, column in _COLUMNS.items())},
    sounds.sound AS family_sound,
    CASE WHEN given != '' AND frame.family != '' THEN least(given, frame.family) END AS name_low,
    CASE WHEN given != '' AND frame.family != '' THEN greatest(given, frame.family) END AS name_high
    FROM frame LEFT JOIN sounds ON sounds.family = frame.family
"""
_SAID = ", ".join(f"coalesce({column}, '') AS {name}" for name, column in _COLUMNS.items())


class Crowd:
    """Standardised rows with the child of each, in a DuckDB that `open_engine` gave."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._count = 0
        connection.execute(_CROWD)

    def add(self, rows: pl.DataFrame) -> None:
        """Rows with FIELDS and `child`."""
        numbered = rows.select("child", *_VALUES).with_row_index("id", offset=self._count)
        self._prepare(numbered, "INSERT INTO crowd SELECT id, child,")
        self._count += rows.height

    def find_near(self, rows: pl.DataFrame) -> pl.DataFrame:
        """All that a blocking rule lets any of these standardised rows meet: FIELDS and `child`."""
        self._prepare(rows.select(_VALUES), "CREATE OR REPLACE TEMP TABLE portion AS SELECT")
        near = " UNION ".join(
            f"SELECT r.id FROM crowd AS r SEMI JOIN portion AS l ON {rule.sql}" for rule in RULES
        )
        return self._take(f"id IN ({near})")

    def find_twins(self) -> pl.DataFrame:
        """The rows that have a twin among the others: FIELDS and `child`."""
        twins = find_stored_twins(self._connection, table="crowd")
        self._connection.register("twins", pl.DataFrame({"id": twins}).to_arrow())
        found = self._take("id IN (SELECT id FROM twins)")
        self._connection.unregister("twins")
        return found

    def _prepare(self, rows: pl.DataFrame, statement: str) -> None:
        family = rows["family"].unique()
        sounds = pl.DataFrame(
            {
                "family": family,
                "sound": pl.Series([sound_of(name) or None for name in family], dtype=pl.String),
            }
        )
        for name, frame in (("frame", rows), ("sounds", sounds)):
            self._connection.register(name, frame.to_arrow())
        self._connection.execute(statement + _PREPARED)
        for name in ("frame", "sounds"):
            self._connection.unregister(name)

    def _take(self, condition: str) -> pl.DataFrame:
        found: pl.DataFrame = self._connection.sql(
            f"SELECT CAST(id AS VARCHAR) AS key, {_SAID}, child FROM crowd WHERE {condition} ORDER BY id"
        ).pl()
        return found.select(*FIELDS, "child")
