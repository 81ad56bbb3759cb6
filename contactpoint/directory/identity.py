"""What a child's rows together say of who the child is: pure (REC-5, REC-10).

Stated precedence: a supplier that is believed first, then the row supplied last.
A name that stands for "not known" gives way to any other; a birth date known to the day to a partial one.
A name that another row calls former gives way too: who still uses it does not know of an adoption (SHI-5).
Works on the stored form of rows (`values.to_json`), because whole feeds pass through it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from contactpoint.codes.authorities import authority_for_postcode, town_of
from contactpoint.codes.partial_date import PartialDate, eighteenth_birthday
from contactpoint.codes.postcode import outward
from contactpoint.directory.search.index import Pair, find_pairs, split_first
from contactpoint.matching.standardise import fold_postcode

OLD = "-"  # stands before an old postcode in `postcodes`
_RETURN_YEARS = 3  # RET-3


class NoBirthDate(ValueError):
    """None of the rows says when the child was born: no record can be made of them."""


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One row about a child, with what precedence asks of its supplier (lower is believed first).

    `ended_on`: its supplier no longer holds it; `content` is then history already (`ended.as_ended`).
    """

    precedence: int
    supplied_at: datetime
    content: Mapping[str, Any]
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """What search and the heading of a record show, and what the child is filed by."""

    given_names: str
    family_name: str
    birth_date: str
    born: date
    gender: str
    town: str
    outward: str
    postcodes: str
    authority: str | None  # where the best current address lies, if that is known
    live_until: date
    pairs: frozenset[Pair]
    visible_pairs: frozenset[Pair]  # those of the current name alone (SHI-3)
    numbers: frozenset[tuple[str, str]]


def in_precedence(rows: Iterable[HeldRow]) -> list[HeldRow]:
    """The row believed first comes first; what is still said comes before what no longer is."""
    return sorted(
        rows, key=lambda row: (row.ended_on is not None, row.precedence, -row.supplied_at.timestamp())
    )


def choose_identity(*, rows: Sequence[HeldRow], on: date) -> Identity:
    """Who the child is, from all its current rows. Raises NoBirthDate."""
    contents = [row.content for row in (in_precedence(rows) if len(rows) > 1 else rows)]
    given_names, family_name = choose_name(_with_names_of_today(contents))
    born = _choose_birth(contents)
    if born is None:
        raise NoBirthDate
    current, old = split_addresses(rows, on)
    postcode = next((code for each in (*current, *old) if (code := each.get("postcode"))), "")
    first = current[0] if current else old[0] if old else {}
    visible = find_pairs(given_names=given_names, family_name=family_name)
    others = list(_other_names(contents))
    return Identity(
        given_names=given_names,
        family_name=family_name,
        birth_date=born.iso,
        born=born.earliest,
        gender=next((each["gender"] for each in contents if each.get("gender", "U") != "U"), "U"),
        town=first.get("town", "") or (town_of(postcode) or "" if postcode else ""),
        outward=outward(postcode) if postcode else "",
        postcodes=_postcodes(current, old),
        authority=_authority(postcode, on) if postcode else None,
        live_until=min(_live_until(born, contents), _while_said(rows)),
        pairs=find_pairs(given_names=given_names, family_name=family_name, others=others)
        if others
        else visible,
        visible_pairs=visible,
        numbers=frozenset(
            [(kind, each[kind]) for each in contents for kind in ("nhs", "upn") if each.get(kind)]
        ),
    )


