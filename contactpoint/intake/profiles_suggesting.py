"""Drafts a profile from a file: which column is which of our fields, and how sure that is.

Prohibited columns are named and left out (REC-3).
In the ordinary case the draft loads the file without edits; what a person has to confirm stands in comments.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from contactpoint.errors import Invalid
from contactpoint.intake.fields import MOST_LINES, ROW_FIELDS, find_prohibited, suppliable_fields
from contactpoint.intake.profiles import find_profile_names
from contactpoint.intake.profiles_looking import Column, Looked, look_at_file
from contactpoint.intake.profiles_synonyms import (
    CARER_PARTS,
    CARERS,
    DATE_FORMS,
    FITS,
    LINE_WORDS,
    LINES,
    NAMES,
    NOT_RESTRICTED,
    PARTS,
    REFERENCES,
    SCHOOLS,
    TELLING,
    is_any_date,
    is_date,
    plain,
)

MOST_CARERS = 3
SURE, LIKELY, UNSURE = "sure", "likely", "unsure: look at it"
EMPTY = "likely: its name says so, and it is empty in the rows looked at"
_FITTING, _MOSTLY = 0.9, 0.5


class NothingToSuggest(Invalid):
    """No profile can be drafted from this file."""


@dataclass(slots=True)
class _Draft:
    """What was decided so far: our field to the columns and how sure; and why a column was left."""

    fields: dict[str, tuple[list[str], str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    unrestricted: list[str] = field(default_factory=list)

    def take(self, path: str, columns: list[str], how: str) -> None:
        self.fields[path] = (columns, how)

    @property
    def taken(self) -> set[str]:
        return {column for columns, _ in self.fields.values() for column in columns} | set(
            self.parts.values()
        )


def suggest_profile(*, path: Path, on: date, sheet: str = "", authority: str = "") -> str:
    """A profile's text, with comments. Raises UnreadableFile, WrongColumns, NothingToSuggest."""
    looked = look_at_file(path=path, sheet=sheet, on=on)
    code = re.sub(r"[^a-z0-9]+", "_", path.stem.casefold()).strip("_") or "supplier"
    if code in find_profile_names():
        code += "_new"  # never another supplier's
    if looked.known:
        return "\n".join(_extending(code, looked, authority)) + "\n"
    draft = _Draft()
    usable = []
    for column in looked.columns:
        if what := find_prohibited(column.name):
            draft.left[column.name] = f"{what}, which is never held (REC-3)"
        else:
            usable.append(column)
    _take_named(draft, usable)
    _take_telling(draft, usable)
    _take_lines(draft, usable)
    _take_carers(draft, usable)
    _finish_names(draft, usable)
    _finish_involvement(draft)
    _finish_marker(draft, usable)
    _take_reference(draft, usable)
    for column in usable:
        if column.name not in draft.taken:
            draft.left.setdefault(column.name, "no field of ours seems to fit")
    return "\n".join(_written(code, looked, draft, usable, authority)) + "\n"


def _share(column: Column, path: str) -> float:
    """How many of the filled values fit the field; 1 where any text does."""
    fits = FITS.get(path)
    return 1.0 if fits is None or not column.filled else sum(map(fits, column.filled)) / len(column.filled)


def _how_sure(column: Column, path: str) -> str:
    share = _share(column, path)
    if share < _FITTING:
        return f"likely: {share:.0%} of its values look like that; the others are left out, and told"
    return SURE if column.filled else EMPTY


def _last(name: str) -> str:
    """The last name of a path, which says what a value is."""
    return name.rpartition(".")[2]


