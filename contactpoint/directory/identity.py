"""What a child's rows together say of who the child is: pure (REC-5, REC-10).

Stated precedence: a supplier that is believed first, then the row supplied last.
A name that stands for "not known" gives way to any other; a birth date known to the day to a partial one.
A name that another row calls former gives way too: who still uses it does not know of an adoption (SHI-5).
Works on the stored form of rows (`values.to_json`), because whole feeds pass through it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import itemgetter
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
    said: "Said" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Read once: who a child was and who it is now are both computed from the same rows.
        object.__setattr__(self, "said", _read(self))


@dataclass(slots=True)
class Said:
    """A row's content as choosing needs it: `known` is how much of the name it knows.

    `addresses` have the day since when, and the day until when or ''.
    """

    rank: tuple[bool, int, float]  # what is still said comes before what no longer is
    name: tuple[str, str]
    known: int
    formers: tuple[tuple[str, str], ...]
    birth: "_Birth | None"
    gender: str
    numbers: tuple[tuple[str, str], ...]
    addresses: tuple[tuple[str, str, Mapping[str, Any]], ...]
    stays: date | None
    until: date | None  # what it says of the record's end: a death, a departure


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


def choose_identity(*, rows: Sequence[HeldRow], on: date) -> Identity:
    """Who the child is, from all its current rows. Raises NoBirthDate."""
    said = [row.said for row in rows]
    if len(said) > 1:
        said.sort(key=lambda each: each.rank)
    born = _choose_birth(said)
    if born is None:
        raise NoBirthDate
    given_names, family_name = _choose_name(_with_names_of_today(said))
    current, old = _split_addresses(rows, on)
    postcode = next((code for each in (*current, *old) if (code := each.get("postcode"))), "")
    first = current[0] if current else old[0] if old else {}
    visible = _visible_pairs(given_names, family_name)
    others = _other_names(said)
    others.pop((given_names, family_name), None)
    return Identity(
        given_names=given_names,
        family_name=family_name,
        birth_date=born.iso,
        born=born.earliest,
        gender=next((each.gender for each in said if each.gender != "U"), "U"),
        town=first.get("town", "") or (town_of(postcode) or "" if postcode else ""),
        outward=outward(postcode) if postcode else "",
        postcodes=_postcodes(current, old),
        authority=_authority(postcode, on) if postcode else None,
        live_until=min(_live_until(born, said), _while_said(rows)),
        pairs=find_pairs(given_names=given_names, family_name=family_name, others=others)
        if others
        else visible,
        visible_pairs=visible,
        numbers=frozenset([number for each in said for number in each.numbers]),
    )


def _read(row: HeldRow) -> Said:
    content = row.content
    given, family = content.get("given_names", ""), content.get("family_name", "")
    supplied, moment = _moment(row.supplied_at)
    return Said(
        rank=(row.ended_on is not None, row.precedence, -moment),
        name=(given, family),
        known=2 * bool(given and split_first(given)[0]) + 2 * bool(family) + bool(given),
        formers=tuple(
            [
                (former.get("given_names", ""), former.get("family_name", ""))
                for former in content.get("former_names", ())
            ]
        ),
        birth=_birth(content.get("birth_date", "")),
        gender=content.get("gender", "U"),
        numbers=tuple([(kind, content[kind]) for kind in ("nhs", "upn") if content.get(kind)]),
        addresses=tuple(
            [
                (address.get("valid_from") or supplied, address.get("valid_to", ""), address)
                for address in content.get("addresses", ())
            ]
        ),
        stays=_last_day(content, "stays_until"),
        until=_end_of_record(content),
    )


@lru_cache(maxsize=1_000)
def _moment(supplied_at: datetime) -> tuple[str, float]:
    """The day and the second: the same for all rows of a load."""
    return supplied_at.astimezone(UTC).date().isoformat(), supplied_at.timestamp()


def _choose_name(said: Sequence[Said]) -> tuple[str, str]:
    """Names of the first row that has both; a placeholder counts as missing (REC-11)."""
    return max(said, key=lambda each: each.known).name  # the first of equals


def _with_names_of_today(said: Sequence[Said]) -> Sequence[Said]:
    """Without rows whose family name another row calls former; all of them where that leaves none."""
    former = {
        family.casefold() for each in said for _, family in each.formers if family and family != each.name[1]
    }
    if not former or len(said) == 1:
        return said
    kept = [each for each in said if each.name[0] and each.name[1].casefold() not in {"", *former}]
    return kept or said


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


def _choose_birth(said: Sequence[Said]) -> _Birth | None:
    """The first one known to the day, else the first with the most parts; None where no row has one."""
    known = [each.birth for each in said if each.birth is not None]
    return max(known, key=lambda born: len(born.iso)) if known else None


def _split_addresses(
    rows: Sequence[HeldRow], on: date
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Current addresses and old ones, each with the one that began (or was supplied) last first."""
    today = on.isoformat()
    current: list[tuple[str, Mapping[str, Any]]] = []
    old: list[tuple[str, Mapping[str, Any]]] = []
    for row in rows:
        for since, ended, address in row.said.addresses:
            (old if ended and ended <= today else current).append((since, address))
    if len(current) > 1:
        current.sort(key=_since, reverse=True)
    if len(old) > 1:
        old.sort(key=_since, reverse=True)
    return [address for _, address in current], [address for _, address in old]


_since = itemgetter(0)


def _postcodes(current: list[Mapping[str, Any]], old: list[Mapping[str, Any]]) -> str:
    now = _codes(current)
    return (
        " ".join([*now, *(OLD + code for code in _codes(old) if code not in now)]) if old else " ".join(now)
    )


def _codes(addresses: list[Mapping[str, Any]]) -> list[str]:
    codes = [_fold_postcode(postcode) for each in addresses if (postcode := each.get("postcode"))]
    return list(dict.fromkeys(filter(None, codes))) if len(codes) > 1 else [code for code in codes if code]


def _other_names(said: Sequence[Said]) -> dict[tuple[str, str], None]:
    """Every other way in which a row writes the name, in order; '' means "as the current one"."""
    others = dict.fromkeys([each.name for each in said]) if len(said) > 1 else {}
    for each in said:
        others.update(dict.fromkeys(each.formers))
    return others


@lru_cache(maxsize=50_000)
def _visible_pairs(given_names: str, family_name: str) -> frozenset[Pair]:
    return find_pairs(given_names=given_names, family_name=family_name)


def _live_until(born: _Birth, said: Sequence[Said]) -> date:
    """First day on which the record is no longer live (REC-1, RET-1, RET-3)."""
    until = born.eighteenth
    for each in said:
        if each.stays:
            until = max(until, min(each.stays, _years_after(born.latest, 25)))
    return min([until, *(each.until for each in said if each.until)])


def _end_of_record(content: Mapping[str, Any]) -> date | None:
    ends = []
    if died := _last_day(content, "died_on"):
        ends.append(_years_after(died, 1))
    if left := _last_day(content, "left_on"):
        ends.append(_years_after(left, _RETURN_YEARS if content.get("left_intent") == "returns" else 0))
    return min(ends, default=None)


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
