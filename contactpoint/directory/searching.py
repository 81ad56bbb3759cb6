"""The first door: searching for a child (SEA-2 to SEA-8, SHI-3).

Loads, decides, logs, and only then returns.
Reads open tables alone, so that nobody's hidden values change what comes back, or how fast.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection, transaction

from contactpoint.access.policies import ENGLAND
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.codes.child_number import encode
from contactpoint.directory.limits import LimitReached, Look, Standing, get_standing, report_limit, words_for
from contactpoint.directory.records import Found, SearchOutcome, SearchQuery, SearchResult
from contactpoint.directory.search.candidates import (
    Among,
    Candidate,
    find_by_number,
    find_likely,
    find_unlikely,
)
from contactpoint.directory.search.ranking import (
    Ranked,
    Shortlist,
    certainty,
    is_convincing,
    is_worth_scoring,
    rank,
    shorten,
    words_why,
)
from contactpoint.directory.search.reading import (
    LONGEST_TYPED,
    NUMBER_NAMES,
    NumberNotForSector,
    ReadNumber,
    ReadQuery,
    TooLittle,
    Unreadable,
    read_query,
)
from contactpoint.directory.search.vocabulary import find_meant_names
from contactpoint.errors import Invalid, NotAllowed
from contactpoint.matching.model import Model

CAP = 10  # SEA-4 (settings)
LARGER_CAP = 25


class MayNotSearch(NotAllowed):
    """The person's roles do not allow searching."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    rule: str
    error: NotAllowed | Invalid


@dataclass(frozen=True, slots=True)
class _Answer:
    found: tuple[Found, ...]
    children: tuple[int, ...]
    outcome: SearchOutcome


def search_children(*, viewer: Viewer, query: SearchQuery, at: datetime) -> SearchResult:
    """The plausible children, best first, once the search and whom it shows are in the log.

    More plausible ones than the viewer's cap: no rows, and TOO_MANY.
    Raises MayNotSearch, LimitReached, TooLittle, Unreadable, NumberNotForSector; each is logged.
    """
    return _search(viewer, query, at, Among(at.astimezone(ENGLAND).date()))


def search_own_authority(*, viewer: Viewer, query: SearchQuery, at: datetime) -> SearchResult:
    """The same among a shielding officer's own authority's children, found by others or not (SHI-10).

    So that an officer can shield before anybody else sees a child. Raises what `search_children` raises.
    """
    return _search(viewer, query, at, Among(at.astimezone(ENGLAND).date(), authority=viewer.authority or "-"))


def _search(viewer: Viewer, query: SearchQuery, at: datetime, among: Among) -> SearchResult:
    answer = None
    with transaction.atomic(durable=True):
        standing, read = _judge(viewer, query, at, among)
        if not isinstance(read, _Refusal):
            answer = _answer(read, _cap(viewer), among)
        record_event(
            kind=EventKind.SEARCHED if answer else EventKind.SEARCH_REFUSED,
            actor=viewer.actor,
            at=at,
            children=answer.children if answer else (),
            typed=_typed(query),
            facts=({"outcome": answer.outcome.value} if answer else {"rule": _rule(read)})
            | ({"authority": among.authority} if among.authority else {}),
            refused=answer is None,
        )
        if isinstance(read, _Refusal) and read.rule == "SEA-8":
            report_limit(viewer=viewer, look=Look.SEARCH, at=at)
    if isinstance(read, _Refusal):
        raise read.error
    if answer is None:
        raise AssertionError("a search neither answered nor refused")
    return SearchResult(answer.outcome, answer.found, standing.left - 1 if standing.near else None)


def _judge(
    viewer: Viewer, query: SearchQuery, at: datetime, among: Among
) -> tuple[Standing, ReadQuery | ReadNumber | _Refusal]:
    standing = get_standing(account_id=viewer.account_id, roles=viewer.roles, look=Look.SEARCH, at=at)
    if not viewer.may(Action.SEARCH):
        return standing, _Refusal("ACC-8", MayNotSearch("Your role does not let you search for children."))
    if among.authority and not (viewer.may(Action.SHIELD) and viewer.authority):
        why = "Only an authority’s shielding officer searches among its own children."
        return standing, _Refusal("SHI-10", MayNotSearch(why))
    if standing.reached:
        return standing, _Refusal("SEA-8", LimitReached(words_for(standing)))
    try:
        return standing, read_query(query=query, visible_numbers=viewer.visible_numbers, on=among.on)
    except NumberNotForSector as error:
        return standing, _Refusal("ACC-9", error)
    except (TooLittle, Unreadable) as error:
        return standing, _Refusal("SEA-2", error)


def _rule(read: object) -> str:
    return read.rule if isinstance(read, _Refusal) else ""


def _cap(viewer: Viewer) -> int:
    return LARGER_CAP if viewer.may(Action.SEARCH_MANY) else CAP


def _answer(read: ReadQuery | ReadNumber, cap: int, among: Among) -> _Answer:
    with connection.cursor() as cursor:
        if isinstance(read, ReadNumber):
            exact = find_by_number(cursor, read, among)
            words = (f"{NUMBER_NAMES[read.kind]}: the same",)
            return _make_answer([_show(child, words, 1.0) for child in exact], exact, len(exact) > cap)
        shortlist = _find(cursor, read, cap, among)
    model = get_model()
    found = [
        _show(each.candidate, words_why(each, model=model), certainty(each, model=model))
        for each in shortlist.shown
    ]
    return _make_answer(found, [each.candidate for each in shortlist.shown], shortlist.too_many)


def _find(cursor: Any, query: ReadQuery, cap: int, among: Among) -> Shortlist:
    model = get_model()
    names = find_meant_names(cursor, query, model)
    likely = find_likely(cursor, query, names, among)
    if likely.overfull and not query.postcode:
        return Shortlist((), too_many=True)
    ranked: list[Ranked] = rank(query=query, candidates=likely.candidates, names=names.folded, model=model)
    if not is_convincing(ranked, query=query, model=model):
        seen = {each.candidate.id for each in ranked}
        unlikely = find_unlikely(cursor, query, names, among)
        more = [each for each in unlikely.candidates if each.id not in seen and is_worth_scoring(each, query)]
        ranked += rank(query=query, candidates=more, names=names.folded, model=model)
        ranked.sort(key=lambda each: each.order)
    return shorten(ranked, query=query, model=model, cap=cap)


@lru_cache(maxsize=1)
def get_model() -> Model:
    """The one model that feeds use too."""
    return Model.load()


def _make_answer(found: list[Found], shown: Any, too_many: bool) -> _Answer:
    if too_many:
        return _Answer((), (), SearchOutcome.TOO_MANY)
    outcome = SearchOutcome.FOUND if found else SearchOutcome.NONE
    return _Answer(tuple(found), tuple(child.id for child in shown), outcome)


def _show(child: Candidate, why: tuple[str, ...], sure: float) -> Found:
    return Found(
        number=encode(child.id),
        given_names=child.given_names,
        family_name=child.family_name,
        birth_date=child.birth_date,
        gender=child.gender,
        town=child.town,
        outward=child.outward,
        shielded=child.shielded,
        why=why,
        certainty=sure,
    )


def _typed(query: SearchQuery) -> dict[str, str]:
    """What the log keeps, sealed: every field that was filled in."""
    typed = {name: getattr(query, name) for name in query.__slots__}
    return {name: str(value)[:LONGEST_TYPED] for name, value in typed.items() if value not in ("", None)}
