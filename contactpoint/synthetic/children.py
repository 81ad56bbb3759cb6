"""The true children, a chunk at a time: families, names, homes, moves, numbers, schools and practices.

Owns what is true; what suppliers make of it is in `national`, `local` and `slips`.
A chunk depends only on the seed, its number and its size, so the same seed gives the same England
in any amount of memory.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from contactpoint.codes.numbers import UPN_LETTERS
from contactpoint.synthetic.bodies import Bodies, Choice
from contactpoint.synthetic.names import Ids, Words, nicknames, origins
from contactpoint.synthetic.places import (
    Geography,
    Homes,
    draw_authorities,
    draw_homes,
    write_homes,
)
from contactpoint.synthetic.slips import RESTRICTED, VERY_RESTRICTED

Mask = npt.NDArray[np.bool_]

_SIZES = (0.40, 0.38, 0.15, 0.05, 0.015, 0.005)  # families that will have 1, 2, ... 6 children
_ADULT_DAYS = 6574  # 18 years at the shortest
_TWINS = 0.034  # of later births, so that about 3 % of children are twins
_HALF_SIBLING = 0.07  # of later children: the mother's family name, or another father's
_FORMER_NAME = 0.045
_UNUSUAL_GENDER = 0.0008
_LOOKED_AFTER = 0.007  # about 84,000 of 12 million
_PLACED_IN_AUTHORITY = 0.6
_MOVED_WITHIN_AUTHORITY = 0.72
_MOTHERS_NAME = 0.13  # families whose children bear the mother's family name
_NO_FATHER = 0.12
_MARRIED_NAME = 0.62  # mothers who bear the children's family name
_OUTSIDE_STATE_SCHOOLS = 0.07
_NHS_STEP, _NHS_SPACE = 61_803_399, 100_000_000  # the step is coprime to the space: no number twice


@dataclass(slots=True)
class UpnCounter:
    """The last serial number of each authority and year, kept from chunk to chunk."""

    used: npt.NDArray[np.int64]

    @classmethod
    def for_geography(cls, geography: Geography) -> "UpnCounter":
        return cls(np.zeros((len(geography.authorities), 100), dtype=np.int64))

    def next(self, authority: Ids, year: Ids) -> Ids:
        """A serial number for each, rising within authority and year."""
        key = authority * 100 + year
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        starts = np.r_[0, np.flatnonzero(np.diff(ordered)) + 1] if len(key) else np.array([], dtype=np.int64)
        lengths = np.diff(np.r_[starts, len(key)])
        rank = np.arange(len(key)) - np.repeat(starts, lengths)
        serial = np.empty(len(key), dtype=np.int64)
        serial[order] = rank + self.used.reshape(-1)[ordered]
        np.add.at(self.used.reshape(-1), key, 1)
        return serial


@dataclass(frozen=True, slots=True)
class _Families:
    """One value a family, and `of`: which family each child is in."""

    authority: Ids
    origin: Ids
    of: Ids
    order: Ids  # 0 for the eldest
    age_days: Ids
    is_twin: Mask


def make_children(
    *,
    geography: Geography,
    bodies: Bodies,
    counter: UpnCounter,
    seed: int,
    chunk: int,
    first_id: int,
    count: int,
    on: date,
) -> pl.DataFrame:
    """So many children: the columns of `files.TRUTH`, and more that suppliers would know."""
    rng = np.random.default_rng([seed, 1, chunk])
    families = _make_families(geography, rng, count)
    today = (on - date(1970, 1, 1)).days
    child_id = first_id + np.arange(count)
    names = _name_children(families, rng)
    where = _settle(geography, families, rng, today)
    authority = geography.authority_of[where.current.district]
    origin_names = [each.name for each in origins()]
    frame = pl.DataFrame(
        {
            "child_id": child_id,
            "household_id": (chunk << 24) + families.of,
            "origin": pl.Series(origin_names).gather(families.origin[families.of]),
            "is_twin": families.is_twin,
            "age_days": families.age_days,
            "birth_day": today - families.age_days,
            "is_looked_after": where.is_looked_after,
            "is_mover": where.is_mover,
            "moved_day": pl.Series(where.moved_day).replace(_NEVER, None),
            "restricted": _mark(rng, count),
            "authority": pl.Series([each.code for each in geography.authorities]).gather(authority),
            "authority_index": authority,
            "home_authority_index": geography.authority_of[where.family_home.district],
            "nhs": _nhs_numbers(child_id, seed),
            **names,
        }
    )
    frame = pl.concat(
        [
            frame,
            write_homes(geography, where.current),
            write_homes(geography, where.old).rename(lambda name: f"old_{name}"),
            write_homes(geography, where.at_birth).rename(lambda name: f"birth_{name}"),
        ],
        how="horizontal",
    )
    return _go_to_school(frame, bodies, counter, geography, rng, on).with_columns(
        birth_date=pl.col("birth_day").cast(pl.Date),
        moved_on=pl.col("moved_day").cast(pl.Int32).cast(pl.Date),
        telephone=pl.Series([f"07700 900{number:03d}" for number in range(1000)]).gather(
            (child_id - families.order) * 7919 % 1000
        ),
    )


def _make_families(geography: Geography, rng: np.random.Generator, count: int) -> _Families:
    families = int(count / 1.1) + 200
    size = 1 + rng.choice(len(_SIZES), families, p=_SIZES)
    of = np.repeat(np.arange(families), size)
    order = np.arange(len(of)) - np.repeat(np.cumsum(size) - size, size)
    gap = 330 + rng.gamma(2.2, 330, len(of)).astype(np.int64)
    twin = (rng.random(len(of)) < _TWINS) & (order > 0)
    gap[twin] = 0
    gap[order == 0] = 0
    eldest = ((_ADULT_DAYS - 1) * rng.beta(1.25, 1.03, families)).astype(np.int64)
    total = np.cumsum(gap)
    start = total[np.cumsum(size) - size]
    age = eldest[of] - (total - start[of])
    born = np.flatnonzero(age >= 0)[:count]
    twinned = twin.copy()
    twinned[:-1] |= twin[1:]
    authority = draw_authorities(geography, rng, families)
    origin = (rng.random(families)[:, None] > geography.origin_weights[authority]).sum(axis=1)
    last = len(origins()) - 1
    return _Families(
        authority, np.minimum(origin, last).astype(np.int64), of[born], order[born], age[born], twinned[born]
    )


def _name_children(families: _Families, rng: np.random.Generator) -> dict[str, pl.Series]:
    count = len(families.of)
    homes = len(families.authority)
    gender = np.where(rng.random(count) < 0.512, 1, 0)
    origin = families.origin[families.of]
    family, mother, father, other = (_draw_family_names(families.origin, rng) for _ in range(4))
    shares = np.array([each.double_barrelled for each in origins()])[families.origin]
    barrelled = np.asarray(rng.random(homes) < shares)
    family = np.where(barrelled, family + "-" + mother, family)
    married = rng.random(homes) < _MARRIED_NAME
    mothers_name = rng.random(homes) < _MOTHERS_NAME
    mother = np.where(mothers_name | (married & ~barrelled), family, mother)
    father = np.where(mothers_name, father, np.array([name.split("-")[0] for name in family], dtype=object))
    single = rng.random(count) < np.array([each.single for each in origins()])[origin]
    half = (families.order > 0) & (rng.random(count) < _HALF_SIBLING)
    child_family = np.where(half, other[families.of], family[families.of])
    changed = (rng.random(count) < _FORMER_NAME) & ~single
    former = np.where(changed, np.where(half, family[families.of], other[families.of]), "")
    child_family[single] = ""
    given = _draw_given_names(origin, gender, rng)
    again = _repeats(families.of, given)
    given[again] = _draw_given_names(origin[again], gender[again], rng)
    no_father = rng.random(homes) < _NO_FATHER
    mother_given = _draw_given_names(families.origin, np.zeros(homes, dtype=np.int64), rng)
    father_given = _draw_given_names(families.origin, np.ones(homes, dtype=np.int64), rng)
    return {
        "given_name": _text(given),
        "middle_names": _text(_draw_middle_names(origin, gender, rng)),
        "family_name": _text(child_family),
        "former_family_name": _text(former),
        "nickname": _nicknames(given, rng),
        "gender": _genders(gender, rng),
        "mother_given": _text(mother_given[families.of]),
        "mother_family": _text(mother[families.of]),
        "father_given": _text(np.where(no_father, "", father_given)[families.of]),
        "father_family": _text(np.where(no_father, "", father)[families.of]),
    }


def _text(words: Words) -> pl.Series:
    return pl.Series(words.tolist(), dtype=pl.String)


def _genders(gender: Ids, rng: np.random.Generator) -> pl.Series:
    letters = np.where(gender == 1, "M", "F").astype(object)
    letters[rng.random(len(gender)) < _UNUSUAL_GENDER] = "O"
    return _text(letters)


def _nicknames(given: Words, rng: np.random.Generator) -> pl.Series:
    known = nicknames()
    turn = rng.integers(0, 60, len(given))
    return pl.Series(
        [
            (short[at % len(short)] if (short := known.get(name)) else "")
            for name, at in zip(given, turn, strict=True)
        ]
    )


def _repeats(of: Ids, given: Words) -> npt.NDArray[np.int64]:
    frame = pl.DataFrame({"of": of, "given": _text(given)})
    return np.flatnonzero(~frame.select(pl.struct("of", "given").is_first_distinct()).to_series().to_numpy())


def _draw_family_names(origin: Ids, rng: np.random.Generator) -> Words:
    drawn = np.empty(len(origin), dtype=object)
    for place, each in enumerate(origins()):
        mine = np.flatnonzero(origin == place)
        drawn[mine] = each.families.spell(each.families.draw(rng, len(mine)))
    return drawn


def _draw_given_names(origin: Ids, gender: Ids, rng: np.random.Generator) -> Words:
    """By the family's origin, or British for some of its children."""
    english = rng.random(len(origin)) < np.array([each.anglicised for each in origins()])[origin]
    source = np.where(english, 0, origin)
    drawn = np.empty(len(origin), dtype=object)
    for place, each in enumerate(origins()):
        for sex, pool in enumerate((each.girls, each.boys)):
            mine = np.flatnonzero((source == place) & (gender == sex))
            drawn[mine] = pool.spell(pool.draw(rng, len(mine)))
    return drawn


