"""Who of the candidates is shown, in which order, and why: pure (SEA-3, SEA-4, SEA-7, SUP-8).

The weights are the matching model's. A person reads the list, so four things differ from a feed:
a name typed exactly never counts less than one nearly so, however common it is;
names typed in the wrong boxes are compared the other way round too;
a postcode speaks for a child but never against one (families move); gender only decides the order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from math import log2

from rapidfuzz.distance import OSA

from contactpoint.directory.identity import OLD
from contactpoint.directory.search.candidates import Candidate
from contactpoint.directory.search.index import fold_family
from contactpoint.directory.search.reading import ReadQuery
from contactpoint.matching.explain import explain
from contactpoint.matching.model import ComparisonWeights, Model
from contactpoint.matching.rows import MatchRow
from contactpoint.matching.score import Score, probability_of, score_one, weight_of
from contactpoint.matching.standardise import split_given

PLAUSIBLE = 20.0  # bits below what a perfect match would have
CONVINCING = 9.0
SHORT = 2.0  # bits by which a slip in a very short name counts less than in another
SWAP = 3.0  # bits that names in each other's boxes cost
CONVINCED = 30.0  # above this nobody need ask whether the boxes were swapped
DIFFERENT = 0  # the worst level of every comparison
CUTS = (
    10.0,
    7.0,
    5.0,
    3.0,
    0.9,
)  # bits below the best; the first under which the list is short enough counts
ALIKE = 0.5  # share of letters: what the model calls half alike
NEARLY = 3.0  # bits from perfect: then others hardly matter
WIDE_CUT = 14.0
_NAMES = ("given", "family")
_CORE = ("given", "middle", "family", "birth")


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its evidence in bits: of names and birth date, and of everything."""

    candidate: Candidate
    core: float
    total: float
    levels: tuple[int, ...]
    swapped: bool
    other_name: bool
    other_postcode: bool
    same_gender: bool
    given_agrees: bool
    family_agrees: bool

    @property
    def order(self) -> tuple[float, int]:
        return -(self.total + self.same_gender), self.candidate.id


@dataclass(frozen=True, slots=True)
class Shortlist:
    """Those to show, best first; `too_many` says that more are as likely than may be shown."""

    shown: tuple[Ranked, ...]
    too_many: bool


def rank(
    *, query: ReadQuery, candidates: Sequence[Candidate], names: dict[int, str], model: Model
) -> list[Ranked]:
    """Every candidate with its evidence, best first. `names` are the folded names of the ids in the pairs."""
    asked = _asked(query)
    swapped = _swapped(query)
    ranked = []
    for candidate in candidates:
        rows = _rows(candidate, query, names)
        each = _best(query, candidate, asked, rows, model)
        if swapped and each.core < CONVINCED:
            other = _best(query, candidate, swapped, rows, model, is_swapped=True)
            if other.core > each.core:
                each = other if not _is_met_swapped(model, other.levels) else _turned_back(each, other)
        ranked.append(each)
    return sorted(ranked, key=lambda each: each.order)


def _best(
    query: ReadQuery,
    candidate: Candidate,
    asked: MatchRow,
    rows: list[MatchRow],
    model: Model,
    *,
    is_swapped: bool = False,
) -> Ranked:
    scores = score_one(model, asked, rows)
    best = max(range(len(rows)), key=lambda place: scores[place].weight)
    core, place, agreeing = _evidence(query, candidate, asked, rows[best], scores[best], model)
    return Ranked(
        candidate,
        core - SWAP * is_swapped,
        core - SWAP * is_swapped + place,
        scores[best].levels,
        swapped=is_swapped,
        other_name=best > 0,
        other_postcode=bool(query.postcode) and OLD + query.postcode in candidate.postcodes.split(),
        same_gender=bool(query.gender) and candidate.gender == query.gender,
        given_agrees="given" in agreeing,
        family_agrees=bool(query.family) and "family" in agreeing,
    )


def _is_met_swapped(model: Model, levels: tuple[int, ...]) -> bool:
    """Whether the model itself took the two names for each other's."""
    place = next(number for number, each in enumerate(model.comparisons) if each.field == "given")
    at = levels[place]
    return at >= 0 and model.comparisons[place].levels[::-1][at].id.endswith(".swapped")


