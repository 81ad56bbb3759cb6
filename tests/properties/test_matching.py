"""SUP-8: whatever two rows say, bulk and single meet the same pairs, score them alike and decide alike.

One run of the engine takes a second, so each example is a whole list of families and not one pair.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contactpoint.intake import deciding, meeting
from contactpoint.intake.deciding import Verdict, decide_rows, find_twin_children, many_twin_children
from contactpoint.intake.deciding_many import decide_many, gather_evidence, weigh_rows
from contactpoint.intake.known import Known
from contactpoint.intake.remembered import NOTHING
from contactpoint.matching import score
from contactpoint.matching.bulk import dedupe_portions, link
from contactpoint.matching.crowd import Crowd
from contactpoint.matching.engine import Limits, open_engine
from contactpoint.matching.levels import COMPARISONS
from contactpoint.matching.model import Model
from contactpoint.matching.rows import MatchRow
from contactpoint.matching.score import score_pairs
from contactpoint.matching.standardise import frame_to_rows, standardise, standardise_columns
from contactpoint.matching.twins import find_twins

MODEL = Model.load()
# Of many origins and scripts; with marks, particles, one name only, and what stands for no name.
GIVEN = [
    "Olivia", "Mohammed", "Muhammad", "Zoë", "Seán Óg", "Łukasz", "Nguyễn Thị", "Юлия", "Yulia", "محمد",
    "王伟", "Wei", "प्रिया", "Priya", "José María", "Anne-Marie", "O", "Li", "Lizzie", "Elizabeth", "Baby",
    "Twin 1", "Not known", "",
]  # fmt: skip
FAMILY = [
    "Smith", "Smyth", "O'Brien", "Obrien", "de la Cruz", "Cruz", "Al-Hassan", "Hassan", "Khan-Patel", "Khan",
    "Begum", "Nowak", "Nowakowska", "Шевченко", "Shevchenko", "González", "Ng", "李", "Li", "Ó Súilleabháin",
    "Ødegård", "Unknown", "",
]  # fmt: skip
DATES = [
    "2014-05-01", "2014-05-02", "2014-01-05", "2014-05-31", "2014-06-01", "2014-01-01", "2013-12-31",
    "2015-05-01", "2014-05", "2014", "2013", "1900-01-01", "",
]  # fmt: skip
POSTCODES = ["M1 1AE", "M1 1AB", "M11 1AE", "B2 3CD", "ZZ99 3VZ", ""]
LINES = ["1 High Street", "1 High St", "11 High Street", "Flat 2, 1 High Street", "The Green", "NFA", ""]
NHS = ["9434765919", "943 476 5919", "9434765870", "4010232137", ""]
UPN = ["H801200001001", "h801200001001", "B330200001002", ""]
ODD = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@dataclass(frozen=True, slots=True)
class Said:
    """One row as somebody supplied it."""

    given_names: str
    family_name: str
    former_family_name: str
    birth_date: str
    gender: str
    postcode: str
    address: str
    nhs: str
    upn: str


def _or_odd(values: list[str]) -> st.SearchStrategy[str]:
    return st.integers(0, 19).flatmap(lambda dice: ODD if dice == 0 else st.sampled_from(values))


ROWS = st.builds(
    Said, _or_odd(GIVEN), _or_odd(FAMILY), st.sampled_from(["", *FAMILY]), st.sampled_from(DATES),
    st.sampled_from(["M", "F", "O", ""]), st.sampled_from(POSTCODES), _or_odd(LINES), st.sampled_from(NHS),
    st.sampled_from(UPN),
)  # fmt: skip
# What happens to a child between two offices: nothing, a slip, a move, a marriage, a twin, a brother.
EVENTS = {
    "the same": lambda a, b: a,
    "moved": lambda a, b: replace(a, postcode=b.postcode, address=b.address),
    "another name": lambda a, b: replace(a, family_name=b.family_name, former_family_name=a.family_name),
    "twin": lambda a, b: replace(a, given_names=b.given_names, nhs=b.nhs, upn=b.upn),
    "brother": lambda a, b: replace(
        a, given_names=b.given_names, birth_date=b.birth_date, nhs=b.nhs, upn=b.upn
    ),
    "other date": lambda a, b: replace(a, birth_date=b.birth_date),
    "no numbers": lambda a, b: replace(a, nhs="", upn=""),
    "names swapped": lambda a, b: replace(a, given_names=a.family_name, family_name=a.given_names),
    "a letter lost": lambda a, b: replace(
        a, given_names=a.given_names[1:], family_name=a.family_name[:1] + a.family_name[2:]
    ),
    "the number alone": lambda a, b: replace(b, nhs=a.nhs, upn=a.upn),
    "somebody else": lambda a, b: b,
}
PAIRS = st.builds(lambda a, b, event: (a, EVENTS[event](a, b)), ROWS, ROWS, st.sampled_from(list(EVENTS)))
FAMILIES = st.lists(PAIRS, min_size=30, max_size=60)
FEW_LONG = settings(
    max_examples=int(os.environ.get("EXAMPLES", "3")),
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.target],  # to shrink takes minutes; the pairs are printed
    suppress_health_check=list(HealthCheck),
)


def frame_of(rows: list[Said], prefix: str) -> pl.DataFrame:
    """Standardised as a long file is; a short one is folded row by row."""
    supplied = [
        {"key": f"{prefix}{place}", **{name: getattr(row, name) for name in Said.__slots__}}
        for place, row in enumerate(rows)
    ]
    frame = standardise_columns(pl.DataFrame(supplied, infer_schema_length=None))
    assert frame_to_rows(frame) == [standardise(**row) for row in supplied]
    return frame


def score_in_bulk(families: list[tuple[Said, Said]]) -> tuple[pl.DataFrame, dict[str, MatchRow]]:
    """Every row of one side with every row of the other."""
    new = frame_of([b for _, b in families], "b")
    known = frame_of([a for a, _ in families], "a")
    with TemporaryDirectory() as scratch:
        pairs = link(new, known, model=MODEL, scratch=Path(scratch), least=0.0, wider=("1 = 1",))
    assert pairs.height == new.height * known.height
    return pairs, {row.key: row for row in [*frame_to_rows(new), *frame_to_rows(known)]}


def check_scores(pairs: pl.DataFrame, held: dict[str, MatchRow]) -> None:
    """Levels, weight and probability are those of the single scorer."""
    left, right = ([held[key] for key in pairs[name]] for name in ("new_key", "known_key"))
    columns = pairs.select("weight", "probability", "levels").iter_rows()
    for ours, (weight, probability, reached), a, b in zip(
        score_pairs(MODEL, left, right), columns, left, right, strict=True
    ):
        assert list(ours.levels) == reached, (a, b)
        assert abs(ours.weight - weight) <= 1e-9, (a, b)
        assert abs(ours.probability - probability) <= 1e-9, (a, b)


def decide_all(families: list[tuple[Said, Said]], *, few: int) -> dict[str, Verdict]:
    """The second rows decided against children made of the first; every tenth child is shielded.

    More rows than `few` are compared by the engine, and decided on by columns.
    """
    new = frame_of([b for _, b in families], "b")
    rows = frame_of([a for a, _ in families], "")
    rows = rows.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("child"))
    known = Known(rows, frozenset(range(0, rows.height, 10)))
    hidden = rows.filter(pl.col("child").is_in(list(known.shielded)))
    with TemporaryDirectory() as scratch, mock.patch.object(meeting, "FEW", few):
        folder = Path(scratch)
        pairs = meeting.meet_known(new=new, known=rows, model=MODEL, folder=folder)
        near = meeting.meet_shielded(new=new, shielded=hidden, model=MODEL, folder=folder)
        within = meeting.meet_each_other(new=new, model=MODEL, folder=folder)
    with mock.patch.object(deciding, "FEW", few):
        return decide_rows(
            model=MODEL,
            new=new,
            known=known,
            pairs=known.beside(pairs),
            near=known.beside(near),
            within=within,
            twin_children=find_twin_children(known),
            taken=frozenset(),
        )


@FEW_LONG
@given(FAMILIES)
def test_bulk_and_single_score_every_pair_alike(families: list[tuple[Said, Said]]) -> None:
    check_scores(*score_in_bulk(families))


@FEW_LONG
@given(FAMILIES)
def test_bulk_and_single_decide_every_row_alike(families: list[tuple[Said, Said]]) -> None:
    check_decisions(families)


def decide_in_portions(families: list[tuple[Said, Said]], *, portion: int) -> dict[str, Verdict]:
    """The same as a long file goes: everybody on disk, portion after portion, what is plain by columns."""
    new = frame_of([b for _, b in families], "b")
    rows = frame_of([a for a, _ in families], "").with_columns(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("child")
    )
    shielded = frozenset(range(0, rows.height, 10))
    hidden = Known(rows.filter(pl.col("child").is_in(list(shielded))), shielded)
    parts = []
    with TemporaryDirectory() as scratch, open_engine(scratch=Path(scratch), limits=Limits()) as connection:
        folder = Path(scratch)
        crowd = Crowd(connection)
        for start in range(0, rows.height, portion):
            crowd.add(rows.slice(start, portion))
        for start in range(0, new.height, portion):
            some = new.slice(start, portion)
            known = Known(crowd.find_near(some), shielded)
            pairs = meeting.meet_known(new=some, known=known.rows, model=MODEL, folder=folder)
            near = meeting.meet_shielded(new=some, shielded=hidden.rows, model=MODEL, folder=folder)
            parts.append(
                weigh_rows(
                    model=MODEL, new=some, known=known, pairs=known.beside(pairs), near=hidden.beside(near)
                )
            )
        twin_children = find_twin_children(Known(crowd.find_twins(), shielded))
        within = meeting.meet_each_other(new=new, model=MODEL, folder=folder)
    return decide_many(
        model=MODEL,
        evidence=gather_evidence(parts),
        within=within,
        twins=find_twins(new),
        shielded=shielded,
        twin_children=twin_children,
        taken=frozenset(),
        remembered=NOTHING,
    ).one_by_one()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(FAMILIES, st.integers(5, 40))
def test_a_long_file_is_decided_as_its_rows_would_be_one_by_one(
    families: list[tuple[Said, Said]], portion: int
) -> None:
    same_decisions(decide_in_portions(families, portion=portion), decide_all(families, few=10_000))


@settings(max_examples=50, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=40))
def test_twins_are_found_alike_in_memory_and_on_disk(said: list[Said]) -> None:
    homes = [replace(row, address=LINES[n % 2], birth_date=DATES[n % 3]) for n, row in enumerate(said)]
    frame = frame_of(homes, "")
    with TemporaryDirectory() as scratch:
        _, twins = dedupe_portions([frame[:7], frame[7:]], model=MODEL, scratch=Path(scratch))
    assert twins == find_twins(frame)


def check_decisions(families: list[tuple[Said, Said]]) -> None:
    same_decisions(decide_all(families, few=0), decide_all(families, few=10_000))


def same_decisions(bulk: dict[str, Verdict], single: dict[str, Verdict]) -> None:
    assert bulk.keys() == single.keys()
    for key, verdict in bulk.items():
        other = single[key]
        assert (verdict.outcome, verdict.child, verdict.why, verdict.within) == (
            other.outcome, other.child, other.why, other.within,
        ), key  # fmt: skip
        assert [child for child, _ in verdict.candidates] == [child for child, _ in other.candidates], key


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(ROWS, st.integers(0, 9)), max_size=40))
def test_twins_are_found_alike_among_few_rows_and_many(said: list[tuple[Said, int]]) -> None:
    """Several rows of one child among them, as a child is known by."""
    homes = [replace(row, address=LINES[child % 2], postcode=POSTCODES[child % 3]) for row, child in said]
    rows = [replace(row, birth_date=DATES[child % 4]) for row, (_, child) in zip(homes, said, strict=True)]
    if not rows:
        return
    frame = frame_of(rows, "").with_columns(pl.Series("child", [child for _, child in said], dtype=pl.Int64))
    known = Known(frame, frozenset())
    assert find_twin_children(known) == many_twin_children(known)


AMY = Said("Olivia May", "Smith", "Jones", "2014-05-01", "F", "M1 1AE", "1 High Street", NHS[0], UPN[0])


@pytest.fixture(scope="module")
def amy_in_bulk() -> tuple[pl.DataFrame, dict[str, MatchRow]]:
    return score_in_bulk([(AMY, AMY)])


@pytest.mark.parametrize("place", range(len(COMPARISONS)), ids=[each.field for each in COMPARISONS])
def test_a_difference_in_one_level_is_found(
    place: int, amy_in_bulk: tuple[pl.DataFrame, dict[str, MatchRow]]
) -> None:
    """The check of the scores fails where the single scorer reads one field's best level otherwise."""
    check_scores(*amy_in_bulk)
    comparison = COMPARISONS[place]
    best = replace(comparison.levels[0], test=lambda a, b: False)
    other = replace(comparison, levels=(best, *comparison.levels[1:]))
    planted = (*COMPARISONS[:place], other, *COMPARISONS[place + 1 :])
    with (
        mock.patch.object(score, "COMPARISONS", planted),
        mock.patch.object(score, "_compile", score._compile.__wrapped__),
        pytest.raises(AssertionError),
    ):
        check_scores(*amy_in_bulk)


def test_a_candidate_that_one_of_them_misses_is_found() -> None:
    """The check of the decisions fails where rows that are looked up meet fewer than those of a long file."""
    plain = replace(AMY, nhs="", upn="")  # a shared number is looked for besides
    check_decisions([(plain, plain)])
    with mock.patch.object(meeting, "blocking_keys", return_value=()), pytest.raises(AssertionError):
        check_decisions([(plain, plain)])
