"""The few children worth scoring, by index look-ups alone (SEA-3, SHI-3, SHI-10, RET-5).

First the likely ones: a family name meant with the day typed, or both names meant with a day near it.
Then, where those hold nobody convincing, the looser ones: either name alone with the day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contactpoint.directory.search.dates import find_meant
from contactpoint.directory.search.reading import ReadNumber, ReadQuery
from contactpoint.directory.search.vocabulary import MeantNames

MOST_ROWS = 1500
_WIDE = 40
_PAIRED = (16, 32)  # family names, given names
_SWAPPED = 8

# What SHI-2 lets everybody see, and for open children what results may show (SEA-4).
_COLUMNS = (
    "c.id, c.shielded, c.given_names, c.family_name, c.birth_date, c.gender, c.town, c.outward, c.postcodes"
)
_MAY_BE_FOUND = "c.live_until > %(on)s AND c.searchable_from <= %(on)s"
# For who shields: their own authority's, found by others already or not (SHI-10).
_OF_AUTHORITY = "c.live_until > %(on)s AND c.authority = %(authority)s"

_FAMILY_DAY = """
SELECT child_id, given_id, family_id FROM directory_searchname
WHERE family_id = ANY(%(families)s) AND born = ANY(%(near)s)
"""
_PAIR_DAYS = """
SELECT child_id, given_id, family_id FROM directory_searchname
WHERE family_id = ANY(%(some_families)s) AND given_id = ANY(%(some_givens)s) AND born = ANY(%(days)s)
"""
_SWAPPED_DAYS = """
SELECT child_id, given_id, family_id FROM directory_searchname
WHERE family_id = ANY(%(as_families)s) AND given_id = ANY(%(as_givens)s) AND born = ANY(%(days)s)
"""
_GIVEN_DAY = """
SELECT child_id, given_id, family_id FROM directory_searchname
WHERE given_id = ANY(%(givens)s) AND born = ANY(%(near)s)
"""
_FAMILY_DAYS = """
SELECT child_id, given_id, family_id FROM directory_searchname
WHERE family_id = ANY(%(few_families)s) AND born = ANY(%(days)s)
"""
_GIVEN_DAYS = """
SELECT child_id, given_id, family_id FROM directory_searchname
WHERE given_id = ANY(%(few_givens)s) AND born = ANY(%(days)s)
"""
_SWAPPED_DAY = """
SELECT child_id, given_id, family_id FROM directory_searchname
WHERE family_id = ANY(%(as_families)s) AND born = ANY(%(near)s)
UNION ALL
SELECT child_id, given_id, family_id FROM directory_searchname
WHERE given_id = ANY(%(as_givens)s) AND born = ANY(%(near)s)
"""
_PAIR_PERIOD = """
SELECT child_id, given_id, family_id FROM directory_searchname
WHERE family_id = ANY(%(families)s) AND given_id = ANY(%(givens)s) AND born BETWEEN %(first)s AND %(last)s
"""
_SWAPPED_PERIOD = """
SELECT child_id, given_id, family_id FROM directory_searchname
WHERE family_id = ANY(%(as_families)s) AND given_id = ANY(%(as_givens)s)
  AND born BETWEEN %(first)s AND %(last)s
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A child as the open table has it, with the name pairs that the look-ups met it by (as ids)."""

    id: int
    shielded: bool
    given_names: str
    family_name: str
    birth_date: str
    gender: str
    town: str
    outward: str
    postcodes: str
    pairs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
    """One round's candidates; `overfull` says that there are more than anybody could want."""

    candidates: tuple[Candidate, ...]
    overfull: bool


@dataclass(frozen=True, slots=True)
class Among:
    """Who may be found at all: everybody who may be on that day, or with `authority` its own children."""

    on: date
    authority: str = ""

    @property
    def condition(self) -> str:
        return _OF_AUTHORITY if self.authority else _MAY_BE_FOUND

    @property
    def given(self) -> dict[str, Any]:
        return {"on": self.on, "authority": self.authority}