def _turned_back(straight: Ranked, twice: Ranked) -> Ranked:
    """Swapped here and by the model is not swapped: the evidence holds, the words are the straight ones."""
    return replace(
        straight,
        core=twice.core,
        total=twice.total,
        given_agrees=twice.given_agrees,
        family_agrees=twice.family_agrees,
    )


def is_worth_scoring(candidate: Candidate, query: ReadQuery) -> bool:
    """Of those met by one name: without a family name like the one typed, or the place, nobody is shown."""
    if query.postcode and (query.postcode in candidate.postcodes or _area(query) in candidate.postcodes):
        return True
    family = fold_family(candidate.family_name)
    whole = f"{query.given} {query.middle}".strip()
    return any(OSA.normalized_similarity(typed, family) >= ALIKE for typed in (query.family, whole)) or any(
        part in family.split() for part in query.family.split()
    )


def _area(query: ReadQuery) -> str:
    return query.postcode[:-3]


def perfect(*, query: ReadQuery, model: Model) -> float:
    """The evidence in bits of a child that agrees in every name and date typed."""
    fields = [("given", query.given), ("middle", query.middle), ("family", query.family)]
    total = sum(_exact(_comparison(model, field)) for field, typed in fields if typed)
    if query.born is not None:
        total += _comparison(model, "birth").levels[0 if query.is_exact_day else 1].weight
    return total


def is_convincing(ranked: Sequence[Ranked], *, query: ReadQuery, model: Model) -> bool:
    """Whether the best is good enough not to look further."""
    return bool(ranked) and ranked[0].core >= perfect(query=query, model=model) - CONVINCING


def shorten(ranked: Sequence[Ranked], *, query: ReadQuery, model: Model, cap: int) -> Shortlist:
    """The plausible ones, if they are few enough (SEA-4).

    Where too many are, those go first whose given name is another one altogether, then those less likely than
    the best, in the end all but those who are just as typed: exact first, then tolerant (SEA-3).
    Where even the best is not convincing, more than the cap are no answer at all, rather than too many.
    """
    floor = perfect(query=query, model=model) - PLAUSIBLE
    # With the postcode: who lives or lived there may go by a name that nobody wrote down.
    plausible = [each for each in ranked if each.total >= floor and _has_enough(each)]
    if not plausible:
        return Shortlist((), too_many=False)
    best = max(each.total for each in plausible)
    near_perfect = best >= floor + PLAUSIBLE - NEARLY
    for cut in CUTS if near_perfect else (WIDE_CUT, *CUTS):
        kept = [each for each in plausible if each.total >= best - cut]
        for some in (kept, [each for each in kept if each.given_agrees]):
            if 0 < len(some) <= cap:
                return Shortlist(tuple(some), too_many=False)
    return Shortlist((), too_many=is_convincing(plausible, query=query, model=model))


def words_why(each: Ranked, *, model: Model) -> tuple[str, ...]:
    """Why it matched, in words without values: what speaks for the child, then what differs."""
    reasons = explain(model, each.levels)
    words = [reason.words for reason in reasons if reason.weight > 0]
    words += [reason.words for reason in reasons if reason.weight <= 0 and reason.field in _CORE]
    if each.swapped:
        words.append("given and family name swapped")
    if each.other_name:
        words.append("by another name on the record: a former one, an alias, or part of the name")
    if each.other_postcode:
        words.append("postcode: an earlier one")
    if each.same_gender:
        words.append("gender: the same")
    return tuple(words)


def certainty(each: Ranked, *, model: Model) -> float:
    """A probability, for the order only."""
    return probability_of(each.total + weight_of(model.prior))


def _has_enough(each: Ranked) -> bool:
    """A given name and a birth date alone need the postcode, or at least its area (SEA-2).

    Else any family name, made up, would let people search without one.
    """
    return each.family_agrees or each.total > each.core


def _asked(query: ReadQuery) -> MatchRow:
    return MatchRow(
        key="",
        given=query.given,
        middle=query.middle,
        family=query.family,
        birth_date=query.born.iso if query.born else "",
        postcode=query.postcode,
    )


