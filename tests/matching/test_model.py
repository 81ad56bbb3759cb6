"""The model file: read, written, refused; and what any model of ours must hold."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from contactpoint.matching.model import DEFAULT_VERSION, MODELS, Model, ModelNotFound, UnusableModel
from contactpoint.matching.rows import MatchRow
from contactpoint.matching.score import score_one


def test_saving_and_loading_changes_nothing(tmp_path: Path) -> None:
    Model.load().save(tmp_path / "copy")
    for name in ("model.json", "given.csv", "family.csv"):
        assert (tmp_path / "copy" / name).read_bytes() == (MODELS / DEFAULT_VERSION / name).read_bytes()


def test_the_committed_model_is_small() -> None:
    assert sum(path.stat().st_size for path in (MODELS / DEFAULT_VERSION).iterdir()) < 1_000_000


def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="contactpoint model train"):
        Model.load(tmp_path)


def test_a_model_with_other_levels_is_refused(tmp_path: Path) -> None:
    Model.load().save(tmp_path)
    content = json.loads((tmp_path / "model.json").read_text())
    del content["comparisons"]["birth"]["birth.swapped"]
    (tmp_path / "model.json").write_text(json.dumps(content))
    with pytest.raises(UnusableModel, match="date of birth"):
        Model.load(tmp_path)


def test_agreement_weighs_more_than_disagreement() -> None:
    for comparison in Model.load().comparisons:
        weights = [level.weight for level in comparison.levels]
        assert max(weights) == pytest.approx(max(weights[:-1]))
        assert weights[0] > 0 > weights[-1]


def test_gender_weighs_little() -> None:
    (gender,) = (comparison for comparison in Model.load().comparisons if comparison.field == "gender")
    assert all(abs(level.weight) < 7 for level in gender.levels)


def test_probabilities_are_probabilities() -> None:
    model = Model.load()
    for comparison in model.comparisons:
        assert sum(level.m for level in comparison.levels) == pytest.approx(1, abs=1e-6)
        assert all(0 < level.m < 1 and 0 < level.u <= 1 for level in comparison.levels)
    assert all(0 < share < 1 for table in model.frequencies.values() for share in table.values())
    assert model.thresholds.ask < model.thresholds.link < 1


EVERYDAY = {
    field: max(table, key=lambda name: table[name]) for field, table in Model.load().frequencies.items()
}
ROW = MatchRow(
    "a", **EVERYDAY, birth_date="2014-05-01", gender="M", postcode="M11AE", address="1 HIGH STREET"
)


@pytest.mark.parametrize(
    "changed",
    [
        {"gender": "", "postcode": "", "address": ""},
        {"postcode": "B339XX", "address": "2 LOW LANE"},
        {"given": "QWXZ", "family": "ZXQW", "address": "9 LOW LANE"},
        {"given": "QWXZ", "birth_date": "2016-11-30"},
    ],
    ids=["everyday name and birth date", "moved, everyday name", "neighbour born that day", "brother"],
)
def test_in_all_england_these_are_not_linked(changed: dict[str, str]) -> None:
    model = Model.load()
    (score,) = score_one(model, ROW, [replace(ROW, key="b", **changed)])
    assert score.probability < model.thresholds.link