def _draw_middle_names(origin: Ids, gender: Ids, rng: np.random.Generator) -> Words:
    shares = np.cumsum(np.array([each.middle for each in origins()]), axis=1)[origin]
    how_many = (rng.random(len(origin))[:, None] > shares[:, :2]).sum(axis=1)
    drawn = np.full(len(origin), "", dtype=object)
    for number in (1, 2):
        mine = np.flatnonzero(how_many >= number)
        more = _draw_given_names(origin[mine], gender[mine], rng)
        drawn[mine] = more if number == 1 else drawn[mine] + " " + more
    return drawn


_NEVER = -1_000_000


@dataclass(frozen=True, slots=True)
class _Where:
    current: Homes
    old: Homes
    at_birth: Homes
    family_home: Homes
    is_mover: Mask
    is_looked_after: Mask
    moved_day: Ids


def _settle(geography: Geography, families: _Families, rng: np.random.Generator, today: int) -> _Where:
    """Homes now and before. A move takes the whole family; a placement takes one child."""
    homes = len(families.authority)
    count = len(families.of)
    now = draw_homes(geography, rng, families.authority)
    stayed = rng.random(homes) < _MOVED_WITHIN_AUTHORITY
    earlier = np.where(stayed, families.authority, draw_authorities(geography, rng, homes))
    before = draw_homes(geography, rng, earlier)
    eldest = np.zeros(homes, dtype=np.int64)
    np.maximum.at(eldest, families.of, families.age_days)
    moves = rng.random(homes) < np.minimum(0.06 + 0.03 * eldest / 365, 0.45)
    moved_age = (rng.random(homes) ** 1.5 * np.minimum(eldest, 12 * 365)).astype(np.int64)  # days ago
    looked_after = rng.random(count) < _LOOKED_AFTER
    near = rng.random(count) < _PLACED_IN_AUTHORITY
    authority = np.where(near, families.authority[families.of], draw_authorities(geography, rng, count))
    placement = draw_homes(geography, rng, authority)
    placed_days = (rng.random(count) ** 2 * np.minimum(families.age_days, 6 * 365)).astype(np.int64)
    mover = moves[families.of] & ~looked_after
    born_before = families.age_days >= moved_age[families.of]
    home_now, home_before = now[families.of], before[families.of]
    old_is_birth = moves[families.of] & born_before
    moved_day = np.where(mover, today - moved_age[families.of], _NEVER)
    moved_day = np.where(looked_after, today - placed_days, moved_day)
    had_old = (mover & born_before) | looked_after
    return _Where(
        current=_either(looked_after, placement, home_now),
        old=_either(looked_after, home_now, home_before),
        at_birth=_either(old_is_birth, home_before, home_now),
        family_home=home_now,
        is_mover=mover & born_before,
        is_looked_after=looked_after,
        moved_day=np.where(had_old, moved_day, _NEVER).astype(np.int64),
    )