def _take_named(draft: _Draft, columns: list[Column]) -> None:
    """Fields whose name is known. Of several columns the one whose values fit best, then the first."""
    for path, names in NAMES.items():
        named = [each for each in columns if {plain(each.name), plain(_last(each.name))} & names]
        named = [each for each in named if each.name not in draft.taken and not _is_of_carer(each.name)]
        fitting = [each for each in named if _share(each, path) >= _MOSTLY]
        if fitting:
            best = max(fitting, key=lambda each: (bool(each.filled), _share(each, path)))
            draft.take(path, [best.name], _how_sure(best, path))
        for each in named:
            if each not in fitting:
                draft.left[each.name] = f"its name says {path}, and its values do not look like that"
    for part, pattern in PARTS.items():
        found = next((each for each in columns if pattern.match(plain(each.name))), None)
        if found and "birth_date" not in draft.fields and found.name not in draft.taken:
            draft.parts[part] = found.name
    if "year" not in draft.parts:
        draft.parts.clear()


def _take_telling(draft: _Draft, columns: list[Column]) -> None:
    """Numbers with a check digit, and postcodes, are known by their values alone."""
    for path in TELLING:
        for column in columns:
            is_free = column.name not in draft.taken and not _is_of_carer(column.name)
            is_past = re.search("prev|old|former", column.name.casefold())
            is_telling = len(column.filled) >= 3 and _share(column, path) >= _FITTING
            if path not in draft.fields and is_free and is_telling and not is_past:
                draft.take(path, [column.name], LIKELY)


def _take_lines(draft: _Draft, columns: list[Column]) -> None:
    lines: list[str] = []
    for column in columns:
        name = plain(_last(column.name))
        is_line = LINES.match(name) and any(word in name for word in LINE_WORDS)
        if is_line and column.name not in draft.taken and len(lines) < MOST_LINES:
            lines.append(column.name)
    if lines:
        draft.take("addresses.0.lines", lines, SURE if len(lines) > 1 else LIKELY)


def _is_of_carer(name: str) -> bool:
    return CARERS.match(plain(name)) is not None


def _take_carers(draft: _Draft, columns: list[Column]) -> None:
    """Parents and carers by what stands before their parts: Guardian1Name, Mother Forename, Carer2Phone."""
    people: dict[str, dict[str, str]] = {}
    for column in columns:
        found = CARERS.match(plain(column.name))
        if not found or column.name in draft.taken:
            continue
        rest = {found[3], found[3].removeprefix("s")}  # Parents' name
        part = next((part for part, names in CARER_PARTS.items() if rest & names), None)
        if part is None or (part in FITS and _share(column, part) < _FITTING):
            continue
        person = f"{found[1]}{found[2] or found[4]}"
        people.setdefault(person, {}).setdefault(part, column.name)
    _join_nameless(people, draft, columns)
    for index, (person, parts) in enumerate(list(people.items())[:MOST_CARERS]):
        named = [parts[each] for each in ("name", "forename", "surname") if each in parts]
        if "forename" in parts or "surname" in parts:
            named = [parts[each] for each in ("forename", "surname") if each in parts]
        if not named:
            continue
        draft.take(f"carers.{index}.name", named, SURE)
        for part in ("relationship", "responsibility", "telephone", "email"):
            if part in parts:
                draft.take(f"carers.{index}.{part}", [parts[part]], SURE)
        said = {"mother": "mother", "mum": "mother", "father": "father", "dad": "father"}
        if relationship := said.get(person.rstrip("0123456789")):
            draft.constants[f"carers.{index}.relationship"] = relationship


def _join_nameless(people: dict[str, dict[str, str]], draft: _Draft, columns: list[Column]) -> None:
    """Parent Tel belongs to Parent 1, and a bare Relationship to the first of all."""
    for person in [each for each in people if not each[-1:].isdigit() and f"{each}1" in people]:
        if not {"name", "forename", "surname"} & people[person].keys():
            people[f"{person}1"] = people.pop(person) | people[f"{person}1"]
    first = next(iter(people.values()), None)
    for column in columns if first else ():
        for part in ("relationship", "responsibility"):
            if plain(column.name) in CARER_PARTS[part] - {"type"} and column.name not in draft.taken:
                (first or {}).setdefault(part, column.name)


