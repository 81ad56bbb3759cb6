"""Two files linked one to one, and the figures that must hold: on FEBRL4, and on the ESS lists if present."""

import os
from pathlib import Path

import polars as pl
import pytest

from contactpoint.matching.linkfiles import link_files
from contactpoint.matching.model import Model
from contactpoint.matching.rows import MatchRow
from contactpoint.matching.standardise import rows_to_frame, standardise_frame
from tests.matching.pairs import febrl4, febrl_partner

ESS = Path(os.environ.get("CONTACTPOINT_ESS_LISTS", Path(__file__).parents[3] / "shared" / "data" / "ess"))

needs_ess = pytest.mark.skipif(not ESS.exists(), reason=f"the two ESS lists are not at {ESS}")


def f1(found: set[tuple[str, str]], truth: set[tuple[str, str]]) -> float:
    return 2 * len(found & truth) / (len(found) + len(truth))


def pairs_of(links: pl.DataFrame) -> set[tuple[str, str]]:
    return set(links.select("ref_a", "ref_b").iter_rows())


def load_ess(name: str) -> pl.DataFrame:
    rows = pl.read_csv(ESS / name, infer_schema_length=0)
    year, month, day = (pl.col(f"dob_{part}") for part in ("year", "mon", "day"))
    birth = pl.concat_str([year, month.str.zfill(2), day.str.zfill(2)], separator="-", ignore_nulls=True)
    return standardise_frame(
        rows.select(
            key="ref",
            given_names="pername1",
            family_name="pername2",
            gender="sex",
            birth_date=pl.when(year.is_null()).then(pl.lit("")).otherwise(birth),
            postcode="enumpc",
            address="enumcap",
        )
    )


def test_febrl4_is_linked_nearly_without_error(tmp_path: Path) -> None:
    originals, copies = febrl4()
    links = link_files(originals, copies, model=Model.load(), scratch=tmp_path)
    truth = {(key, febrl_partner(key)) for key in originals["key"]}
    assert f1(pairs_of(links), truth) >= 0.9995
    assert pairs_of(links.filter(pl.col("decision") == "link")) <= truth


@needs_ess
def test_the_ess_lists_are_linked_as_promised(tmp_path: Path) -> None:
    links = link_files(load_ess("list_a.csv"), load_ess("list_b.csv"), model=Model.load(), scratch=tmp_path)
    truth = set(pl.read_csv(ESS / "truth.csv").iter_rows())
    automatic = pairs_of(links.filter(pl.col("decision") == "link"))
    assert f1(pairs_of(links), truth) >= 0.998
    assert len(automatic - truth) <= 1
    assert len(automatic & truth) / len(truth) >= 0.94
    assert links["ref_a"].is_unique().all()
    assert links["ref_b"].is_unique().all()


def family(key: str, given: str, birth: str = "2014-05-01") -> MatchRow:
    return MatchRow(key, given, "", "NOWAK", "", birth, "F", "M11AE", "1 HIGH STREET")


CASES = {
    "the same child": ([family("a1", "ANNA")], [family("b1", "ANNA")], {("a1", "b1", "link")}),
    "twins on both sides": (
        [family("a1", "ANNA"), family("a2", "OLGA")],
        [family("b1", "ANNA"), family("b2", "OLGA")],
        {("a1", "b1", "ask"), ("a2", "b2", "ask")},
    ),
    "a twin on one side": (
        [family("a1", "ANNA"), family("a2", "OLGA")],
        [family("b1", "ANNA")],
        {("a1", "b1", "ask")},
    ),
    "one of two twins on each side": ([family("a1", "ANNA")], [family("b1", "OLGA")], {("a1", "b1", "ask")}),
    "sisters": (
        [family("a1", "ANNA"), family("a2", "OLGA", "2011-11-30")],
        [family("b1", "ANNA"), family("b2", "OLGA", "2011-11-30")],
        {("a1", "b1", "link"), ("a2", "b2", "link")},
    ),
    "one child twice on one side": (
        [family("a1", "ANNA"), family("a2", "ANNIE")],
        [family("b1", "ANNA")],
        {("a1", "b1", "ask")},
    ),
    "strangers": ([family("a1", "ANNA")], [MatchRow("b1", "TOM", "", "SMITH", "", "2012-01-09")], set()),
}


@pytest.mark.parametrize(("a", "b", "expected"), CASES.values(), ids=CASES)
def test_who_is_linked(
    a: list[MatchRow], b: list[MatchRow], expected: set[tuple[str, str, str]], tmp_path: Path
) -> None:
    links = link_files(rows_to_frame(a), rows_to_frame(b), model=Model.load(), scratch=tmp_path)
    assert set(links.select("ref_a", "ref_b", "decision").iter_rows()) == expected
    assert links.columns == ["ref_a", "ref_b", "probability", "decision"]


def test_an_empty_file_links_to_nothing(tmp_path: Path) -> None:
    links = link_files(
        rows_to_frame([]), rows_to_frame([family("b1", "ANNA")]), model=Model.load(), scratch=tmp_path
    )
    assert links.is_empty()
    assert links.columns == ["ref_a", "ref_b", "probability", "decision"]
