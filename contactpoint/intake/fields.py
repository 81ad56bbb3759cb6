"""Which fields a profile may fill, of what kind each is, and which may never be held (REC-2, REC-3).

The list comes from `SuppliedValues` itself, so a field that is not there cannot be mapped.
The prohibited words only make the refusal helpful: everything else is refused as well.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, get_args, get_type_hints

from contactpoint.directory.values import SuppliedValues

MOST_REPEATS = 10  # addresses.0 to addresses.9
MOST_LINES = 6
NOT_MAPPED = "what the profile does not map"

REFERENCE = "reference"
MARKER = "marker"  # the restricted marker of NHS demographics (SHI-8)
AUTHORITY = "authority"  # the supplier's own authority, where the address gives none (REC-6)
ENDED = "ended"  # a delta says that the supplier no longer holds this row (SUP-3)
BASIS_FIELDS = (
    "basis.ground",
    "basis.given_by",
    "basis.obtained_by_role",
    "basis.obtained_on",
    "basis.review_on",
)
ROW_FIELDS = (REFERENCE, MARKER, AUTHORITY, ENDED, *BASIS_FIELDS)


class Kind(StrEnum):
    """How a value is read and checked."""

    TEXT = "text"
    BIRTH_DATE = "birth-date"
    DATE = "date"
    GENDER = "gender"
    NHS = "nhs"
    UPN = "upn"
    POSTCODE = "postcode"
    FLAG = "flag"
    SERVICE = "service"
    ROLE = "role"
    ASSESSMENT = "assessment"
    INTENT = "intent"
    MARKER = "marker"
    AUTHORITY = "authority"
    GROUND = "ground"
    GIVEN_BY = "given-by"
    SCHOOL = "school"
    PRACTICE = "practice"


_KINDS = {
    "birth_date": Kind.BIRTH_DATE,
    "gender": Kind.GENDER,
    "nhs": Kind.NHS,
    "upn": Kind.UPN,
    "postcode": Kind.POSTCODE,
    "responsibility": Kind.FLAG,
    "same_address": Kind.FLAG,
    "lead": Kind.FLAG,
    "involvement.service": Kind.SERVICE,
    "involvement.role": Kind.ROLE,
    "assessment.kind": Kind.ASSESSMENT,
    "left_intent": Kind.INTENT,
    ENDED: Kind.FLAG,
    MARKER: Kind.MARKER,
    AUTHORITY: Kind.AUTHORITY,
    "basis.ground": Kind.GROUND,
    "basis.given_by": Kind.GIVEN_BY,
    "school.code": Kind.SCHOOL,
    "practice.code": Kind.PRACTICE,
}
_DATES = ("_on", "valid_from", "valid_to", "stays_until")

# What people ask to hold and what the law forbids; each word of a column's name is looked up here.
_PROHIBITED = {
    "ethnicity": "ethnicity ethnic ethnicgroup race",
    "religion or belief": "religion faith belief denomination",
    "immigration status or nationality": "immigration asylum nationality visa citizenship",
    "special educational needs or disability": "sen senprovision sentype ehcp ehc disability disabled "
    "disabilities",
    "medical data": "diagnosis diagnoses medical medication condition conditions allergy allergies symptom "
    "symptoms treatment pregnancy pregnant clinical",
    "offences": "offence offences offense offenses conviction convictions sentence arrest crime criminal",
    "exam or test results": "exam exams grade grades attainment score scores result results",
    "a risk level or judgement": "risk risks rating severity concern concerns judgement",
    "reasons for involvement": "reason reasons abuse neglect cpp category needcode",
    "case notes or free text": "note notes comment comments narrative summary remarks description",
    "entitlement to free school meals": "fsm meals",
    "exclusions from school": "exclusion exclusions suspension suspensions",
    "sexual orientation": "sexuality orientation",
}
_WORDS = {word: what for what, words in _PROHIBITED.items() for word in words.split()}
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_CAPITALS = re.compile(r"[A-Z]{3,}(?=[a-z])")  # the Department's way: SENprovision, FSMhistory


def find_prohibited(name: str) -> str | None:
    """What a field or column of this name would hold that may never be held; None where nothing shows."""
    for part in [*_PARTS.findall(name), *_CAPITALS.findall(name)]:
        if what := _WORDS.get(part.casefold()):
            return what
    return _WORDS.get(re.sub(r"[^a-z]", "", name.casefold()))


def count_kinds(dropped: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """How many values were left unread, by what they would have been; the commonest first (REC-3)."""
    counts = Counter[str]()
    for name, values in dropped:
        counts[find_prohibited(name) or NOT_MAPPED] += values
    return tuple(counts.most_common())


@cache
def ordered_fields() -> tuple[str, ...]:
    """Every path of `SuppliedValues`, in its order."""
    return tuple(_leaves(SuppliedValues, ""))


@cache
def known_fields() -> frozenset[str]:
    """Every path that a profile may fill: those of `SuppliedValues`, and what a row says beside them."""
    return frozenset({*ordered_fields(), *ROW_FIELDS})


def suppliable_fields() -> list[str]:
    """What an agreement with a supplier may cover, in our words (SUP-10)."""
    return [member.name for member in fields(SuppliedValues)]


def kind_of(path: str) -> Kind:
    """How the value at this path is read."""
    last = path.rsplit(".", 1)[-1]
    if found := _KINDS.get(path) or _KINDS.get(last):
        return found
    return Kind.DATE if last.endswith(_DATES) else Kind.TEXT


def _leaves(kind: Any, prefix: str) -> list[str]:
    hints = get_type_hints(kind)
    paths: list[str] = []
    for member in fields(kind):
        hint = hints[member.name]
        parts = [part for part in get_args(hint) if is_dataclass(part)]
        path = f"{prefix}{member.name}"
        if parts and hint.__class__.__name__ == "GenericAlias":
            for index in range(MOST_REPEATS):
                paths += _leaves(parts[0], f"{path}.{index}.")
        elif parts:
            paths += _leaves(parts[0], f"{path}.")
        elif member.name == "lines":
            paths += [f"{path}.{index}" for index in range(MOST_LINES)]
        else:
            paths.append(path)
    return paths