def _either(which: Mask, one: Homes, other: Homes) -> Homes:
    return Homes(
        np.where(which, one.district, other.district),
        np.where(which, one.unit, other.unit),
        np.where(which, one.house, other.house),
        np.where(which, one.flat, other.flat),
    )


def _mark(rng: np.random.Generator, count: int) -> pl.Series:
    chance = rng.random(count)
    marks = np.full(count, "", dtype=object)
    marks[chance < RESTRICTED + VERY_RESTRICTED] = "R"
    marks[chance < VERY_RESTRICTED] = "V"
    return _text(marks)


def _nhs_numbers(child_id: Ids, seed: int) -> pl.Series:
    """Valid numbers from the nine hundred millions, each child's own; where one is impossible, another."""
    weights = np.arange(10, 1, -1)

    def at(index: Ids) -> tuple[Ids, Ids]:
        body = (index * _NHS_STEP + seed) % _NHS_SPACE + 9 * _NHS_SPACE
        digits = body[:, None] // 10 ** np.arange(8, -1, -1) % 10
        check = (11 - (digits * weights).sum(axis=1) % 11) % 11
        return body, check

    body, check = at(child_id)
    # A second, third ... try comes from the upper part of the space, which no first try uses.
    for attempt in range(1, 8):
        bad = np.flatnonzero(check == 10)
        if not len(bad):
            break
        body[bad], check[bad] = at(child_id[bad] + attempt * 12_500_000)
    return pl.Series(body * 10 + check).cast(pl.String)


