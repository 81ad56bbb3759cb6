"""From a typed name to the names in the vocabulary that may be meant (SEA-3).

One index look-up by keys finds the neighbours; comparing them with what was typed sorts out which count.
The best come first, so that what a cap leaves out is what is least likely.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import OSA

from contactpoint.directory.search.index import family_parts
from contactpoint.directory.search.keys import name_keys, sound_of_name
from contactpoint.directory.search.reading import ReadQuery
from contactpoint.matching.model import Model
from contactpoint.matching.nicknames import are_nicknames

MOST_NEIGHBOURS = 4000
MOST_MEANT = 48

_NEIGHBOURS = """
SELECT n.id, n.folded FROM directory_name n
WHERE n.id IN (SELECT k.name_id FROM directory_namekey k WHERE k.key = ANY(%s) LIMIT %s)
"""


@dataclass(frozen=True, slots=True)
class Meant:
    """Ids of names, best first; `closest` of them are the typed name itself and its own parts and forms."""

    ids: tuple[int, ...]
    closest: int


@dataclass(frozen=True, slots=True)
class MeantNames:
    """`as_given` and `as_family` are those meant if the names were typed in each other's boxes."""

    given: Meant
    family: Meant
    as_given: Meant
    as_family: Meant
    folded: dict[int, str]  # every id named above, and some more


def find_meant_names(cursor: Any, query: ReadQuery, model: Model) -> MeantNames:
    """The names meant by both typed ones, in one look-up."""
    given = _forms_of_given(query.given, query.middle)
    family = _forms_of_family(query.family)
    as_given = _forms_of_given(*_split_first(query.family)) if query.given else ()
    as_family = _forms_of_family(f"{query.given} {query.middle}".strip()) if query.family else ()
    forms = {*given, *family, *as_given, *as_family}
    cursor.execute(_NEIGHBOURS, [list({key for form in forms for key in name_keys(form)}), MOST_NEIGHBOURS])
    neighbours: list[tuple[int, str]] = cursor.fetchall()
    return MeantNames(
        _rank(given, neighbours, model, "given"),
        _rank(family, neighbours, model, "family"),
        _rank(as_given, neighbours, model, "given"),
        _rank(as_family, neighbours, model, "family"),
        dict(neighbours),
    )


def _split_first(name: str) -> tuple[str, str]:
    first, _, rest = name.partition(" ")
    return first, rest


def _forms_of_given(given: str, middle: str) -> tuple[str, ...]:
    if not given:
        return ()
    words = middle.split()
    joined = [given + words[0]] if words else []
    return (given, *joined, *(each for each in words[:2] if len(each) > 1))


def _forms_of_family(family: str) -> tuple[str, ...]:
    return (family, *family_parts(family)) if family else ()


def _rank(forms: Sequence[str], neighbours: Iterable[tuple[int, str]], model: Model, field: str) -> Meant:
    # Among equals by the name itself: the ids tell in which order names were first used, hidden ones too.
    ranked: list[tuple[float, str, int]] = []
    closest = 0
    for number, name in neighbours:
        distance = min((_distance(form, name, place) for place, form in enumerate(forms)), default=_FAR)
        if distance < _FAR:
            closest += distance < 1
            ranked.append((distance - _commonness(model, field, name), name, number))
    ranked.sort()
    return Meant(tuple(number for _, _, number in ranked[:MOST_MEANT]), closest)


_FAR = 9.0


def _distance(typed: str, name: str, place: int) -> float:
    """How far a name is from what was typed: below 1 only the same. `place` is that of the form typed."""
    if typed == name:
        return 0.1 * place
    slips = OSA.distance(typed, name, score_cutoff=2)
    if slips <= 1:
        return 2.0 + place
    if are_nicknames(typed, name):
        return 2.0 + place
    if slips == 2 and min(len(typed), len(name)) >= 6:
        return 4.0 + place
    if sound_of_name(typed) == sound_of_name(name) != "":
        return 3.0 + place + slips / 10
    return _FAR


def _commonness(model: Model, field: str, name: str) -> float:
    """At most 0.9: among names equally far, the commoner is likelier to be meant."""
    return min(0.9, 90 * model.frequency_of(field, name))