def _finish_names(draft: _Draft, columns: list[Column]) -> None:
    middle = draft.fields.pop("middle", None)
    whole = draft.fields.pop("whole_name", None)
    if middle and "given_names" in draft.fields:
        given, how = draft.fields["given_names"]
        draft.take("given_names", [*given, *middle[0]], how)
    if whole and "given_names" not in draft.fields and "family_name" not in draft.fields:
        draft.take("given_names", whole[0], "unsure: one column holds the whole name; ask the sender for two")
    if "former_names.1.given_names" in draft.fields:
        held = draft.fields.pop("former_names.1.given_names")
        draft.fields["former_names.1.given_names"] = held
        draft.constants["former_names.1.use"] = "alias"


def _finish_involvement(draft: _Draft) -> None:
    """Who works with the child says nothing without the service."""
    if "involvement.service" not in draft.fields:
        for path in [path for path in draft.fields if path.startswith("involvement.")]:
            for column in draft.fields.pop(path)[0]:
                draft.left[column] = f"{path}, if you add the constant `involvement.service` to the profile"


def _finish_marker(draft: _Draft, columns: list[Column]) -> None:
    """Any marker but those that say "unrestricted" shields the child (SHI-8): words for no are drafted."""
    name = draft.fields.get("marker", ([""], ""))[0][0]
    said = {value.casefold() for column in columns if column.name == name for value in column.filled}
    draft.unrestricted = [value for value in NOT_RESTRICTED if value in said]
    if name:
        draft.take(
            "marker", [name], "sure: every value but U, N, 0 and those under [codes] shields the child"
        )


def _take_reference(draft: _Draft, columns: list[Column]) -> None:
    """The sender's own key: full and different in every row; a name that says so before all others."""
    keys = [
        each
        for each in columns
        if len(each.filled) == len(each.values) and len(set(each.filled)) == len(each.filled)
    ]
    keys = [each for each in keys if not all(map(is_any_date, each.filled))]
    named = [each for each in keys if REFERENCES.search(plain(each.name)) and each.name not in draft.taken]
    numbers = [
        each for path in ("upn", "nhs") for each in keys if [each.name] == draft.fields.get(path, ([], ""))[0]
    ]
    if named:
        draft.take("reference", [named[0].name], SURE)
    elif numbers:
        draft.take("reference", [numbers[0].name], "likely: the file has no key of the sender's own")
    elif keys and (free := [each for each in keys if each.name not in draft.taken]):
        draft.take("reference", [free[0].name], UNSURE)
    else:
        raise NothingToSuggest(
            "No column is filled and different in every row. Nothing was written; "
            "ask the sender for a reference of its own for each child."
        )


def _date_form(draft: _Draft, columns: list[Column]) -> tuple[str, str]:
    """The form that most dates have, and how sure that is. Day before month where both would do."""
    by_name = {column.name: column for column in columns}
    dated = [path for path in draft.fields if FITS.get(path) is is_any_date]
    values = [
        value
        for path in dated
        for name in draft.fields[path][0]
        for value in by_name[name].filled
        if any(is_date(value, form) for form in DATE_FORMS)  # what is none tells nothing of the form
    ]
    if not values:
        return "YYYY-MM-DD", "no whole date to go by"
    shares = {form: sum(is_date(value, form) for value in values) / len(values) for form in DATE_FORMS}
    best = max(DATE_FORMS, key=lambda form: shares[form])
    if shares[best] < _FITTING:
        return best, f"unsure: fits {shares[best]:.0%} of the dates"
    rival = "MM/DD/YYYY" if best == "DD/MM/YYYY" else ""
    is_told = not rival or shares[rival] < shares[best]
    return best, SURE if is_told else "likely: no day above 12 tells day from month"


def _sector(draft: _Draft, columns: list[Column]) -> str:
    has = set(draft.fields)
    is_taught = any(SCHOOLS.search(plain(each.name)) for each in columns)
    if is_taught or "school.code" in has or ("upn" in has and "nhs" not in has):
        return "education"
    if "practice.code" in has or ("nhs" in has and "upn" not in has):
        return "health"
    return "social_care" if {"involvement.practitioner", "upn"} & has else "voluntary"


