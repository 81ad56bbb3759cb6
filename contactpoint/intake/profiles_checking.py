"""Is a profile usable? Every problem of its text at once, in the words of whoever writes it (REC-3, SUP-10).

Pure: looks at the parsed TOML and at nothing else.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from contactpoint.codes.services import SENSITIVE_SERVICES, Sector
from contactpoint.intake.fields import (
    BASIS_FIELDS,
    REFERENCE,
    Kind,
    find_prohibited,
    kind_of,
    known_fields,
    suppliable_fields,
)
from contactpoint.intake.readers.opening import FORMATS, NESTED
from contactpoint.intake.readers.paths import WrongPath, parse_path

SECTORS = (*Sector, "national")
ENCODINGS = ("auto", "utf-8", "utf-16", "windows-1252")
_TOP = {
    "supplier",
    "name",
    "sector",
    "must",
    "sensitive",
    "legal_basis",
    "may_supply",
    "precedence",
    "authority",
    "one_row_per_child",
    "registers_deaths",
    "extends",
    "file",
    "fields",
    "constants",
    "codes",
}
_FILE = {"format", "kind", "encoding", "delimiter", "dates", "sheet", "records"}
_PART_KINDS = {Kind.BIRTH_DATE, Kind.DATE}


class FeedKind(StrEnum):
    """Whether a file holds everything the supplier has, or what is new (SUP-3)."""

    SNAPSHOT = "snapshot"
    DELTA = "delta"


def check_profile(table: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Everything that is wrong with a profile's parsed text; `base` is what it extends and is laid over."""
    for name in ("supplier", "name", "sector", "legal_basis"):
        if not isinstance(table.get(name), str) or not table[name].strip():
            yield f"`{name}` is missing: every supplier states it (SUP-10)."
    if table.get("sector") and table["sector"] not in SECTORS:
        yield f"`sector` must be one of {', '.join(SECTORS)}."
    if unknown := set(table) - _TOP:
        yield f"Not known at the top level: {', '.join(sorted(unknown))}."
    yield from _check_supply(table.get("may_supply"))
    file = table.get("file", {})
    yield from _check_file(file)
    fields = dict(flatten(table.get("fields", {})))
    if not isinstance(fields.get(REFERENCE), str):
        yield "`fields.reference` is missing: the supplier's own reference for the row, one column."
    for path, value in fields.items():
        yield from _check_field(path, value, is_nested=file.get("format") in NESTED)
    for path, _ in flatten(table.get("constants", {})):
        yield from _check_path(path)
    inherited = {path for path, _ in flatten_codes((base or {}).get("codes", {}))}
    for path, _ in flatten_codes(table.get("codes", {})):
        if path not in fields and path not in inherited:
            yield f"`codes.{path}` belongs to no mapped field."
    yield from _check_sensitive(table, fields)


def _check_supply(listed: Any) -> Iterator[str]:
    if not isinstance(listed, list) or not listed or not all(isinstance(each, str) for each in listed):
        yield (
            "`may_supply` is missing: the list of fields that the supplier's agreement covers, "
            f"of {', '.join(suppliable_fields())}, or parts such as carers.name (SUP-10)."
        )
        return
    known = {re.sub(r"\.[0-9]+", "", path) for path in known_fields()}
    for each in listed:
        if not any(path == each or path.startswith(f"{each}.") for path in known):
            what = find_prohibited(each)
            why = f"would be {what}, which is never held (REC-3)" if what else "is no field that exists"
            yield f"`may_supply`: `{each}` {why}."


def _check_file(file: Mapping[str, Any]) -> Iterator[str]:
    if unknown := set(file) - _FILE:
        yield f"Not known under [file]: {', '.join(sorted(unknown))}."
    if file.get("format", "auto") not in FORMATS:
        yield f"`file.format` must be one of {', '.join(FORMATS)}."
    if file.get("kind", "delta") not in set(FeedKind):
        yield "`file.kind` must be snapshot or delta."
    if file.get("encoding", "auto") not in ENCODINGS:
        yield f"`file.encoding` must be one of {', '.join(ENCODINGS)}."
    if len(file.get("delimiter", ",")) != 1 or file.get("delimiter") == '"':
        yield "`file.delimiter` must be one character and not a quotation mark."
    form = file.get("dates", "YYYY-MM-DD")
    if sorted(re.findall("YYYY|MM|DD", form)) != ["DD", "MM", "YYYY"]:
        yield "`file.dates` must have YYYY, MM and DD once each, such as DD/MM/YYYY."
    if not isinstance(file.get("sheet", ""), str):
        yield "`file.sheet` must be the name of a sheet."
    records = file.get("records", [])
    if not all(
        isinstance(each, str) and each for each in ([records] if isinstance(records, str) else records)
    ):
        yield "`file.records` must be the path of what stands for one child, or a list of such paths."
    if file.get("format") == "xml" and not records:
        yield "`file.records` is missing: which element of the XML is one child, such as `Pupils.Pupil`."


def _check_field(path: str, value: Any, *, is_nested: bool) -> Iterator[str]:
    if isinstance(value, dict):
        columns = list(value.values())
        if not {"year"} <= set(value) <= {"day", "month", "year"} or kind_of(path) not in _PART_KINDS:
            yield f"`{path}`: a table of columns is for dates, and has year, month and day."
    else:
        columns = _each_column(value, is_lines=path.endswith(".lines"))
    if not columns or not all(isinstance(each, str) and each for each in columns):
        yield f"`{path}` must name a column, or a list of columns."
        return
    yield from _check_path(f"{path}.0" if path.endswith(".lines") else path)
    for column in columns:
        what = None if path in {"left_intent", *BASIS_FIELDS} else find_prohibited(column)
        if what:
            yield f"The column `{column}` looks like {what}, which is never held (REC-3). Leave it out."
        if is_nested:
            try:
                parse_path(column)
            except WrongPath as error:
                yield f"`{path}`: {error}"


def _each_column(value: Any, *, is_lines: bool) -> list[Any]:
    """Every column of a field; each line of an address may be several."""
    if not isinstance(value, list):
        return [value]
    if not is_lines:
        return value
    return [column for line in value for column in (line if isinstance(line, list) else [line])]


def _check_path(path: str) -> Iterator[str]:
    if path in known_fields():
        return
    what = find_prohibited(path)
    if what:
        yield f"`{path}` would hold {what}, which is never held (REC-3). Leave it out."
    else:
        yield f"There is no field `{path}`; see docs/how-to/write-a-profile.md for those that exist."


def _check_sensitive(table: Mapping[str, Any], fields: Mapping[str, Any]) -> Iterator[str]:
    service = dict(flatten(table.get("constants", {}))).get("involvement.service")
    has_basis = any(path.startswith("basis.") for path in fields)
    if table.get("sensitive", False):
        if service not in SENSITIVE_SERVICES or "involvement.service" in fields:
            yield "A sensitive supplier has one sensitive service, the constant `involvement.service`."
        if "basis.ground" not in fields:
            yield "A sensitive supplier maps `basis.ground`: consent or significant harm, row by row (SEN-2)."
    elif service in SENSITIVE_SERVICES or has_basis:
        yield "A sensitive service needs `sensitive = true` (SEN-1)."


def flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested tables as dotted paths; a table of day, month and year is one value."""
    for key, value in table.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict) and not (value and set(value) <= {"day", "month", "year"}):
            yield from flatten(value, f"{path}.")
        else:
            yield path, value


def flatten_codes(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The tables of codes, each with the dotted path of its field."""
    for key, value in table.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
            yield from flatten_codes(value, f"{path}.")
        elif isinstance(value, dict):
            yield path, value
