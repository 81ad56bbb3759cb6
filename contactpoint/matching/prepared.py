"""What the levels of comparison read: a row with the parts that comparing needs, in both executors.

`Prepared` is one row for the single scorer; `PREPARED_SQL` makes the same columns in DuckDB for Splink.
A missing value is '' here and NULL there.
"""

from dataclasses import dataclass

from contactpoint.matching.romanised import form_numbers
from contactpoint.matching.rows import MatchRow

# Of the frame's columns, with `given_groups` joined on by distinct given name.
# Months are counted as 31 days: near enough to tell "a day or two off" across a month's end.
PREPARED_SQL = """
    nullif(given, '') AS given,
    nullif(middle, '') AS middle,
    string_split(middle, ' ') AS middle_parts,
    nullif(family, '') AS family,
    list_filter(string_split(family, ' '), lambda part: length(part) >= 3) AS family_parts,
    nullif(former_family, '') AS former,
    nullif(birth_date, '') AS birth,
    CASE WHEN length(birth_date) = 10 THEN
        CAST(substr(birth_date, 1, 4) AS INTEGER) * 372
        + CAST(substr(birth_date, 6, 2) AS INTEGER) * 31
        + CAST(substr(birth_date, 9, 2) AS INTEGER)
    END AS birth_number,
    nullif(gender, '') AS gender,
    nullif(postcode, '') AS postcode,
    CASE WHEN postcode != '' THEN substr(postcode, 1, length(postcode) - 3) END AS outward,
    nullif(address, '') AS address,
    nullif(nhs, '') AS nhs,
    nullif(upn, '') AS upn
"""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One row with its parts; '' or nothing means missing."""

    given: str
    given_groups: frozenset[int]
    middle: str
    middle_parts: tuple[str, ...]
    family: str
    family_parts: frozenset[str]
    former: str
    birth: str
    birth_number: int | None
    gender: str
    postcode: str
    outward: str
    address: str
    nhs: str
    upn: str


def prepare(row: MatchRow) -> Prepared:
    """The parts of one row, as PREPARED_SQL makes them."""
    birth = row.birth_date
    return Prepared(
        given=row.given,
        given_groups=frozenset(form_numbers(row.given)),
        middle=row.middle,
        middle_parts=tuple(row.middle.split()),
        family=row.family,
        family_parts=frozenset(part for part in row.family.split() if len(part) >= 3),
        former=row.former_family,
        birth=birth,
        birth_number=(
            int(birth[:4]) * 372 + int(birth[5:7]) * 31 + int(birth[8:]) if len(birth) == 10 else None
        ),
        gender=row.gender,
        postcode=row.postcode,
        outward=row.postcode[:-3],
        address=row.address,
        nhs=row.nhs,
        upn=row.upn,
    )
