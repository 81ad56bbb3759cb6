"""Match whole files on Spark: the same model, levels and blocking rules, where one machine is outgrown.

Rows are prepared by the same code as for DuckDB and handed over as Parquet in the private scratch folder;
Splink then runs on the session given, or on one of this machine.
The levels' SQL is written once, for DuckDB, and translated by rule; a test holds the results equal.
Needs the extra: `pip install contactpoint[spark]`, and Java 17.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from contactpoint.matching.bulk import PAIRS, name_keys
from contactpoint.matching.engine import (
    DEFAULT_LIMITS,
    Limits,
    frequencies_of,
    load_rows,
    open_engine,
    splink_settings,
)
from contactpoint.matching.levels import COMPARISONS
from contactpoint.matching.likeness import misread_sql
from contactpoint.matching.model import FREQUENCY_FIELDS, Model
from contactpoint.progress import Progress, no_progress

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SHUFFLES = 8  # on one machine; a cluster's session brings its own number


def link_on_spark(
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
    """As `bulk.link`; `scratch` must be a folder that every worker of the session reads."""
    if new.is_empty() or known.is_empty():
        return name_keys(pl.DataFrame(schema=PAIRS), new["key"], known["key"], "new_key", "known_key")
    session = open_session(limits=limits)
    progress("preparing rows", 0, new.height + known.height)
    with open_engine(scratch=scratch, limits=limits) as connection:
        folder = Path(connection.sql("SELECT current_setting('temp_directory')").fetchall()[0][0]).parent
        tables = {}
        for name, rows in (("a_new", new), ("b_known", known)):
            load_rows(connection, name=name, rows=rows)
            connection.execute(f"COPY {name} TO '{folder / name}.parquet' (FORMAT parquet)")
            tables[name] = session.read.parquet(str(folder / f"{name}.parquet"))
        progress("preparing rows", new.height + known.height, new.height + known.height)
        progress("comparing", 0, None)
        pairs = _predict(session, tables, model=model, least=least, wider=wider, names=_names(new, known))
    progress("comparing", pairs.height, pairs.height)
    return name_keys(pairs, new["key"], known["key"], "new_key", "known_key")


def open_session(*, limits: Limits = DEFAULT_LIMITS) -> "SparkSession":
    """The session that is there (a cluster's, configured by `spark-submit`), else one of this machine.

    Splink's similarity functions come in a jar, which a session must know from its beginning.
    """
    from pyspark.sql import SparkSession
    from splink.internals.spark.jar_location import similarity_jar_location

    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    builder = SparkSession.builder.appName("contactpoint").config("spark.jars", similarity_jar_location())
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    if "spark.master" not in _submitted():
        builder = builder.master(f"local[{limits.threads}]").config("spark.ui.enabled", "false")
        builder = builder.config("spark.driver.memory", limits.memory.lower().removesuffix("b"))
        builder = builder.config("spark.sql.shuffle.partitions", str(_SHUFFLES))
    return builder.getOrCreate()


def _submitted() -> dict[str, str]:
    """What `spark-submit` set for this process."""
    from pyspark import SparkConf

    return dict(SparkConf().getAll())


def _predict(
    session: "SparkSession",
    tables: dict[str, "DataFrame"],
    *,
    model: Model,
    least: float | None,
    wider: Sequence[str],
    names: dict[str, list[str]],
) -> pl.DataFrame:
    from splink import Linker, SparkAPI

    api = SparkAPI(  # type: ignore[no-untyped-call]
        spark_session=session, break_lineage_method="persist"
    )
    inputs = [api.register(table, dataset_display_name=name) for name, table in tables.items()]
    settings = translate_settings(splink_settings(model=model, link_type="link_only"))
    settings["blocking_rules_to_generate_predictions"] += [translate(rule) for rule in wider]
    linker = Linker(inputs, settings, log_level=None, validate_settings=False)
    for field in FREQUENCY_FIELDS:
        shares = session.createDataFrame(frequencies_of(model, field, names[field]).to_arrow())
        linker.table_management.register_term_frequency_lookup(api.register(shares), field)
    floor = model.thresholds.ask if least is None else least
    predicted = linker.inference.predict(threshold_match_probability=floor).physical_name
    levels = ", ".join(f"CAST(gamma_{comparison.field}_level AS TINYINT)" for comparison in COMPARISONS)
    found = session.sql(
        "SELECT CAST(id_l AS INT) AS left, CAST(id_r AS INT) AS right, match_weight AS weight,"
        f" match_probability AS probability, array({levels}) AS levels FROM {predicted}"
    ).toArrow()
    pairs = pl.DataFrame(found)
    for view in session.catalog.listTables():
        if view.isTemporary and view.name.startswith(("a_new", "b_known", "__splink")):
            session.catalog.dropTempView(view.name)
    session.catalog.clearCache()  # rows in memory, and on the workers' disks
    return pairs.cast(pl.Schema(PAIRS))


def _names(*frames: pl.DataFrame) -> dict[str, list[str]]:
    return {
        field: sorted({name for frame in frames for name in frame[field].unique().to_list() if name})
        for field in FREQUENCY_FIELDS
    }


def translate_settings(settings: dict[str, Any]) -> dict[str, Any]:
    """Splink's settings with every condition in Spark's words."""
    for comparison in settings["comparisons"]:
        for level in comparison["comparison_levels"]:
            level["sql_condition"] = translate(level["sql_condition"])
    rules = settings["blocking_rules_to_generate_predictions"]
    settings["blocking_rules_to_generate_predictions"] = [translate(rule) for rule in rules]
    return settings


def translate(condition: str) -> str:
    """One condition of DuckDB in Spark's words: the few functions that the two name otherwise."""
    for ours, theirs in _OTHERWISE:
        condition = condition.replace(ours, theirs)
    return condition


def _misread(column: str) -> str:
    """`likeness.misread_sql` for Spark, which splits and pairs letters otherwise."""
    left, right = f"{column}_l", f"{column}_r"
    pairs = f"zip_with(split({left}, ''), split({right}, ''), (a, b) -> concat(a, b))"
    differing = f"filter({pairs}, pair -> substr(pair, 1, 1) != substr(pair, 2, 1))"
    return (
        f"length({left}) = length({right}) AND size({differing}) * 2 <= length({left}) "
        f"AND size(array_distinct({differing})) = 1"
    )


_OTHERWISE = (
    *((misread_sql(column), _misread(column)) for column in ("given", "family")),
    ("list_has_any(", "arrays_overlap("),
    ("list_contains(", "array_contains("),
    ("starts_with(", "startswith("),
)
