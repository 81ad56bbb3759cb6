"""What practitioners would type about children of the made-up England: searches with known answers.

Owns the ways of getting it wrong; the figures of recall stand on them.
Drawn by child, so a common name is typed as often as it is borne.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import polars as pl

from contactpoint.errors import Invalid
from contactpoint.synthetic.names import nicknames
from contactpoint.synthetic.spelling import type_slip

QueryKind = Literal["exact", "one_slip_each", "compound", "name_year", "given_dob_postcode"]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class NothingToDrawFrom(Invalid):
    """No child of the truth can be asked for in this way."""


@dataclass(frozen=True, slots=True)
class SearchTyped:
    """One search as typed, and the child it is about.

    '' is a box left empty; `birth_date` is ISO, maybe partial.
    """

    given_name: str
    family_name: str
    birth_date: str
    postcode: str
    child_id: int


def draw_queries(truth: pl.DataFrame, *, kind: QueryKind, count: int, seed: int) -> list[SearchTyped]:
    """So many searches about children drawn from `truth/children.parquet`, with replacement.

    `exact`: both names and the full birth date.
    `one_slip_each`: one slip of the fingers in each name, full birth date.
    `compound`: nickname or swapped names; day and month swapped or a day off; the postcode before the move.
    `name_year`: both names, the year of birth.
    `given_dob_postcode`: given name, birth date, postcode.
    Children with a single name, or with no nickname, no earlier home where one is needed, are not drawn.
    """
    chosen = _candidates(truth, kind)
    if chosen.is_empty():
        raise NothingToDrawFrom("No child of this truth can be asked for in this way: nothing was drawn.")
    chance = random.Random(seed)
    drawn = chosen[[chance.randrange(chosen.height) for _ in range(count)]]
    make = _MAKERS[kind]
    return [make(child, chance) for child in drawn.iter_rows(named=True)]


def slip_once(name: str, chance: random.Random) -> str:
    """One insertion, deletion, substitution or swap at any place, with any letter; never the name itself."""
    for _ in range(20):
        slipped = _slip(name, chance)
        if slipped.strip() and slipped.casefold() != name.casefold():
            return slipped
    return type_slip(name, chance)


def _candidates(truth: pl.DataFrame, kind: QueryKind) -> pl.DataFrame:
    needed = ("child_id", "given_name", "family_name", "birth_date", "postcode", "old_postcode", "moved_on")
    named = truth.select(needed).filter((pl.col("given_name") != "") & (pl.col("family_name") != ""))
    return named.filter(pl.col("moved_on").is_not_null()) if kind == "compound" else named


def _slip(name: str, chance: random.Random) -> str:
    place = chance.randrange(len(name))
    kind = chance.choice(("insert", "delete", "substitute", "swap"))
    if kind == "insert":
        return name[:place] + chance.choice(_LETTERS) + name[place:]
    if kind == "delete" and len(name) > 1:
        return name[:place] + name[place + 1 :]
    if kind == "swap" and len(name) > 1:
        place = min(place, len(name) - 2)
        return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    return name[:place] + chance.choice(_LETTERS) + name[place + 1 :]


def _exact(child: Mapping[str, Any], chance: random.Random) -> SearchTyped:
    return SearchTyped(
        child["given_name"], child["family_name"], child["birth_date"].isoformat(), "", child["child_id"]
    )


def _one_slip_each(child: Mapping[str, Any], chance: random.Random) -> SearchTyped:
    given, family = (slip_once(child[name], chance) for name in ("given_name", "family_name"))
    return SearchTyped(given, family, child["birth_date"].isoformat(), "", child["child_id"])


def _compound(child: Mapping[str, Any], chance: random.Random) -> SearchTyped:
    given, family = child["given_name"], child["family_name"]
    short = nicknames().get(given)
    if short and chance.random() < 0.5:
        given = chance.choice(short)
    else:
        given, family = family, given
    born = _mistaken(child["birth_date"], chance)
    return SearchTyped(given, family, born.isoformat(), child["old_postcode"], child["child_id"])


def _mistaken(born: date, chance: random.Random) -> date:
    if born.day <= 12 and born.day != born.month and chance.random() < 0.5:
        return born.replace(day=born.month, month=born.day)
    return born + timedelta(days=chance.choice((-1, 1)))


def _name_year(child: Mapping[str, Any], chance: random.Random) -> SearchTyped:
    return SearchTyped(
        child["given_name"], child["family_name"], str(child["birth_date"].year), "", child["child_id"]
    )


def _given_dob_postcode(child: Mapping[str, Any], chance: random.Random) -> SearchTyped:
    return SearchTyped(
        child["given_name"], "", child["birth_date"].isoformat(), child["postcode"], child["child_id"]
    )


_MAKERS: dict[str, Callable[[Mapping[str, Any], random.Random], SearchTyped]] = {
    "exact": _exact,
    "one_slip_each": _one_slip_each,
    "compound": _compound,
    "name_year": _name_year,
    "given_dob_postcode": _given_dob_postcode,
}
