"""Spark and DuckDB give the same pairs, weights and levels: `make spark` runs this, `make test` skips it."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from contactpoint.jobs.commands.link import command
from contactpoint.matching.bulk import link
from contactpoint.matching.engine import Limits
from contactpoint.matching.levels import COMPARISONS
from contactpoint.matching.model import Model
from contactpoint.matching.standardise import rows_to_frame
from tests.matching.pairs import febrl4, two_offices

ESS = Path(os.environ.get("CONTACTPOINT_ESS_LISTS", Path(__file__).parents[3] / "shared" / "data" / "ess"))
SMALL = Limits(memory="2GB", threads=2)
has_spark = importlib.util.find_spec("pyspark") is not None
needs_spark = pytest.mark.skipif(not has_spark, reason="Spark is not installed: run `make spark`")


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load()


@pytest.fixture(scope="module", autouse=True)
def session() -> Iterator[None]:
    yield
    if has_spark:
        from pyspark.sql import SparkSession

        if running := SparkSession.getActiveSession():
            running.stop()


def same_pairs(left: pl.DataFrame, right: pl.DataFrame, model: Model, scratch: Path) -> pl.DataFrame:
    from contactpoint.matching.spark import link_on_spark

    order = ["new_key", "known_key"]
    ours = link(left, right, model=model, scratch=scratch).sort(order)
    theirs = link_on_spark(left, right, model=model, scratch=scratch, limits=SMALL).sort(order)
    assert theirs.select(*order, "levels").equals(ours.select(*order, "levels"))
    assert (theirs["weight"] - ours["weight"]).abs().max() < 1e-9
    return theirs


@needs_spark
def test_every_level_is_the_same_on_families_with_slips(model: Model, tmp_path: Path) -> None:
    left, right = two_offices()
    eager = model.with_prior(0.5)
    pairs = same_pairs(rows_to_frame(list(left)), rows_to_frame(list(right)), eager, tmp_path)
    reached = {
        (place, level) for levels in pairs["levels"] for place, level in enumerate(levels) if level >= 0
    }
    possible = sum(len(comparison.levels) for comparison in COMPARISONS)
    assert len(reached) > possible * 0.9
    assert not any(tmp_path.iterdir()), "rows stay in the scratch folder"


@needs_spark
def test_febrl4_is_the_same(model: Model, tmp_path: Path) -> None:
    assert same_pairs(*febrl4(), model, tmp_path).height > 4_900


@needs_spark
@pytest.mark.skipif(not ESS.exists(), reason=f"the two ESS lists are not at {ESS}")
def test_the_command_gives_the_same_file(tmp_path: Path) -> None:
    told = {}
    for engine in ("duckdb", "spark"):
        out = tmp_path / f"{engine}.csv"
        files = [str(ESS / "list_a.csv"), str(ESS / "list_b.csv"), "--out", str(out), "--engine", engine]
        profiles = ["--profile-a", "ess-list-a", "--profile-b", "ess-list-b"]
        done = CliRunner().invoke(command, [*files, *profiles], catch_exceptions=False)
        assert done.exit_code == 0
        told[engine] = pl.read_csv(out).sort("ref_a").drop("probability")
    assert told["spark"].equals(told["duckdb"])


@pytest.mark.skipif(has_spark, reason="Spark is installed")
def test_without_spark_the_command_says_what_to_install(tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_text("ref\n")
    out = ["--out", str(tmp_path / "out.csv"), "--engine", "spark"]
    profiles = ["--profile-a", "ess-list-a", "--profile-b", "ess-list-b"]
    done = CliRunner().invoke(command, [str(file), str(file), *out, *profiles])
    assert done.exit_code == 1
    assert "pip install contactpoint[spark]" in done.output