def _go_to_school(
    frame: pl.DataFrame,
    bodies: Bodies,
    counter: UpnCounter,
    geography: Geography,
    rng: np.random.Generator,
    on: date,
) -> pl.DataFrame:
    """School by age and authority, practice, and a UPN from the year of starting school."""
    authority = frame["authority_index"].to_numpy()
    age = frame["age_days"].to_numpy() / 365.25
    state = rng.random(frame.height) >= _OUTSIDE_STATE_SCHOOLS
    urn = np.where(
        age >= 11.4, _pick(bodies.secondaries, rng, authority), _pick(bodies.primaries, rng, authority)
    )
    urn = np.where((age >= 4.3) & state, urn, "")
    year = (on.year - np.floor(age).astype(np.int64) + 4) % 100
    upn = np.full(frame.height, "", dtype=object)
    has = np.flatnonzero((age >= 4.3) & state)
    home = frame["home_authority_index"].to_numpy()[has]
    upn[has] = _upns(geography, bodies.primaries, home, year[has], counter.next(home, year[has]))
    surgery = _pick(bodies.surgeries, rng, authority)
    surgery = np.where(rng.random(frame.height) < 0.01, "", surgery)
    return frame.with_columns(urn=_text(urn), upn=_text(upn), gp=_text(surgery))


def _pick(choice: Choice, rng: np.random.Generator, authority: Ids) -> Words:
    return np.asarray(choice.codes.gather(choice.draw(rng, authority)).to_numpy(), dtype=object)


def _upns(geography: Geography, primaries: Choice, authority: Ids, year: Ids, serial: Ids) -> Words:
    codes = np.array([int(each.code) for each in geography.authorities])[authority]
    schools = primaries.count[authority]
    school = 2001 + serial % schools
    number = serial // schools % 1000
    body = ((codes * 10_000 + school) * 100 + year) * 1_000 + number
    digits = body[:, None] // 10 ** np.arange(11, -1, -1) % 10
    letter = np.array(list(UPN_LETTERS), dtype=object)[(digits * np.arange(2, 14)).sum(axis=1) % 23]
    return np.asarray(letter + body.astype(str).astype(object), dtype=object)
