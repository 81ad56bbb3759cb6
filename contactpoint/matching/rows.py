"""What matching compares: one row about one child, already standardised.

Owns the shape only.
It never holds a value as supplied: `standardise` makes these from supplied values.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MatchRow:
    """One row about one child; '' means missing, everywhere.

    `birth_date` is ISO and as precise as known: 'YYYY', 'YYYY-MM' or 'YYYY-MM-DD'.
    `gender` is 'M', 'F', 'O' or ''; `postcode` has no space; `address` is the first line, folded.
    """

    key: str
    given: str = ""
    middle: str = ""
    family: str = ""
    former_family: str = ""
    birth_date: str = ""
    gender: str = ""
    postcode: str = ""
    address: str = ""
    nhs: str = ""
    upn: str = ""


FIELDS = (
    "key",
    "given",
    "middle",
    "family",
    "former_family",
    "birth_date",
    "gender",
    "postcode",
    "address",
    "nhs",
    "upn",
)