def choose_name(contents: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Names of the first row that has both; a placeholder counts as missing (REC-11)."""
    if len(contents) == 1:
        return contents[0].get("given_names", ""), contents[0].get("family_name", "")
    best, most = ("", ""), -1
    for content in contents:
        given, family = content.get("given_names", ""), content.get("family_name", "")
        known = 2 * bool(given and split_first(given)[0]) + 2 * bool(family) + bool(given)
        if known > most:
            best, most = (given, family), known
    return best


def _with_names_of_today(contents: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Without rows whose family name another row calls former; all of them where that leaves none."""
    former = {
        name.casefold()
        for content in contents
        for each in content.get("former_names", ())
        if (name := each.get("family_name", "")) and name != content.get("family_name", "")
    }
    if not former or len(contents) == 1:
        return contents
    kept = [
        content
        for content in contents
        if content.get("given_names") and content.get("family_name", "").casefold() not in {"", *former}
    ]
    return kept or contents


@dataclass(frozen=True, slots=True)
class _Birth:
    """A birth date with all that is asked of it, worked out once for each of a feed's few thousand dates."""

    iso: str
    earliest: date
    latest: date
    eighteenth: date


@lru_cache(maxsize=50_000)
def _birth(text: str) -> _Birth | None:
    born = PartialDate.parse(text)
    return None if born is None else _Birth(born.iso, born.earliest, born.latest, eighteenth_birthday(born))


def _choose_birth(contents: Sequence[Mapping[str, Any]]) -> _Birth | None:
    """The first one known to the day, else the first with the most parts; None where no row has one."""
    known = [born for content in contents if (born := _birth(content.get("birth_date", ""))) is not None]
    return max(known, key=lambda born: len(born.iso)) if known else None


def split_addresses(
    rows: Sequence[HeldRow], on: date
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Current addresses and old ones, each with the one that began (or was supplied) last first."""
    today = on.isoformat()
    current: list[tuple[str, Mapping[str, Any]]] = []
    old: list[tuple[str, Mapping[str, Any]]] = []
    for row in rows:
        for address in row.content.get("addresses", ()):
            ended = address.get("valid_to", "")
            since = address.get("valid_from") or row.supplied_at.date().isoformat()
            (old if ended and ended <= today else current).append((since, address))
    if len(current) + len(old) > 1:
        current.sort(key=lambda each: each[0], reverse=True)
        old.sort(key=lambda each: each[0], reverse=True)
    return [address for _, address in current], [address for _, address in old]


def _postcodes(current: list[Mapping[str, Any]], old: list[Mapping[str, Any]]) -> str:
    now = _codes(current)
    return " ".join([*now, *(OLD + code for code in _codes(old) if code not in now)])


def _codes(addresses: list[Mapping[str, Any]]) -> list[str]:
    codes = [_fold_postcode(postcode) for each in addresses if (postcode := each.get("postcode"))]
    return list(dict.fromkeys(filter(None, codes))) if len(codes) > 1 else [code for code in codes if code]


def _other_names(contents: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    if len(contents) > 1:
        for content in contents:
            yield content.get("given_names", ""), content.get("family_name", "")
    for content in contents:
        for former in content.get("former_names", ()):
            yield former.get("given_names", ""), former.get("family_name", "")


def _live_until(born: _Birth, contents: Sequence[Mapping[str, Any]]) -> date:
    """First day on which the record is no longer live (REC-1, RET-1, RET-3)."""
    until = born.eighteenth
    for content in contents:
        if stays := _last_day(content, "stays_until"):
            until = max(until, min(stays, _years_after(born.latest, 25)))
    for content in contents:
        if died := _last_day(content, "died_on"):
            until = min(until, _years_after(died, 1))
        if left := _last_day(content, "left_on"):
            years = _RETURN_YEARS if content.get("left_intent") == "returns" else 0
            until = min(until, _years_after(left, years))
    return until


def _while_said(rows: Sequence[HeldRow]) -> date:
    """A child of whom nobody says anything any more is history for a year (INV-4)."""
    ends = [row.ended_on for row in rows if row.ended_on is not None]
    return _years_after(max(ends), 1) if len(ends) == len(rows) else date.max


def _last_day(content: Mapping[str, Any], field: str) -> date | None:
    text = content.get(field)
    found = PartialDate.parse(text) if text else None
    return found.latest if found else None


# Whole feeds repeat the same postcodes.
_authority = lru_cache(maxsize=50_000)(authority_for_postcode)
_fold_postcode = lru_cache(maxsize=50_000)(fold_postcode)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)
