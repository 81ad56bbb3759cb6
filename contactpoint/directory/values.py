"""What one supplied row says of one child, in one form for every supplier (REC-2, REC-3).

The only fields that exist: a profile can map to nothing else, so nothing else can be stored.
Kept as JSON with empty members left out.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FormerName:
    given_names: str = ""
    family_name: str = ""
    use: str = "former"  # 'former', 'alias', 'birth'


@dataclass(frozen=True, slots=True)
class Address:
    """`lines` without town and postcode; `use` is 'home' or 'placement'; dates ISO or ''."""

    lines: tuple[str, ...] = ()
    town: str = ""
    postcode: str = ""
    uprn: str = ""
    use: str = "home"
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True, slots=True)
class Carer:
    """Relationship and parental responsibility are separate facts (REC-8); None is "not known"."""

    name: str = ""
    relationship: str = ""
    responsibility: bool | None = None
    telephone: str = ""
    email: str = ""
    same_address: bool | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A school (URN) or practice (ODS code), by organisation code, with dates where known."""

    code: str = ""
    started_on: str = ""
    ended_on: str = ""


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """An involvement that a feed asserts (INV-1). `practitioner` may be ''."""

    service: str = ""
    organisation: str = ""
    practitioner: str = ""
    role: str = ""
    started_on: str = ""
    ended_on: str = ""
    lead: bool = False


@dataclass(frozen=True, slots=True)
class AssessmentEntry:
    kind: str = ""
    organisation: str = ""
    opened_on: str = ""
    closed_on: str = ""


@dataclass(frozen=True, slots=True)
class SuppliedValues:
    """One row's facts.

    Strings are as supplied; dates are ISO; numbers are normalised; gender is M, F, O, U or ''.
    """

    given_names: str = ""
    family_name: str = ""
    former_names: tuple[FormerName, ...] = ()
    birth_date: str = ""
    gender: str = ""
    nhs: str = ""
    upn: str = ""
    addresses: tuple[Address, ...] = ()
    carers: tuple[Carer, ...] = ()
    school: Place | None = None
    practice: Place | None = None
    involvement: ServiceEntry | None = None
    assessment: AssessmentEntry | None = None
    died_on: str = ""
    death_reported_on: str = ""  # REC-9: waits for a person before anything changes
    left_on: str = ""
    left_intent: str = ""  # REC-9: 'returns', 'stays-away', 'unknown'
    stays_until: str = ""  # REC-1: agreed date beyond the 18th birthday


_MANY: dict[str, type] = {"former_names": FormerName, "addresses": Address, "carers": Carer}
_ONE: dict[str, type] = {
    "school": Place,
    "practice": Place,
    "involvement": ServiceEntry,
    "assessment": AssessmentEntry,
}


def to_json(values: SuppliedValues) -> dict[str, Any]:
    """The stored form: empty members are left out, at every level."""
    return _without_empty(values)


def from_json(content: dict[str, Any]) -> SuppliedValues:
    """The frozen form again."""
    known = dict(content)
    for name, kind in _MANY.items():
        if name in known:
            known[name] = tuple(_build(kind, item) for item in known[name])
    for name, kind in _ONE.items():
        if name in known:
            known[name] = _build(kind, known[name])
    return SuppliedValues(**known)


def _build(kind: type, item: dict[str, Any]) -> Any:
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in item.items()})


def _without_empty(item: Any) -> dict[str, Any]:
    # By attribute and not `dataclasses.asdict`, which copies deeply: this runs for every row of every feed.
    kept: dict[str, Any] = {}
    for name in item.__slots__:
        value = getattr(item, name)
        if isinstance(value, tuple):
            value = [part if isinstance(part, str) else _without_empty(part) for part in value]
        elif hasattr(value, "__slots__") and not isinstance(value, str):
            value = _without_empty(value)
        if value is False or (value is not None and value not in ("", [], {})):
            kept[name] = value
    return kept
