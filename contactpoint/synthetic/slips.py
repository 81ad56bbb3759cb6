"""How often each supplier's rows differ from the truth, and making them differ.

Owns every rate of the made-up England's mistakes, as constants with their reasons.
The rates are assumptions of the order that people who link such files describe, not measurements:
a supplier that copies a certificate is nearly right, one that types what it hears under pressure is not.
What is left of a row always still belongs to its child: `truth/rows.parquet` says to which.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from contactpoint.synthetic.names import nicknames
from contactpoint.synthetic.spelling import (
    break_postcode,
    shorten_street,
    sound_alike,
    to_ascii,
    transliterate,
    type_slip,
)

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of rows. Those of other spellings apply once to the given and once to the family name."""

    typing: float = 0.010
    sound: float = 0.004
    transliteration: float = 0.02  # of names whose origin writes another script
    nickname: float = 0.01
    swapped: float = 0.001  # given and family name in each other's boxes
    middle_first: float = 0.003  # known by the middle name
    initial: float = 0.0
    one_barrel: float = 0.04  # of double-barrelled names: one half left out
    loses_accents: float = 0.5  # of names with accents
    placeholder: float = 0.0  # of babies under 12 weeks: "Baby", "Twin 1"
    day_month: float = 0.002  # of dates whose day could be a month
    day_off: float = 0.003
    year_off: float = 0.001
    no_birth_date: float = 0.0
    only_year: float = 0.0
    no_gender: float = 0.002
    wrong_gender: float = 0.001
    no_postcode: float = 0.003
    odd_postcode: float = 0.015
    short_street: float = 0.06
    old_address: float = 0.10  # of movers of the last two years; a tenth of that later
    no_nhs: float = 0.02
    no_upn: float = 0.02
    unknown_carer: float = 0.05


# The registrar reads the entry back to the parent, who signs it.
BIRTHS = Rates(
    typing=0.004,
    sound=0.001,
    nickname=0.0,
    swapped=0.0002,
    middle_first=0.0,
    one_barrel=0.005,
    loses_accents=0.2,
    day_month=0.0003,
    day_off=0.0005,
    year_off=0.0001,
    no_gender=0.0,
    wrong_gender=0.0003,
    no_postcode=0.004,
    odd_postcode=0.008,
    no_nhs=0.005,
)
# A parent fills a form once; the system has capitals only; moves are told late.
CHILD_BENEFIT = Rates(typing=0.008, sound=0.002, nickname=0.004, loses_accents=1.0, old_address=0.30)
# Used at every appointment, so mostly right; a baby is on it before it has a name.
NHS = Rates(typing=0.006, sound=0.002, nickname=0.005, placeholder=0.15, no_nhs=0.0, old_address=0.15)
# Admission forms typed by the school office, preferred names creep in.
CENSUS = Rates(
    typing=0.010, sound=0.003, nickname=0.025, middle_first=0.008, loses_accents=0.7, old_address=0.08
)
# Names heard on the telephone, dates told by others, numbers looked up later.
SOCIAL_CARE = Rates(
    typing=0.020,
    sound=0.015,
    transliteration=0.08,
    nickname=0.05,
    swapped=0.004,
    middle_first=0.01,
    initial=0.002,
    one_barrel=0.15,
    loses_accents=0.8,
    day_month=0.008,
    day_off=0.010,
    year_off=0.006,
    no_birth_date=0.004,
    only_year=0.010,
    no_gender=0.01,
    wrong_gender=0.003,
    no_postcode=0.03,
    odd_postcode=0.03,
    short_street=0.15,
    old_address=0.20,
    no_nhs=0.35,
    no_upn=0.25,
    unknown_carer=0.15,
)
# Names given by the young person, sometimes on purpose not quite; no shared number at all.
YOUTH_JUSTICE = Rates(
    typing=0.020,
    sound=0.020,
    transliteration=0.10,
    nickname=0.10,
    swapped=0.004,
    middle_first=0.015,
    initial=0.003,
    one_barrel=0.20,
    loses_accents=0.9,
    day_month=0.010,
    day_off=0.012,
    year_off=0.012,
    no_birth_date=0.008,
    no_gender=0.005,
    no_postcode=0.05,
    odd_postcode=0.03,
    short_street=0.20,
    old_address=0.35,
)
LOCAL_SERVICES = Rates(
    typing=0.015,
    sound=0.010,
    transliteration=0.06,
    nickname=0.05,
    swapped=0.003,
    one_barrel=0.12,
    loses_accents=0.8,
    day_month=0.005,
    day_off=0.006,
    year_off=0.003,
    no_birth_date=0.005,
    no_gender=0.02,
    no_postcode=0.02,
    short_street=0.15,
    old_address=0.20,
    no_nhs=0.45,
    no_upn=0.45,
    unknown_carer=0.2,
)
CAMHS = Rates(typing=0.008, nickname=0.03, old_address=0.15, no_nhs=0.03)

# SHI-8: families in refuges and the like; about one child in a thousand is marked in the made-up England.
RESTRICTED, VERY_RESTRICTED = 0.0010, 0.0001
# SEN-2: rows that a provider sent without saying on what basis; they must be refused.
NO_BASIS, HARM_BASIS = 0.04, 0.10

_SCRIPT_ORIGINS = ("south_asian_muslim", "indian", "arabic", "east_european", "east_asian", "african")
_RECENT_MOVE_DAYS = 730