def find_likely(cursor: Any, query: ReadQuery, names: MeantNames, among: Among) -> Round:
    """The first round."""
    if not query.is_exact_day:
        return _look(cursor, (_PAIR_PERIOD, _SWAPPED_PERIOD), query, names, among)
    if not query.family:
        return _look(cursor, (_GIVEN_DAY, _GIVEN_DAYS), query, names, among)
    if not query.given:
        return _look(cursor, (_FAMILY_DAY, _FAMILY_DAYS), query, names, among)
    return _look(cursor, (_FAMILY_DAY, _PAIR_DAYS, _SWAPPED_DAYS), query, names, among)


def find_unlikely(cursor: Any, query: ReadQuery, names: MeantNames, among: Among) -> Round:
    """The second round, for a whole day with both names; nobody otherwise."""
    if not (query.is_exact_day and query.family and query.given):
        return Round((), overfull=False)
    return _look(cursor, (_GIVEN_DAY, _SWAPPED_DAY), query, names, among)


def find_by_number(cursor: Any, number: ReadNumber, among: Among) -> tuple[Candidate, ...]:
    """Those with exactly this number; a shielded child by its ContactPoint number only (SHI-2)."""
    if number.kind == "contactpoint":
        which = "c.id = directory_survivor(%(value)s::bigint)"  # REC-4: an old number leads on
    else:
        which = (
            "NOT c.shielded AND c.id IN (SELECT child_id FROM directory_searchnumber"
            " WHERE kind = %(kind)s AND value = %(value)s)"
        )
    cursor.execute(
        f"SELECT {_COLUMNS} FROM directory_child c WHERE {which} AND {among.condition}"
        " ORDER BY c.id LIMIT 100",
        {"kind": number.kind, "value": number.value, **among.given},
    )
    return tuple(Candidate(*row) for row in cursor.fetchall())


def _look(cursor: Any, parts: Sequence[str], query: ReadQuery, names: MeantNames, among: Among) -> Round:
    # SHI-3: a search by a postcode never gives a shielded child, whatever the postcode.
    visible = "AND NOT c.shielded" if query.postcode else ""
    union = " UNION ".join(f"({part} LIMIT {MOST_ROWS})" for part in parts)
    cursor.execute(
        f"WITH met AS ({union})"
        f" SELECT {_COLUMNS}, met.given_id, met.family_id"
        " FROM met JOIN directory_child c ON c.id = met.child_id"
        f" WHERE {among.condition} {visible}",
        {**_parameters(query, names), **among.given},
    )
    rows = cursor.fetchall()
    pairs: dict[int, list[tuple[int, int]]] = {}
    for row in rows:
        pairs.setdefault(row[0], []).append((row[-2], row[-1]))
    children = {row[0]: row[:-2] for row in rows}
    return Round(
        tuple(Candidate(*(*child, tuple(pairs[number]))) for number, child in children.items()),
        overfull=len(rows) >= MOST_ROWS,
    )


def _parameters(query: ReadQuery, names: MeantNames) -> dict[str, Any]:
    given, family = names.given.ids, names.family.ids
    some_families, some_givens = _PAIRED
    parameters = {
        "families": list(family[:_WIDE]),
        "givens": list(given[:_WIDE]),
        "some_families": list(family[:some_families]),
        "some_givens": list(given[:some_givens]),
        "few_families": list(family[:_SWAPPED]),
        "few_givens": list(given[:_SWAPPED]),
        "as_families": list(names.as_family.ids[:_SWAPPED]),
        "as_givens": list(names.as_given.ids[:_SWAPPED]),
        "first": query.born_from,
        "last": query.born_to,
    }
    if query.is_exact_day:
        meant = find_meant(query.born_from)
        parameters |= {"near": list(meant.near), "days": [*meant.near, *meant.slips]}
    return parameters
