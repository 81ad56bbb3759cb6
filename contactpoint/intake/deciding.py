"""What becomes of each row: joins a child, makes a new one, or waits for a person (SUP-7 to SUP-9, SHI-5).

The decision on the evidence is matching's; added here is what only intake knows: who is shielded,
who has a row of the same supplier already, and that no record is made without a year of birth.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from operator import attrgetter

import polars as pl

from contactpoint.intake.known import Known
from contactpoint.intake.remembered import NOTHING, Remembered
from contactpoint.matching.decide import Candidate, Decision, FilePair, Outcome, Rule, decide_file
from contactpoint.matching.explain import level_id
from contactpoint.matching.likeness import is_compatible_given
from contactpoint.matching.model import Model
from contactpoint.matching.rows import FIELDS, MatchRow
from contactpoint.matching.score import Score, score_pairs
from contactpoint.matching.standardise import frame_to_rows
from contactpoint.matching.twins import are_twins, find_twins

FEW = 300  # rows that are looked at one by one
OTHER_GIVEN = frozenset({"given.different", "given.half"})
OTHER_BIRTH = frozenset({"birth.different"})


class Why(StrEnum):
    """Why a row waits; the first word decides whose queue it is in."""

    DOUBTFUL = "doubtful"
    SEVERAL = "several"
    NEAR_SHIELD = "near-shield"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`child` is the one that a linked row joins.

    `candidates` are children with their scores, best first; `within` are rows of the same file, by key.
    """

    outcome: Outcome
    child: int | None = None
    why: Why | None = None
    candidates: tuple[tuple[int, Score], ...] = ()
    within: tuple[str, ...] = ()


NEW = Verdict(Outcome.NEW)


def decide_rows(
    *,
    model: Model,
    new: pl.DataFrame,
    known: Known,
    pairs: pl.DataFrame,
    near: pl.DataFrame,
    within: pl.DataFrame,
    twin_children: Collection[int],
    taken: Collection[int],
    remembered: Remembered = NOTHING,
) -> dict[str, Verdict]:
    """A verdict for every row of `new` (standardised) that is not plainly new.

    `pairs` and `within` are matching's from the asking threshold up;
    `near` are those with shielded children, from NEAR_SHIELD up. `pairs` and `near` have `child` beside them.
    `taken` are the children of whom this supplier already supplies another row.
    What a person decided stands: `remembered` children are linked, or never asked about (SUP-8).
    """
    scored = _best_of_each_child(pairs)
    scored += find_same_number(model, new, known, pairs)
    return decide_scored(
        model=model,
        scored=scored,
        near=_best_of_each_child(near),
        within=within,
        undated=find_undated(new),
        twins=find_twins(new),
        shielded=known.shielded,
        twin_children=twin_children,
        taken=taken,
        remembered=remembered,
    )


def decide_scored(
    *,
    model: Model,
    scored: Iterable[tuple[str, int, Score]],
    near: Iterable[tuple[str, int, Score]],
    within: pl.DataFrame,
    undated: Collection[str],
    twins: Collection[str],
    shielded: Collection[int],
    twin_children: Collection[int],
    taken: Collection[int],
    remembered: Remembered,
) -> dict[str, Verdict]:
    """`scored` and `near`: each row's best score with each child that it met."""
    held: dict[str, dict[int, Score]] = {}
    for key, child, score in near:
        held.setdefault(key, {})[child] = score
    candidates: dict[str, list[Candidate]] = {}
    for key, child, score in scored:
        if child in shielded:
            held.setdefault(key, {})[child] = score
        if (key, child) not in remembered.different and not is_sibling(model, score):
            candidates.setdefault(key, []).append(Candidate(str(child), score, child in twin_children))
    for key in held:
        candidates.setdefault(key, [])
    file_pairs = [
        FilePair(key_a, key_b, score)
        for key_a, key_b, weight, probability, levels in within.iter_rows()
        if not is_twin_or_sibling(model, score := Score(weight, probability, tuple(levels)))
    ]
    for pair in file_pairs:
        candidates.setdefault(pair.key_a, [])
        candidates.setdefault(pair.key_b, [])
    for key in undated:
        candidates.setdefault(key, [])
    decided = decide_file(model=model, candidates=candidates, twins=twins, within=file_pairs)
    claimed = {*taken, *remembered.same.values()}
    verdicts = {
        key: _verdict(model, decision, held.get(key, {}), claimed, key in undated)
        for key, decision in decided.items()
    }
    verdicts |= {
        key: _as_decided(model, child, candidates.get(key, ()), held.get(key, {}))
        for key, child in remembered.same.items()
    }
    return {key: verdict for key, verdict in verdicts.items() if verdict is not NEW}


