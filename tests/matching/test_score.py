"""The two executors agree, pair by pair and to the last bit; and a pair scores the same both ways."""

import time
from pathlib import Path

import polars as pl
import pytest

from contactpoint.matching.bulk import dedupe, link
from contactpoint.matching.levels import COMPARISONS
from contactpoint.matching.model import Model
from contactpoint.matching.rows import MatchRow
from contactpoint.matching.score import probability_of, score_one, score_pairs, weight_of
from contactpoint.matching.standardise import frame_to_rows, rows_to_frame
from tests.matching.pairs import febrl4, two_offices

# Far more pairs than the blocking rules give, so that levels of disagreement occur too.
WIDE = ("substr(l.birth, 1, 4) = substr(r.birth, 1, 4)", "l.birth IS NULL AND l.gender = r.gender")


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load()


@pytest.fixture(scope="module")
def synthetic_pairs(model: Model, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    left, right = two_offices()
    return link(
        rows_to_frame(list(left)),
        rows_to_frame(list(right)),
        model=model,
        scratch=tmp_path_factory.mktemp("scratch"),
        least=0.0,
        wider=WIDE,
    )


def assert_same_as_splink(
    model: Model, pairs: pl.DataFrame, left: list[MatchRow], right: list[MatchRow]
) -> None:
    held = {row.key: row for row in [*left, *right]}
    scores = score_pairs(
        model, [held[key] for key in pairs["new_key"]], [held[key] for key in pairs["known_key"]]
    )
    assert [list(score.levels) for score in scores] == pairs["levels"].to_list()
    for ours, splinks in zip(scores, pairs["weight"], strict=True):
        assert abs(ours.weight - splinks) <= 1e-9
    for ours, splinks in zip(scores, pairs["probability"], strict=True):
        assert abs(ours.probability - splinks) <= 1e-9


def test_single_scores_equal_splinks_on_families_with_slips(
    model: Model, synthetic_pairs: pl.DataFrame
) -> None:
    left, right = two_offices()
    assert synthetic_pairs.height > 10_000
    assert_same_as_splink(model, synthetic_pairs, list(left), list(right))


def test_single_scores_equal_splinks_on_febrl4(model: Model, tmp_path: Path) -> None:
    left, right = febrl4()
    pairs = link(left, right, model=model, scratch=tmp_path, least=0.0)
    assert pairs.height > 20_000
    assert_same_as_splink(model, pairs, frame_to_rows(left), frame_to_rows(right))


def test_the_pairs_tried_reach_every_level(model: Model, synthetic_pairs: pl.DataFrame) -> None:
    levels = synthetic_pairs["levels"]
    for place, comparison in enumerate(COMPARISONS):
        reached = set(levels.list.get(place).unique())
        assert reached == set(range(-1, len(comparison.levels))), comparison.field


def test_a_pair_scores_the_same_both_ways(model: Model) -> None:
    left, right = two_offices()
    shifted = right[1:] + right[:1]
    for others in (right, shifted):
        assert score_pairs(model, left, others) == score_pairs(model, others, left)


def test_one_against_many_equals_pair_by_pair(model: Model) -> None:
    left, right = two_offices()
    assert score_one(model, left[0], right[:50]) == score_pairs(model, [left[0]] * 50, right[:50])


def test_missing_everywhere_leaves_the_prior(model: Model) -> None:
    (score,) = score_one(model, MatchRow(key="a"), [MatchRow(key="b")])
    assert score.levels == (-1,) * len(COMPARISONS)
    assert score.weight == weight_of(model.prior)


def test_a_rare_name_says_more_than_a_common_one(model: Model) -> None:
    common = max(model.frequencies["family"], key=lambda name: model.frequencies["family"][name])
    (shared_common,) = score_one(model, MatchRow(key="a", family=common), [MatchRow(key="b", family=common)])
    (shared_rare,) = score_one(model, MatchRow(key="a", family="QXQX"), [MatchRow(key="b", family="QXQX")])
    assert shared_rare.weight > shared_common.weight + 3


def test_gender_never_disqualifies(model: Model) -> None:
    row = MatchRow("a", "ANNA", "", "NOWAK", "", "2014-05-01", "F", "M11AE", "1 HIGH STREET")
    other = MatchRow("b", "ANNA", "", "NOWAK", "", "2014-05-01", "M", "M11AE", "1 HIGH STREET")
    (score,) = score_one(model, row, [other])
    assert score.probability >= model.thresholds.link


def test_weights_and_probabilities_convert_without_overflow() -> None:
    assert probability_of(0.0) == 0.5
    assert probability_of(5000.0) == 1.0
    assert probability_of(-5000.0) == pytest.approx(0.0)
    assert probability_of(weight_of(0.95)) == pytest.approx(0.95)


def test_two_hundred_candidates_take_milliseconds(model: Model) -> None:
    left, right = two_offices()
    score_one(model, left[0], right[:200])
    took = min(_timed(model, left[place], right[:200]) for place in range(10))
    assert took < 0.05  # about 3 ms; room for a busy machine


def _timed(model: Model, row: MatchRow, candidates: tuple[MatchRow, ...]) -> float:
    start = time.perf_counter()
    score_one(model, row, candidates)
    return time.perf_counter() - start


def test_a_batch_of_one_gets_the_weight_that_the_whole_file_gives(
    model: Model, synthetic_pairs: pl.DataFrame, tmp_path: Path
) -> None:
    left, right = two_offices()
    alone = link(
        rows_to_frame([left[3]]), rows_to_frame([right[3]]), model=model, scratch=tmp_path, least=0.0
    )
    in_file = synthetic_pairs.filter(
        (pl.col("new_key") == left[3].key) & (pl.col("known_key") == right[3].key)
    )
    assert alone["weight"].to_list() == in_file["weight"].to_list()


def test_a_few_rows_meet_the_same_candidates_as_in_the_whole_file(
    model: Model, synthetic_pairs: pl.DataFrame, tmp_path: Path
) -> None:
    # Few new rows among many known take the way that first sets aside whom nobody comes near.
    left, right = two_offices()
    few = link(
        rows_to_frame(list(left[:50])),
        rows_to_frame(list(right)),
        model=model,
        scratch=tmp_path,
        least=0.0,
        wider=WIDE,
    )
    keys = [row.key for row in left[:50]]
    in_file = synthetic_pairs.filter(pl.col("new_key").is_in(keys))
    assert few.sort("new_key", "known_key").equals(in_file.sort("new_key", "known_key"))


def test_a_file_is_compared_with_itself_once_a_pair(model: Model, tmp_path: Path) -> None:
    left, right = two_offices(children=60, seed=4)
    rows = [*left, *right]
    pairs = dedupe(rows_to_frame(rows), model=model, scratch=tmp_path, least=0.0)
    place = {row.key: number for number, row in enumerate(rows)}
    assert all(place[a] < place[b] for a, b in pairs.select("key_a", "key_b").iter_rows())
    assert pairs.select("key_a", "key_b").is_unique().all()
    found = {
        (a, b) for a, b in pairs.filter(pl.col("probability") > 0.95).select("key_a", "key_b").iter_rows()
    }
    assert len(found & {(a.key, b.key) for a, b in zip(left, right, strict=True)}) >= 30


def test_nothing_is_left_in_the_scratch_folder(model: Model, tmp_path: Path) -> None:
    left, right = two_offices(children=60, seed=4)
    link(rows_to_frame(list(left)), rows_to_frame(list(right)), model=model, scratch=tmp_path)
    with pytest.raises(RuntimeError, match="stopped"):
        link(
            rows_to_frame(list(left)),
            rows_to_frame(list(right)),
            model=model,
            scratch=tmp_path,
            progress=_stop,
        )
    assert list(tmp_path.iterdir()) == []


def _stop(stage: str, done: int, total: int | None) -> None:
    if stage == "comparing":
        raise RuntimeError("stopped")


def test_empty_frames_have_no_pairs(model: Model, tmp_path: Path) -> None:
    left, _ = two_offices(children=60, seed=4)
    empty = rows_to_frame([])
    pairs = link(empty, rows_to_frame(list(left)), model=model, scratch=tmp_path)
    assert pairs.columns == ["new_key", "known_key", "weight", "probability", "levels"]
    assert pairs.is_empty()
    assert dedupe(empty, model=model, scratch=tmp_path).is_empty()