def _rows(candidate: Candidate, query: ReadQuery, names: dict[int, str]) -> list[MatchRow]:
    """The child under its current name, then under each other pair that it was met by."""
    given, middle = split_given(candidate.given_names)
    family = fold_family(candidate.family_name)
    current = MatchRow(
        key="",
        given=given,
        middle=middle,
        family=family,
        birth_date=candidate.birth_date,
        postcode=_postcode(candidate, query.postcode),
    )
    rows = [current]
    for given_id, family_id in candidate.pairs:
        pair = names.get(given_id, given), names.get(family_id, family)
        if pair != (given, family):
            rows.append(
                MatchRow(
                    key="",
                    given=pair[0],
                    middle="" if pair[0] in middle.split() else middle,
                    family=pair[1],
                    birth_date=candidate.birth_date,
                    postcode=current.postcode,
                )
            )
    return rows


def _postcode(candidate: Candidate, typed: str) -> str:
    """The one typed, if the child has or had it, else the current one."""
    if not typed or not candidate.postcodes:
        return ""
    known = candidate.postcodes.split()
    return typed if typed in known or OLD + typed in known else known[0].removeprefix(OLD)


def _evidence(
    query: ReadQuery, candidate: Candidate, asked: MatchRow, row: MatchRow, score: Score, model: Model
) -> tuple[float, float, set[str]]:
    """Bits of names and birth date, bits of the postcode, and the names that are not different altogether."""
    core = place = 0.0
    agreeing: set[str] = set()
    for (field, exact, levels), level in zip(_weights(model), score.levels, strict=True):
        if level < 0:
            agreeing.add(field)
        elif field == "home":
            place = max(0.0, levels[level])
        elif field in _CORE:
            bits = levels[level]
            if level == len(levels) - 1:
                bits = max(exact, _surprise(model, field, row))
            elif field in _NAMES and _is_one_slip(getattr(asked, field), getattr(row, field)):
                bits = max(bits, _slip(model, field) - SHORT)
                agreeing.add(field)
            elif field == "birth" and _is_a_day_off(query, candidate):
                bits = max(bits, _near(model))
            core += bits
            if level != DIFFERENT:
                agreeing.add(field)
    return core, place, agreeing


def _swapped(query: ReadQuery) -> MatchRow | None:
    """What was typed, read with the two names in each other's boxes."""
    if not query.given or not query.family:
        return None
    given, *middle = query.family.split()
    whole = f"{query.given} {query.middle}".strip()
    return replace(_asked(query), given=given, middle=" ".join(middle), family=whole)


def _is_a_day_off(query: ReadQuery, candidate: Candidate) -> bool:
    """Counted in real days: the model counts every month as 31."""
    if not query.is_exact_day or len(candidate.birth_date) < 10:
        return False
    return abs((date.fromisoformat(candidate.birth_date) - query.born_from).days) <= 2


def _is_one_slip(typed: str, name: str) -> bool:
    """The model asks for three letters on both sides; here the birth date is there as well."""
    return bool(typed and name) and OSA.distance(typed, name, score_cutoff=1) <= 1


@lru_cache(maxsize=8)
def _near(model: Model) -> float:
    return _weight(model, "birth.near")


@lru_cache(maxsize=8)
def _slip(model: Model, field: str) -> float:
    return _weight(model, f"{field}.slip")


def _weight(model: Model, level_id: str) -> float:
    field, _, _ = level_id.partition(".")
    return next(level.weight for level in _comparison(model, field).levels if level.id == level_id)


def _surprise(model: Model, field: str, row: MatchRow) -> float:
    """What an exact name is worth by its own frequency: a rare one more."""
    if field not in model.frequencies:
        return 0.0
    comparison = _comparison(model, field)
    frequency = model.frequency_of(field, getattr(row, field))
    return comparison.levels[0].weight + log2(comparison.levels[0].u / frequency)


def _comparison(model: Model, field: str) -> ComparisonWeights:
    return next(each for each in model.comparisons if each.field == field)


def _exact(comparison: ComparisonWeights) -> float:
    """An exact agreement counts at least a little more than any near one."""
    near = [level.weight for level in comparison.levels[1:] if not level.id.endswith(".swapped")]
    return max(comparison.levels[0].weight, max(near) + 1.0)


@lru_cache(maxsize=8)
def _weights(model: Model) -> tuple[tuple[str, float, tuple[float, ...]], ...]:
    """For each comparison: its field, the weight of exact agreement, and weights by level number."""
    return tuple(
        (each.field, _exact(each), tuple(level.weight for level in reversed(each.levels)))
        for each in model.comparisons
    )