def find_undated(new: pl.DataFrame) -> frozenset[str]:
    """The keys of rows without as much as a year of birth: no record is made of them."""
    return frozenset(new["key"].filter(new["birth_date"] == ""))


def _as_decided(
    model: Model, child: int, candidates: Iterable[Candidate], near: Mapping[int, Score]
) -> Verdict:
    """The child that a person said, unless the row is near a shielded other: that came later (SHI-5)."""
    others = sorted(
        ((other, score) for other, score in near.items() if other != child), key=lambda each: -each[1].weight
    )
    own = tuple((child, each.score) for each in candidates if each.key == str(child))
    if others:
        return Verdict(Outcome.ASK, why=Why.NEAR_SHIELD, candidates=(*others, *own))
    return Verdict(Outcome.LINK, child=child, candidates=own)


def _verdict(
    model: Model, decision: Decision, near: Mapping[int, Score], taken: Collection[int], undated: bool
) -> Verdict:
    candidates = tuple((int(each.key), each.score) for each in decision.candidates)
    best = candidates[0][0] if candidates else None
    # Jay and Jayden at one address, two years apart: brothers whose names are alike (SUP-7).
    born_apart = bool(candidates) and _is_other(model, candidates[0][1], OTHER_BIRTH)
    if decision.outcome is Outcome.LINK and best not in taken and not born_apart:
        rivals = [
            child
            for child, score in near.items()
            if child != best and score.probability >= model.thresholds.ask
        ]
        if not rivals:
            return Verdict(Outcome.LINK, child=best, candidates=candidates)
    if near:
        held = sorted(near.items(), key=lambda item: -item[1].weight)
        others = [(child, score) for child, score in candidates if child not in near]
        return Verdict(Outcome.ASK, why=Why.NEAR_SHIELD, candidates=(*held, *others), within=decision.within)
    if decision.outcome is Outcome.NEW and not undated:
        return NEW
    why = Why.SEVERAL if Rule.SEVERAL in decision.rules else Why.DOUBTFUL
    return Verdict(Outcome.ASK, why=why, candidates=candidates, within=decision.within)


def is_sibling(model: Model, score: Score) -> bool:
    """Another given name and another birth date altogether: a brother or sister, whatever else agrees."""
    return _is_other(model, score, OTHER_GIVEN) and _is_other(model, score, OTHER_BIRTH)


def is_twin_or_sibling(model: Model, score: Score) -> bool:
    """Either of them: between two rows of one supplier's file, two children."""
    return _is_other(model, score, OTHER_GIVEN) or _is_other(model, score, OTHER_BIRTH)


def _is_other(model: Model, score: Score, levels: frozenset[str]) -> bool:
    """Whether a field is altogether another. A shared number outweighs that: a question all the same."""
    if any(level_id(model, score.levels, number) == f"{number}.exact" for number in ("nhs", "upn")):
        return False
    return any(level_id(model, score.levels, level.split(".")[0]) == level for level in levels)


def find_twin_children(known: Known) -> frozenset[int]:
    """Children who share birth date and home with another known child of another given name (SUP-7)."""
    if known.rows.height <= FEW:
        return _few_twin_children(known)
    return many_twin_children(known)


def many_twin_children(known: Known) -> frozenset[int]:
    """The same for any number of rows."""
    flagged = known.rows.filter(pl.col("key").is_in(list(find_twins(known.rows.select(FIELDS)))))
    places = (["birth_date", "address"], ["birth_date", "postcode", "family"])
    found: set[int] = set()
    for on in places:
        filled = flagged.filter(pl.all_horizontal([pl.col(name) != "" for name in on]))
        met = filled.join(filled, on=on, suffix="_b").filter(pl.col("child") < pl.col("child_b"))
        columns = ["child", "child_b", "given", "given_b"]
        for child, other, given, given_b in met.select(columns).unique().iter_rows():
            if not is_compatible_given(given, given_b):
                found |= {child, other}
    return frozenset(found)


def _few_twin_children(known: Known) -> frozenset[int]:
    """Row by row: taking columns apart costs more than a few rows do."""
    born: dict[str, list[tuple[int, MatchRow]]] = {}
    for *said, child in known.rows[[*FIELDS, "child"]].iter_rows():
        row = MatchRow(*said)
        if len(row.birth_date) == 10:
            born.setdefault(row.birth_date, []).append((child, row))
    found: set[int] = set()
    for rows in born.values():
        flagged = [(child, row) for child, row in rows if any(are_twins(row, other) for _, other in rows)]
        for (child, row), (other, other_row) in combinations(flagged, 2):
            is_two = child != other and not is_compatible_given(row.given, other_row.given)
            if is_two and _may_be_one_home(row, other_row):
                found |= {child, other}
    return frozenset(found)


