"""Make a model: weights by Splink's expectation maximisation, frequencies by counting.

Owns how the weights are estimated and which are too rare to estimate; needs no truth.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker

from contactpoint.errors import Invalid
from contactpoint.matching.engine import DEFAULT_LIMITS, Limits, load_rows, open_engine, splink_settings
from contactpoint.matching.levels import COMPARISONS, Comparison
from contactpoint.matching.model import (
    FREQUENCY_FIELDS,
    ComparisonWeights,
    LevelWeights,
    Model,
    Thresholds,
)
from contactpoint.progress import Progress, no_progress

# Two rows picked at random in a country of so many children are one child about once in so many times.
ENGLAND_CHILDREN = 12_000_000

# Pairs for EM: each rule leaves out the fields it uses, and another rule trains those.
_TRAINING_RULES = (
    "l.nhs = r.nhs",
    "l.upn = r.upn",
    "l.birth = r.birth AND length(l.birth) = 10",
    "l.given = r.given AND l.family = r.family",
)

# Rarer than this is not believed: no files slip as regularly as the made-up ones that a model is trained on,
# and a sample cannot tell once in a million from never.
_LEAST_M = 1e-3
_LEAST_U = 1e-7
# Gender never disqualifies (SEA-7), however seldom the training files have it wrong.
_LEAST_M_GENDER = 0.02
# Names seen less often than this in training share one frequency, which keeps the tables small.
_LEAST_COUNT = 3
_MOST_NAMES = 15_000

# Agreement on these grows rarer as the population grows: a child shares a home with the same few siblings
# whether England or one town is on file.
_SHRINK_WITH_POPULATION = frozenset(
    {
        "home.exact",
        "home.line_slip",
        "home.postcode_slip",
        "home.postcode",
        "home.neighbour",
        "nhs.exact",
        "upn.exact",
    }
)
# England has about 1.7 million postcodes, so strangers share one this often: too seldom for a sample to show.
# Most of them live a few doors apart and have nearly the same first line.
_STRANGERS = {"home.postcode": 6e-7, "home.line_slip": 4e-7, "home.neighbour": 2e-7}


class NothingToTrainOn(Invalid):
    """Training needs at least two files that share children."""


def train(
    frames: Sequence[pl.DataFrame],
    *,
    version: str,
    seed: int,
    trained_on: str,
    scratch: Path,
    progress: Progress = no_progress,
    thresholds: Thresholds | None = None,
    population: int = ENGLAND_CHILDREN,
    unlike_pairs: float = 5e6,
    limits: Limits = DEFAULT_LIMITS,
) -> Model:
    """Train on standardised frames, one for each supplier, of which some describe the same children.

    `unlike_pairs` is how many random pairs show how often two children's rows agree.
    """
    if len(frames) < 2 or any(frame.is_empty() for frame in frames):
        raise NothingToTrainOn("Training needs at least two files with rows: nothing was changed.")
    with open_engine(scratch=scratch, limits=limits) as connection:
        settings = _estimate(
            connection, frames=frames, seed=seed, unlike_pairs=unlike_pairs, progress=progress
        )
    children = max(frame.height for frame in frames)
    names = pl.concat([frame.select("given", "family") for frame in frames])
    counted = {field: _count_names(names[field]) for field in FREQUENCY_FIELDS}
    return Model(
        version=version,
        comparisons=tuple(
            _weights_of(definition, held, shrink=min(1.0, children / population))
            for definition, held in zip(COMPARISONS, settings["comparisons"], strict=True)
        ),
        frequencies=MappingProxyType({field: table for field, (table, _) in counted.items()}),
        rare=MappingProxyType({field: rare for field, (_, rare) in counted.items()}),
        prior=1.0 / population,
        thresholds=thresholds or Thresholds(),
        trained_on=trained_on,
    )


def _estimate(
    connection: duckdb.DuckDBPyConnection,
    *,
    frames: Sequence[pl.DataFrame],
    seed: int,
    unlike_pairs: float,
    progress: Progress,
) -> dict[str, Any]:
    steps = len(_TRAINING_RULES) + 1
    api = DuckDBAPI(connection=connection)
    inputs = []
    for number, frame in enumerate(frames):
        load_rows(connection, name=f"file_{number}", rows=frame)
        inputs.append(api.register(f"file_{number}", dataset_display_name=f"file_{number}"))
    linker = Linker(
        inputs, splink_settings(model=None, link_type="link_only"), log_level=None, validate_settings=False
    )
    progress("training", 0, steps)
    linker.training.estimate_u_using_random_sampling(
        max_pairs=unlike_pairs, seed=seed, min_count_per_level=None
    )
    for done, rule in enumerate(_TRAINING_RULES, start=1):
        progress("training", done, steps)
        if _blocks_any(connection, tables=len(frames), rule=rule):
            _maximise(linker, rule)
    progress("training", steps, steps)
    return dict(linker.misc.save_model_to_json())


def _maximise(linker: Linker, rule: str) -> None:
    try:
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True, max_pairs=5e6
        )
    except ValueError as error:
        # A probability that sinks to nothing: the pairs of this rule are not two groups, like and unlike.
        raise NothingToTrainOn(
            "The files share too few children to learn from: nothing was changed."
        ) from error


def _blocks_any(connection: duckdb.DuckDBPyConnection, *, tables: int, rule: str) -> bool:
    for left in range(tables):
        for right in range(left + 1, tables):
            found = connection.sql(
                f"SELECT 1 FROM file_{left} l JOIN file_{right} r ON {rule} LIMIT 1000"
            ).fetchall()
            if len(found) >= 1000:
                return True
    return False


def _weights_of(definition: Comparison, held: Mapping[str, Any], *, shrink: float) -> ComparisonWeights:
    found = [level for level in held["comparison_levels"] if not level.get("is_null_level")]
    if not any("m_probability" in level for level in found):
        # A field that no file carries says nothing.
        found = [{"m_probability": 1 / len(found), "u_probability": 1 / len(found)} for _ in found]
        shrink = 1.0
    least = _LEAST_M_GENDER if definition.field == "gender" else _LEAST_M
    m = [_probability(level, "m_probability", least) for level in found]
    u = [_probability(level, "u_probability", _LEAST_U) for level in found]
    u = [
        max(share * shrink if level.id in _SHRINK_WITH_POPULATION else share, _STRANGERS.get(level.id, 0.0))
        for share, level in zip(u, definition.levels, strict=True)
    ]
    return ComparisonWeights(
        field=definition.field,
        words=definition.words,
        levels=tuple(
            LevelWeights(level.id, level.words, _rounded(chance / math.fsum(m)), _rounded(share))
            for level, chance, share in zip(definition.levels, m, u, strict=True)
        ),
    )


def _probability(level: Mapping[str, Any], name: str, least: float) -> float:
    value = level.get(name)
    return max(float(value), least) if isinstance(value, int | float) else least


def _rounded(probability: float) -> float:
    return float(f"{probability:.6g}")


def _count_names(names: pl.Series) -> tuple[Mapping[str, float], float]:
    """The frequency of each frequent name, and the one that all rarer names share."""
    present = names.filter(names != "")
    counts = (
        present.value_counts().rename({names.name: "name"}).sort(["count", "name"], descending=[True, False])
    )
    kept = counts.filter(pl.col("count") >= _LEAST_COUNT).head(_MOST_NAMES)
    table = {name: _rounded(count / present.len()) for name, count in kept.iter_rows()}
    left = counts.height - kept.height
    rest = (present.len() - int(kept["count"].sum() or 0)) / max(left, 1)
    return MappingProxyType(table), _rounded(max(rest, 1.0) / present.len())
