"""From scores to a decision: link, ask a person, or new (SUP-7, SUP-9).

Pure, and the same for one row and for a file.
Being sure is not enough for an automatic link.
One that may join twins, that has a rival, or that another row claims with better right goes to a person,
and the decision says which rule sent it there.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from contactpoint.matching.explain import level_id
from contactpoint.matching.model import Model
from contactpoint.matching.score import Score


class Outcome(StrEnum):
    """What becomes of a row."""

    LINK = "link"
    ASK = "ask"
    NEW = "new"


class Rule(StrEnum):
    """Why a row is not linked, or not made new, without a person."""

    NOT_SURE = "the evidence is not strong enough"
    SEVERAL = "several children fit"
    TWIN = "another child with this birth date and address is known"
    GIVEN_NAMES = "the given names are not forms of one another"
    CLAIMED = "another row fits this child better"
    NUMBER = "the number belongs to a child who does not fit"
    WITHIN_FILE = "another row of the file may be the same child"


# Given names that the twin rule lets pass: missing, equal, initial, nickname, one slip;
# equal too where given and family name stand in each other's boxes, which is a matter of origin.
COMPATIBLE_GIVEN = frozenset(
    {"", "given.exact", "given.nickname", "given.initial", "given.slip", "given.misread", "given.swapped"}
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A known child whom a row may be; `has_twin` where `twins.are_twins` holds with a second known child."""

    key: str
    score: Score
    has_twin: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """`candidates` are those worth a person's look, best first; `rules` say why nothing was automatic.

    `within` are rows of the same file that may be the same child.
    """

    outcome: Outcome
    candidates: tuple[Candidate, ...] = ()
    rules: tuple[Rule, ...] = ()
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilePair:
    """Two rows of one file that score as one child."""

    key_a: str
    key_b: str
    score: Score


def decide(*, model: Model, candidates: Sequence[Candidate], has_twin: bool = False) -> Decision:
    """Decide one row from its scored candidates; `has_twin` where the row itself has a twin in its file."""
    ranked = sorted(candidates, key=lambda candidate: (-candidate.score.weight, candidate.key))
    kept = tuple(
        candidate
        for candidate in ranked
        if candidate.score.probability >= model.thresholds.ask or _has_same_number(model, candidate)
    )
    if not kept:
        return Decision(Outcome.NEW)
    rules = _rules_against(model=model, kept=kept, has_twin=has_twin)
    return Decision(Outcome.ASK if rules else Outcome.LINK, kept, rules)


def decide_file(
    *,
    model: Model,
    candidates: Mapping[str, Sequence[Candidate]],
    twins: Collection[str] = (),
    within: Iterable[FilePair] = (),
) -> dict[str, Decision]:
    """Decide every row of a file (`candidates` has an entry for each), so that no child is claimed twice.

    Where two rows claim one child the better is linked and the other asks.
    Where two rows that would both be new may be one child, the first is new and the other asks.
    """
    decisions = {
        key: decide(model=model, candidates=candidates[key], has_twin=key in twins)
        for key in sorted(candidates)
    }
    _settle_claims(decisions)
    _settle_within(decisions, pairs=within, least=model.thresholds.ask)
    return decisions


def _rules_against(*, model: Model, kept: tuple[Candidate, ...], has_twin: bool) -> tuple[Rule, ...]:
    best = kept[0]
    rules = []
    if best.score.probability < model.thresholds.link:
        rules.append(Rule.NOT_SURE)
    if any(_is_rival(model, best, other) for other in kept[1:]):
        rules.append(Rule.SEVERAL)
    if has_twin or best.has_twin:
        rules.append(Rule.TWIN)
    if not _is_compatible(model, best):
        rules.append(Rule.GIVEN_NAMES)
    if (
        any(_has_same_number(model, other) for other in kept[1:])
        or best.score.probability < model.thresholds.ask
    ):
        rules.append(Rule.NUMBER)
    return tuple(rules)


def _is_rival(model: Model, best: Candidate, other: Candidate) -> bool:
    """Whether the other would be linked too, were the best not there, and is not far behind.

    A row is one child at most, so what counts is how many times likelier the best is than the other.
    """
    return (
        other.score.probability >= model.thresholds.link
        and best.score.weight - other.score.weight < model.thresholds.margin
        and _is_compatible(model, other)
    )


def _is_compatible(model: Model, candidate: Candidate) -> bool:
    return level_id(model, candidate.score.levels, "given") in COMPATIBLE_GIVEN


def _has_same_number(model: Model, candidate: Candidate) -> bool:
    return any(level_id(model, candidate.score.levels, field) == f"{field}.exact" for field in ("nhs", "upn"))


def _settle_claims(decisions: dict[str, Decision]) -> None:
    holders: dict[str, str] = {}
    linked = [key for key, decision in decisions.items() if decision.outcome is Outcome.LINK]
    for key in sorted(linked, key=lambda key: (-decisions[key].candidates[0].score.weight, key)):
        child = decisions[key].candidates[0].key
        if child in holders:
            decisions[key] = replace(decisions[key], outcome=Outcome.ASK, rules=(Rule.CLAIMED,))
        else:
            holders[child] = key


def _settle_within(decisions: dict[str, Decision], *, pairs: Iterable[FilePair], least: float) -> None:
    others: dict[str, set[str]] = {}
    for pair in pairs:
        if pair.score.probability >= least:
            others.setdefault(pair.key_a, set()).add(pair.key_b)
            others.setdefault(pair.key_b, set()).add(pair.key_a)
    made: set[str] = set()
    for key, decision in decisions.items():
        if decision.outcome is not Outcome.NEW:
            continue
        same = sorted(others.get(key, set()) & made)
        if same:
            decisions[key] = replace(
                decision, outcome=Outcome.ASK, rules=(Rule.WITHIN_FILE,), within=tuple(same)
            )
        else:
            made.add(key)