def _may_be_one_home(a: MatchRow, b: MatchRow) -> bool:
    """Of two rows with one birth date, each of which has a twin."""
    if a.address and a.address == b.address:
        return True
    return bool(a.postcode and a.family) and (a.postcode, a.family) == (b.postcode, b.family)


def _best_of_each_child(ranked: pl.DataFrame) -> list[tuple[str, int, Score]]:
    """Each row's best score with each child it met."""
    return _best_of_few(ranked) if ranked.height <= FEW else to_scored(find_best(ranked), key="new_key")


def find_best(ranked: pl.DataFrame) -> pl.DataFrame:
    """The pair with the best score of each row with each child that it met."""
    return ranked.sort("weight", "known_key", descending=[True, False]).unique(
        ["new_key", "child"], keep="first", maintain_order=True
    )


def to_scored(best: pl.DataFrame, *, key: str = "key") -> list[tuple[str, int, Score]]:
    """Columns as the scores of rows with children."""
    columns = best.select(key, "child", "weight", "probability", "levels")
    return [
        (key, child, Score(weight, probability, tuple(levels)))
        for key, child, weight, probability, levels in columns.iter_rows()
    ]


def _best_of_few(ranked: pl.DataFrame) -> list[tuple[str, int, Score]]:
    """The same, row by row."""
    columns = ("new_key", "child", "weight", "probability", "levels", "known_key")
    rows = ranked[list(columns)].rows()
    best: dict[tuple[str, int], Score] = {}
    for key, child, weight, probability, levels, _ in sorted(rows, key=lambda row: (-row[2], row[5])):
        best.setdefault((key, child), Score(weight, probability, tuple(levels)))
    return [(key, child, score) for (key, child), score in best.items()]


def find_same_number(
    model: Model, new: pl.DataFrame, known: Known, ranked: pl.DataFrame
) -> list[tuple[str, int, Score]]:
    """Pairs that share an NHS number or UPN and scored too low to be met: a question all the same (SUP-9)."""
    few = new.height <= FEW and known.rows.height <= FEW
    missed = (_few_missed if few else _missed)(new, known, ranked)
    scores = score_pairs(model, [row for _, row, _ in missed], [other for _, _, other in missed])
    return [(row.key, child, score) for (child, row, _), score in zip(missed, scores, strict=True)]


def _missed(
    new: pl.DataFrame, known: Known, ranked: pl.DataFrame
) -> Sequence[tuple[int, MatchRow, MatchRow]]:
    """The children, with each row and the known one that has its number."""
    if known.rows.is_empty():
        return []
    met = pl.concat(
        [
            new.filter(pl.col(number) != "").join(
                known.rows.filter(pl.col(number) != ""), on=number, suffix="_known", coalesce=False
            )
            for number in ("nhs", "upn")
        ],
        how="vertical",
    )
    missed = met.unique(["key", "child"], maintain_order=True).join(
        ranked, left_on=["key", "child"], right_on=["new_key", "child"], how="anti"
    )
    others = [MatchRow(*values) for values in missed.select(f"{name}_known" for name in FIELDS).iter_rows()]
    return list(zip(missed["child"].to_list(), frame_to_rows(missed), others, strict=True))


def _few_missed(
    new: pl.DataFrame, known: Known, ranked: pl.DataFrame
) -> Sequence[tuple[int, MatchRow, MatchRow]]:
    """The same, row by row."""
    rows, others = frame_to_rows(new), frame_to_rows(known.rows)
    children = known.rows["child"].to_list()
    met = set(zip(ranked["new_key"].to_list(), ranked["child"].to_list(), strict=True))
    missed: dict[tuple[str, int], tuple[int, MatchRow, MatchRow]] = {}
    for number in map(attrgetter, ("nhs", "upn")):
        having: dict[str, list[tuple[int, MatchRow]]] = {}
        for child, other in zip(children, others, strict=True):
            having.setdefault(number(other), []).append((child, other))
        for row in rows:
            for child, other in having.get(number(row), ()) if number(row) else ():
                if (row.key, child) not in met:
                    missed.setdefault((row.key, child), (child, row, other))
    return list(missed.values())
