"""Training: from files that share children to a model, without truth."""

from dataclasses import replace
from pathlib import Path

import pytest

from contactpoint.matching.model import Model
from contactpoint.matching.rows import MatchRow
from contactpoint.matching.score import score_one
from contactpoint.matching.standardise import rows_to_frame
from contactpoint.matching.train import NothingToTrainOn, train
from tests.matching.pairs import febrl4, two_offices


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return _train(tmp_path_factory.mktemp("scratch"))


def _train(scratch: Path) -> Model:
    return train(
        list(febrl4()), version="small", seed=1, trained_on="FEBRL4", scratch=scratch, unlike_pairs=1e5
    )


def test_a_trained_model_tells_agreement_from_disagreement(trained: Model) -> None:
    for comparison in trained.comparisons:
        if comparison.field in {"given", "family", "birth", "home"}:
            assert comparison.levels[0].weight > 2 > -1 > comparison.levels[-1].weight, comparison.field
    row = MatchRow("a", "ANNA", "", "NOWAK", "", "1962-05-01", "", "2602", "1 HIGH STREET")
    same, other = score_one(trained, row, [replace(row, key="b", family="NOVAK"), MatchRow("c")])
    assert same.weight > other.weight + 20


def test_frequencies_are_counted_and_rare_names_share_one(trained: Model) -> None:
    assert trained.frequency_of("family", "WHITE") > trained.frequency_of("family", "QXQX") > 0
    assert sum(trained.frequencies["family"].values()) <= 1


def test_the_same_files_and_seed_give_the_same_bytes(trained: Model, tmp_path: Path) -> None:
    trained.save(tmp_path / "once")
    _train(tmp_path / "scratch").save(tmp_path / "twice")
    for name in ("model.json", "given.csv", "family.csv"):
        assert (tmp_path / "once" / name).read_bytes() == (tmp_path / "twice" / name).read_bytes()


def test_one_file_is_not_enough(tmp_path: Path) -> None:
    left, _ = two_offices()
    with pytest.raises(NothingToTrainOn):
        train([rows_to_frame(list(left))], version="x", seed=1, trained_on="", scratch=tmp_path)
