"""Local authorities in England with children's services: codes, dates, successors, postcodes (REC-6, IDN).

Owns two tables of facts from public registers, kept as csv in `data`.
`local_authorities.csv` has every authority since 2009, with its DfE code and its ONS code.
An authority whose ONS code changed keeps its DfE code and has one row here, with today's ONS code.
`postcode_districts.csv` gives each outward code to the one authority in which most of it lies, with its town.
That is right for most addresses and wrong near some borders: a supplier's own authority may correct it.
Population figures are rounded weights for the made-up England, nothing else.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from contactpoint.codes.postcode import outward
from contactpoint.errors import NotFound

_DATA = Path(__file__).with_name("data")


class NoSuchAuthority(NotFound):
    """No local authority has this code."""


@dataclass(frozen=True, slots=True)
class Authority:
    """`code` is the DfE's; `successors` are DfE codes; `children` is people aged 0 to 17, rounded."""

    code: str
    gss_code: str
    name: str
    region: str
    valid_from: date
    valid_to: date | None
    successors: tuple[str, ...]
    children: int

    def is_current(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class District:
    """An outward code with the authority in which most of it lies today, and its town."""

    outward: str
    authority: str
    town: str


def _read(name: str) -> list[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _authority(row: dict[str, str]) -> Authority:
    return Authority(
        code=row["dfe_code"],
        gss_code=row["gss_code"],
        name=row["name"],
        region=row["region"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        successors=tuple(row["successors"].split()),
        children=int(row["children"] or 0),
    )


AUTHORITIES: dict[str, Authority] = {
    authority.code: authority for authority in map(_authority, _read("local_authorities.csv"))
}
"""Every authority since 2009 by DfE code, those that have gone included."""


@cache
def districts() -> dict[str, District]:
    """Every outward code in England that the table knows."""
    return {
        code: District(code, row["dfe_code"], row["town"])
        for row in _read("postcode_districts.csv")
        for code in row["outward_codes"].split()
    }


def current_authorities(on: date) -> list[Authority]:
    """Those with children's services that day, in the order of their codes."""
    return sorted((each for each in AUTHORITIES.values() if each.is_current(on)), key=lambda each: each.code)


def get_authority(code: str) -> Authority:
    """The authority with this DfE code; raises NoSuchAuthority."""
    try:
        return AUTHORITIES[code]
    except KeyError:
        raise NoSuchAuthority(
            "There is no local authority with this code; the list is in contactpoint/codes/data."
        ) from None


def authority_for_postcode(postcode: str, on: date) -> str | None:
    """The DfE code of the authority in which most of the postcode's district lay that day.

    `postcode` is as `parse_postcode` returns it.
    None where the district is not in England or not known, or where a predecessor split in several.
    """
    district = districts().get(outward(postcode))
    if district is None:
        return None
    if AUTHORITIES[district.authority].is_current(on):
        return district.authority
    before = [
        each for each in AUTHORITIES.values() if district.authority in each.successors and each.is_current(on)
    ]
    return before[0].code if len(before) == 1 else None


def town_of(postcode: str) -> str | None:
    """The town shown beside the first half of a postcode in results (SEA-4), or None."""
    district = districts().get(outward(postcode))
    return None if district is None else district.town
