"""Two records side by side: pure, from what may be shown of each (SUP-8).

The evidence is scored anew from these values alone, never taken from matching, which also knows hidden ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from contactpoint.casework.review.records import Comparison, Likeness, Line, Weighed
from contactpoint.codes.child_number import ChildNumber
from contactpoint.codes.gender import Gender
from contactpoint.codes.numbers import format_nhs_number
from contactpoint.codes.partial_date import PartialDate
from contactpoint.directory.match_rows import match_row
from contactpoint.directory.values import Address, SuppliedValues, from_json, to_json
from contactpoint.matching.explain import weigh_pair
from contactpoint.matching.model import Model
from contactpoint.matching.rows import MatchRow
from contactpoint.matching.score import score_one, weight_of
from contactpoint.matching.standardise import fold_name

# Which comparison of the model says something about which line.
_COMPARED = {
    "Given names": ("given", "middle"),
    "Family name": ("family",),
    "Date of birth": ("birth",),
    "Gender": ("gender",),
    "Address": ("home",),
    "NHS number": ("nhs",),
    "UPN": ("upn",),
}


def compare(
    *,
    model: Model,
    row: SuppliedValues,
    number: ChildNumber,
    child: Sequence[SuppliedValues],
    names: Mapping[str, str],
    numbers: frozenset[str],
) -> Comparison:
    """The row beside a child's rows, of which the believed one comes first.

    `names` are organisations by code; `numbers` are the kinds that the viewer may see (ACC-9).
    """
    return compare_records(model=model, left=[row], number=number, right=child, names=names, numbers=numbers)


def compare_records(
    *,
    model: Model,
    left: Sequence[SuppliedValues],
    number: ChildNumber,
    right: Sequence[SuppliedValues],
    names: Mapping[str, str],
    numbers: frozenset[str],
) -> Comparison:
    """Two records beside each other, by the two of their rows that are most alike."""
    best, asked, met = max(
        (
            (score, mine, theirs)
            for mine in (_ready(each, numbers) for each in _filled(left))
            for theirs in (_ready(each, numbers) for each in _filled(right))
            for score in score_one(model, mine, [theirs])
        ),
        key=lambda each: each[0].weight,
    )
    parts = tuple(Weighed(part.field, part.words, part.weight) for part in weigh_pair(model, asked, met))
    said = {part.field: part for part in parts}
    return Comparison(
        number=number,
        name=f"{right[0].given_names} {right[0].family_name}".strip(),
        lines=tuple(_lines(left, right, names, numbers, said)),
        start=weight_of(model.prior),
        parts=parts,
        total=best.weight,
        probability=best.probability,
    )


def _ready(values: SuppliedValues, numbers: frozenset[str]) -> MatchRow:
    seen = asdict(values) | {kind: "" for kind in ("nhs", "upn") if kind not in numbers}
    return match_row(key="", content={**to_json(values), "nhs": seen["nhs"], "upn": seen["upn"]})


def _filled(child: Sequence[SuppliedValues]) -> list[SuppliedValues]:
    """A number that one row lacks comes from the others, as in matching."""
    nhs = next((each.nhs for each in child if each.nhs), "")
    upn = next((each.upn for each in child if each.upn), "")
    return [replace(each, nhs=each.nhs or nhs, upn=each.upn or upn) for each in child]


def _lines(
    left: Sequence[SuppliedValues],
    right: Sequence[SuppliedValues],
    names: Mapping[str, str],
    numbers: frozenset[str],
    said: Mapping[str, Weighed],
) -> Iterable[Line]:
    here, there = list_values(left, names, numbers), list_values(right, names, numbers)
    for field in here:
        if here[field] or there[field]:
            yield _line(field, here[field], there[field], said)


def _line(field: str, left: list[str], right: list[str], said: Mapping[str, Weighed]) -> Line:
    parts = [said[name] for name in _COMPARED.get(field, ()) if name in said]
    words = "; ".join(part.words.partition(": ")[2] for part in parts)
    if not left or not right:
        likeness = Likeness.ONE_SIDE
    elif {fold_name(each) for each in left} & {fold_name(each) for each in right}:
        likeness = Likeness.SAME
    elif parts and not all(part.words.endswith(": different") for part in parts):
        likeness = Likeness.ALIKE
    else:
        likeness = Likeness.DIFFERENT
    return Line(field, tuple(left), tuple(right), likeness, words)


def list_values(
    rows: Sequence[SuppliedValues], names: Mapping[str, str], numbers: frozenset[str]
) -> dict[str, list[str]]:
    """What the rows say, each way once, by the words of its field, in the order of the page."""
    said: dict[str, Iterable[str]] = {
        "Given names": (each.given_names for each in rows),
        "Family name": (each.family_name for each in rows),
        "Other names": (
            f"{former.given_names or each.given_names} {former.family_name or each.family_name}".strip()
            for each in rows
            for former in each.former_names
        ),
        "Date of birth": (say_date(each.birth_date) for each in rows),
        "Gender": (Gender(each.gender).words for each in rows if each.gender in set(Gender)),
        "Address": (_address(address) for each in rows for address in each.addresses),
        "NHS number": (format_nhs_number(each.nhs) for each in rows if each.nhs and "nhs" in numbers),
        "UPN": (each.upn for each in rows if "upn" in numbers),
        "Parents and carers": (carer.name for each in rows for carer in each.carers),
        "School": (names.get(each.school.code, each.school.code) for each in rows if each.school),
        "GP practice": (names.get(each.practice.code, each.practice.code) for each in rows if each.practice),
    }
    return {field: list(dict.fromkeys(filter(None, values))) for field, values in said.items()}


def say_date(iso: str) -> str:
    """As on a record: 24 May 2016, May 2016, or 2016."""
    known = PartialDate.parse(iso)
    return known.words if known else iso


def _address(address: Address) -> str:
    said = ", ".join(filter(None, (*address.lines, address.town, address.postcode)))
    return f"{said} (until {say_date(address.valid_to)})" if said and address.valid_to else said


def codes_of(rows: Iterable[SuppliedValues]) -> set[str]:
    """Organisations whose names the page needs."""
    return {place.code for each in rows for place in (each.school, each.practice) if place is not None}


def content_values(content: Any) -> SuppliedValues:
    """A row's stored form, without what would tell of a service: an involvement is not compared."""
    kept = {key: value for key, value in dict(content).items() if key not in ("involvement", "assessment")}
    return from_json(kept)
