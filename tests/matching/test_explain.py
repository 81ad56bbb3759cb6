"""Reasons in words, never with a value (SUP-8)."""

import pytest

from contactpoint.matching.explain import explain, level_id
from contactpoint.matching.levels import COMPARISONS
from contactpoint.matching.model import Model
from contactpoint.matching.rows import MatchRow
from contactpoint.matching.score import score_one, weight_of
from tests.matching.pairs import two_offices

MODEL = Model.load()
ROW = MatchRow(
    "a",
    "ANNA",
    "MAY JANE",
    "SMITH",
    "",
    "2014-05-09",
    "F",
    "M11AE",
    "1 HIGH STREET",
    "9434765919",
    "H801200001001",
)

CASES = {
    "given name: one letter different": {"given": "ANMA"},
    "given name: one letter written as another throughout": {"given": "AMMA"},
    "given name: a nickname or another form": {"given": "ANNIE"},
    "given name: an initial": {"given": "A"},
    "given name: one is the beginning of the other": {"given": "ANNAMARIA"},
    "given name: the same as a middle name": {"given": "JANE"},
    "given name: given and family name swapped": {"given": "SMITH", "family": "ANNA"},
    "family name: one letter different": {"family": "SMYTH"},
    "family name: one part in common": {"family": "SMITH JONES"},
    "family name: one is the beginning of the other": {"family": "SMITHSON"},
    "family name: the same as a former one": {"family": "JONES", "former_family": "SMITH"},
    "date of birth: day and month swapped": {"birth_date": "2014-09-05"},
    "date of birth: one figure different": {"birth_date": "2015-05-09"},
    "date of birth: three days apart at most": {"birth_date": "2014-05-11"},
    "date of birth: the same as far as it is known": {"birth_date": "2014-05"},
    "date of birth: two of day, month and year the same": {"birth_date": "2014-05-28"},
    "date of birth: only the year the same": {"birth_date": "2014-11-30"},
    "address: postcode the same, first line nearly": {"address": "11 HIGH STREET"},
    "address: first line the same, postcode one letter different": {"postcode": "M11AF"},
    "address: postcode the same, first line not known": {"address": ""},
    "address: first line the same, postcode not known": {"postcode": ""},
    "address: postcode the same, first line different": {"address": "2 LOW LANE"},
    "address: first half of the postcode the same": {"postcode": "M19XX", "address": "2 LOW LANE"},
    "address: different": {"postcode": "B339XX", "address": "2 LOW LANE"},
    "middle names: an initial, or one is the beginning of the other": {"middle": "M"},
    "middle names: one in common": {"middle": "ROSE JANE"},
    "gender: different": {"gender": "M"},
    "NHS number: one figure different": {"nhs": "9434765918"},
    "NHS number: different": {"nhs": "4010232137"},
    "pupil number: one character different": {"upn": "H801200001002"},
}


@pytest.mark.parametrize(("words", "changed"), CASES.items(), ids=CASES)
def test_words_for_what_differs(words: str, changed: dict[str, str]) -> None:
    other = MatchRow(**{name: changed.get(name, getattr(ROW, name)) for name in MatchRow.__slots__})
    (score,) = score_one(MODEL, ROW, [other])
    field = words.partition(":")[0]
    assert [
        reason.words for reason in explain(MODEL, score.levels) if reason.words.startswith(f"{field}:")
    ] == [words]


def test_weights_of_the_reasons_add_up_but_for_the_names_frequency() -> None:
    other = MatchRow(
        **{name: getattr(ROW, name) for name in MatchRow.__slots__ if name not in ("given", "family")}
    )
    (score,) = score_one(MODEL, ROW, [other])
    total = weight_of(MODEL.prior) + sum(reason.weight for reason in explain(MODEL, score.levels))
    assert total == pytest.approx(score.weight)


def test_missing_fields_give_no_reason() -> None:
    (score,) = score_one(MODEL, ROW, [MatchRow("b", family="SMITH")])
    assert [reason.field for reason in explain(MODEL, score.levels)] == ["family"]
    assert level_id(MODEL, score.levels, "given") == ""


def test_no_reason_contains_a_value() -> None:
    left, right = two_offices()
    for row, other in zip(left[:100], right[:100], strict=True):
        (score,) = score_one(MODEL, row, [other])
        words = " ".join(reason.words for reason in explain(MODEL, score.levels))
        for value in (row.family, row.birth_date, row.postcode, row.address, row.nhs, row.upn, other.nhs):
            assert not value or value not in words


def test_every_level_has_its_own_words() -> None:
    for comparison in COMPARISONS:
        words = [level.words for level in comparison.levels]
        assert len(set(words)) == len(words)