def choose_home(frame: pl.DataFrame, *, rates: Rates, rng: np.random.Generator, on_day: int) -> pl.DataFrame:
    """Replace the address by the old one where this supplier has not heard of the move."""
    age = on_day - frame["moved_day"].fill_null(-1_000_000).to_numpy()
    chance = np.where(age < _RECENT_MOVE_DAYS, rates.old_address, rates.old_address / 10)
    stale = pl.Series((rng.random(frame.height) < chance) & frame["moved_day"].is_not_null().to_numpy())
    return frame.with_columns(
        pl.when(stale).then(pl.col(f"old_{name}")).otherwise(pl.col(name)).alias(name)
        for name in ("address", "locality", "town", "postcode")
    ).with_columns(stale=stale)


def make_slips(frame: pl.DataFrame, *, rates: Rates, rng: np.random.Generator) -> pl.DataFrame:
    """Rows as a supplier has them: names, `birth` (text), gender, address and numbers may change."""
    made = _Rows(frame, rng)
    _slip_names(made, rates)
    _slip_birth_dates(made, rates)
    made.set(
        "gender", made.any(rates.wrong_gender), lambda gender, _: {"M": "F", "F": "M"}.get(gender, gender)
    )
    made.set("gender", made.any(rates.no_gender), lambda _, __: "U")
    made.set("postcode", made.any(rates.odd_postcode), break_postcode)
    made.set("postcode", made.any(rates.no_postcode), lambda _, __: "")
    made.set("address", made.any(rates.short_street), shorten_street)
    made.set("nhs", made.any(rates.no_nhs), lambda _, __: "")
    made.set("upn", made.any(rates.no_upn), lambda _, __: "")
    return made.frame


class _Rows:
    """A frame whose cells are rewritten where a mask says so."""

    def __init__(self, frame: pl.DataFrame, rng: np.random.Generator) -> None:
        self.frame = frame
        self.rng = rng
        self.chance = random.Random(int(rng.integers(0, 2**62)))

    def any(self, share: float) -> Mask:
        return np.asarray(self.rng.random(self.frame.height) < share)

    def where(self, condition: pl.Expr) -> Mask:
        return self.frame.select(condition.fill_null(value=False)).to_series().to_numpy()

    def set(self, column: str, mask: Mask, change: Callable[[str, random.Random], str]) -> None:
        at = np.flatnonzero(mask)
        if len(at):
            held = self.frame[column]
            changed = [change(value, self.chance) for value in held.gather(at).to_list()]
            self.frame = self.frame.with_columns(held.scatter(at, changed).alias(column))

    def exchange(self, one: str, other: str, mask: Mask) -> None:
        chosen = pl.Series(mask)
        self.frame = self.frame.with_columns(
            pl.when(chosen).then(pl.col(other)).otherwise(pl.col(one)).alias(one),
            pl.when(chosen).then(pl.col(one)).otherwise(pl.col(other)).alias(other),
        )


def _slip_names(made: _Rows, rates: Rates) -> None:
    accents = {name: ~made.where(pl.col(name).str.contains(r"^[ -~]*$")) for name in ("given", "family")}
    script = made.where(pl.col("origin").is_in(_SCRIPT_ORIGINS))
    made.set(
        "given", made.any(rates.nickname), lambda name, chance: chance.choice(nicknames().get(name, (name,)))
    )
    has_middle = made.where(pl.col("middles") != "")
    made.exchange("given", "middles", made.any(rates.middle_first) & has_middle)
    for name in ("given", "family"):
        made.set(name, made.any(rates.transliteration) & script, transliterate)
        made.set(name, made.any(rates.sound), sound_alike)
        made.set(name, made.any(rates.typing), type_slip)
        made.set(name, made.any(rates.loses_accents) & accents[name], lambda text, _: to_ascii(text))
    barrels = made.where(pl.col("family").str.contains("-", literal=True))
    made.set("family", made.any(rates.one_barrel) & barrels, _one_half)
    made.set("given", made.any(rates.initial), lambda name, _: name[:1])
    newborn = made.where(pl.col("age_days") < 84) & made.any(rates.placeholder)
    made.set("middles", newborn, lambda _, __: "")
    made.set(
        "given", newborn, lambda _, chance: chance.choice(("Baby", "Baby", "Baby Girl", "Baby Boy", "Twin 1"))
    )
    has_family = made.where((pl.col("family") != "") & (pl.col("given") != ""))
    made.exchange("given", "family", made.any(rates.swapped) & has_family)


def _one_half(name: str, chance: random.Random) -> str:
    halves = [half for half in name.split("-") if half]
    return chance.choice(halves) if halves else name


def _slip_birth_dates(made: _Rows, rates: Rates) -> None:
    """`birth` is ISO text until the file writes it in its own form; shorter, or empty, where that is all."""
    # Not in the first year, so that no swapped date lies in the future.
    early = made.where((pl.col("birth").str.slice(8, 2).cast(pl.Int8) <= 12) & (pl.col("age_days") > 366))
    made.set("birth", made.any(rates.day_month) & early, lambda iso, _: f"{iso[:4]}-{iso[8:]}-{iso[5:7]}")
    late = made.where(pl.col("birth").str.slice(8, 2).cast(pl.Int8, strict=False).is_between(2, 27))
    made.set("birth", made.any(rates.day_off) & late, _another_day)
    made.set("birth", made.any(rates.year_off), _another_year)
    made.set("birth", made.any(rates.only_year), lambda iso, chance: iso[: chance.choice((4, 7))])
    made.set("birth", made.any(rates.no_birth_date), lambda _, __: "")


def _another_day(iso: str, chance: random.Random) -> str:
    return f"{iso[:8]}{int(iso[8:]) + chance.choice((-1, 1)):02d}"


def _another_year(iso: str, chance: random.Random) -> str:
    # Towards the past only, so that no date lies in the future; 29 February becomes the 28th.
    year = int(iso[:4]) - 1
    return f"{year}-02-28" if iso[5:] == "02-29" else f"{year}{iso[4:]}"