def _head(code: str, sector: str, authority: str) -> Iterator[str]:
    yield f"supplier = {json.dumps(code)}  # its code: short, never changed afterwards"
    yield f"name = {json.dumps(code.replace('_', ' ').capitalize())}  # what a record shows"
    yield f'sector = "{sector}"  # confirm'
    yield 'legal_basis = "Children Act 2004, section 12: to be confirmed by the data manager"'
    if authority:
        yield f"authority = {json.dumps(authority)}  # responsible where an address gives none"


def _extending(code: str, looked: Looked, authority: str) -> Iterator[str]:
    yield f"# Drafted by `contactpoint profile suggest`: {looked.format.words}, a format that is known."
    yield from _head(code, "health" if looked.known == "fhir_patient" else "education", authority)
    yield f'extends = "{looked.known}"  # may_supply, [file] and [fields] are those of this profile'


def _written(
    code: str, looked: Looked, draft: _Draft, columns: list[Column], authority: str
) -> Iterator[str]:
    dates, how_sure = _date_form(draft, columns)
    yield f"# Drafted by `contactpoint profile suggest` from {looked.format.words}; check before first use."
    yield from _head(code, _sector(draft, columns), authority)
    if not authority and not {"addresses.0.postcode", "authority"} & set(draft.fields):
        yield '# authority = "330"  # needed: no column says where a child lives, and rows would wait'
    tops = {path.partition(".")[0] for path in (*draft.fields, *draft.constants)} - set(ROW_FIELDS)
    tops |= {"birth_date"} if draft.parts else set()
    agreed = ", ".join(f'"{name}"' for name in suppliable_fields() if name in tops)
    yield f"may_supply = [{agreed}]  # confirm against the agreement (SUP-10)"
    yield ""
    yield "[file]"
    yield from _file_lines(looked, dates, how_sure)
    yield ""
    yield "[fields]"
    yield from _field_lines(draft)
    if draft.constants:
        yield ""
        yield "[constants]"
        for path, value in draft.constants.items():
            yield f"{path} = {json.dumps(value)}"
    if draft.unrestricted:
        yield ""
        yield "[codes.marker]"
        for value in draft.unrestricted:
            yield f'{json.dumps(value)} = "U"'
    if draft.left:
        yield ""
        yield "# Left out, so never read:"
        for name, why in draft.left.items():
            yield f"#   {name[:60]}: {why}"


def _file_lines(looked: Looked, dates: str, how_sure: str) -> Iterator[str]:
    form = looked.form
    if form.format != "auto":
        yield f"format = {json.dumps(form.format)}"
    if form.records:
        yield f"records = {json.dumps(form.records[0], ensure_ascii=False)}"
    if form.sheet:
        yield f"sheet = {json.dumps(form.sheet, ensure_ascii=False)}"
    if form.delimiter != ",":
        yield f"delimiter = {json.dumps(form.delimiter)}"
    if form.encoding != "auto":
        yield f"encoding = {json.dumps(form.encoding)}"
    yield 'kind = "delta"  # or snapshot, if every file holds all the children that the supplier has'
    yield f'dates = "{dates}"  # {how_sure}'


def _field_lines(draft: _Draft) -> Iterator[str]:
    order = ["reference", *(path for path in draft.fields if path != "reference")]
    for path in order:
        columns, how = draft.fields[path]
        shown = columns if len(columns) > 1 or path.endswith(".lines") else columns[0]
        yield f"{path} = {json.dumps(shown, ensure_ascii=False)}  # {how}"
    if draft.parts:
        inside = ", ".join(
            f"{part} = {json.dumps(name, ensure_ascii=False)}" for part, name in draft.parts.items()
        )
        yield f"birth_date = {{ {inside} }}  # {SURE}"
