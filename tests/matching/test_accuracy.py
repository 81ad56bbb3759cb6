"""The floors that matching may not fall below, on public truth and for every group (docs/benchmarks)."""

import os
import tomllib
from datetime import date
from pathlib import Path

import pytest

from contactpoint.jobs.bench import accuracy
from contactpoint.jobs.bench.accuracy import Figures
from contactpoint.matching.model import Model

FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text())
ESS = Path(os.environ.get("CONTACTPOINT_ESS_LISTS", Path(__file__).parents[3] / "shared" / "data" / "ess"))
ON = date(2026, 9, 1)


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load()


def hold(name: str, found: Figures) -> None:
    floor = FLOORS[name]
    assert found["f1"] >= floor["f1"]
    assert found["automatic_recall"] >= floor["automatic_recall"]
    assert found["automatic_wrong"] <= floor["wrong"]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_copies_within_a_file(number: int, model: Model, tmp_path: Path) -> None:
    found = accuracy.measure_duplicates(number=number, model=model, scratch=tmp_path)
    hold(f"febrl{number}", found)


def test_two_files(model: Model, tmp_path: Path) -> None:
    a, b = accuracy.febrl4()
    truth = {(key, key.replace("-org", "-dup-0")) for key in a["key"]}
    hold("febrl4", accuracy.measure_two_files(a=a, b=b, truth=truth, model=model, scratch=tmp_path))


@pytest.mark.skipif(not ESS.exists(), reason=f"the two ESS lists are not at {ESS}")
def test_two_offices_lists(model: Model, tmp_path: Path) -> None:
    hold("ess", accuracy.measure_ess(folder=ESS, on=ON, model=model, scratch=tmp_path))


def test_a_made_up_england_is_fair_to_every_origin(model: Model, tmp_path: Path) -> None:
    found = accuracy.measure_england(
        children=4000, seed=2026, on=ON, model=model, scratch=tmp_path, progress=lambda *_: None
    )
    every, floor = found["all"], FLOORS["england"]
    assert every["wrong"] <= floor["wrong"]
    assert every["linked_share"] >= floor["linked_share"]
    assert every["missed_share"] <= floor["missed_share"]
    assert every["asked_share"] <= floor["asked_share"]
    more = {
        name: group["asked_share_without_twins"] - every["asked_share_without_twins"]
        for name, group in found["groups"].items()
        if name.endswith(" names")
    }
    assert len(more) == 8
    assert {name: share for name, share in more.items() if share > floor["origin_asked_more"]} == {}
