"""Supplier profiles: what a supplier is, how its files look, which columns fill which of our fields (SUP-10).

A profile is a small TOML file; docs/how-to/write-a-profile.md explains each line.
What it does not map is dropped before anything is stored; what may not be held it cannot map (REC-3).
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from contactpoint.codes.services import SENSITIVE_SERVICES, Sector
from contactpoint.errors import Invalid, NotFound
from contactpoint.intake.fields import BASIS_FIELDS, REFERENCE, Kind, find_prohibited, kind_of, known_fields

PROFILES = Path(__file__).parent / "profiles"
SECTORS = (*Sector, "national")
ENCODINGS = ("auto", "utf-8", "utf-16", "windows-1252")


class UnusableProfile(Invalid):
    """A profile says something that cannot be, or that may not be held."""


class NoSuchProfile(NotFound):
    """No profile has this name."""


class FeedKind(StrEnum):
    """Whether a file holds everything the supplier has, or what is new (SUP-3)."""

    SNAPSHOT = "snapshot"
    DELTA = "delta"


@dataclass(frozen=True, slots=True)
class Mapped:
    """One of our fields and the columns that fill it.

    Several columns are the day, month and year of a date (`is_parts`), or are joined by a space.
    `codes` turns the sender's codes, in small letters, into ours.
    """

    path: str
    columns: tuple[str, ...]
    kind: Kind
    codes: tuple[tuple[str, str], ...] = ()
    is_parts: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """All that intake knows of one supplier and its files."""

    supplier: str
    name: str
    sector: str
    must: bool
    sensitive: bool
    legal_basis: str
    precedence: int
    authority: str
    one_row_per_child: bool
    kind: FeedKind
    delimiter: str
    encoding: str
    dates: str
    mapped: tuple[Mapped, ...]
    constants: tuple[tuple[str, str], ...]
    digest: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, once, in the profile's order."""
        return tuple(dict.fromkeys(column for each in self.mapped for column in each.columns))

    @property
    def reference_column(self) -> str:
        return next(each.columns[0] for each in self.mapped if each.path == REFERENCE)

    def column_of(self, path: str) -> str:
        """What the sender calls one of our fields; '' where the file has no such column."""
        return next((", ".join(each.columns) for each in self.mapped if each.path == path), "")


def find_profile_names() -> list[str]:
    """The suppliers whose profiles come with the program."""
    return sorted(path.stem for path in PROFILES.glob("*.toml"))


def get_profile(*, name: str) -> Profile:
    """A profile by the supplier's name, or by the path of its file. Raises NoSuchProfile, UnusableProfile."""
    path = Path(name) if name.endswith(".toml") else PROFILES / f"{name}.toml"
    if not name.endswith(".toml") and not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        path = PROFILES / "."
    try:
        content = path.read_bytes()
    except OSError:
        names = ", ".join(find_profile_names())
        raise NoSuchProfile(
            f"There is no profile for this supplier. Known are: {names}; or give the path of a .toml file."
        ) from None
    return read_profile(content=content, source=path.name)


def read_profile(*, content: bytes, source: str) -> Profile:
    """Read and check a profile's text; every problem is told at once. Raises UnusableProfile."""
    try:
        table = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnusableProfile(f"The profile {source} is not readable as TOML: {error}") from None
    problems = list(_check(table))
    if problems:
        listed = "".join(f"\n- {problem}" for problem in problems)
        raise UnusableProfile(f"The profile {source} cannot be used; nothing was loaded.{listed}")
    return _build(table, hashlib.sha256(content).hexdigest())


def _build(table: dict[str, Any], digest: str) -> Profile:
    file = table.get("file", {})
    codes = {path: _codes(held) for path, held in _flatten_codes(table.get("codes", {}))}
    return Profile(
        supplier=table["supplier"],
        name=table["name"],
        sector=table["sector"],
        must=table.get("must", False),
        sensitive=table.get("sensitive", False),
        legal_basis=table["legal_basis"],
        precedence=table.get("precedence", 50),
        authority=str(table.get("authority", "")),
        one_row_per_child=table.get("one_row_per_child", True),
        kind=FeedKind(file.get("kind", "delta")),
        delimiter=file.get("delimiter", ","),
        encoding=file.get("encoding", "auto"),
        dates=file.get("dates", "YYYY-MM-DD"),
        mapped=tuple(
            each
            for path, value in _flatten(table["fields"])
            for each in _mapped(path, value, codes.get(path, ()))
        ),
        constants=tuple((path, str(value)) for path, value in _flatten(table.get("constants", {}))),
        digest=digest,
    )


def _mapped(path: str, value: Any, codes: tuple[tuple[str, str], ...]) -> Iterator[Mapped]:
    if path.endswith(".lines"):
        for index, column in enumerate([value] if isinstance(value, str) else value):
            yield Mapped(f"{path}.{index}", (column,), Kind.TEXT)
    elif isinstance(value, dict):
        columns = tuple(value.get(part, "") for part in ("day", "month", "year"))
        yield Mapped(path, tuple(column for column in columns if column), kind_of(path), is_parts=True)
    else:
        yield Mapped(path, (value,) if isinstance(value, str) else tuple(value), kind_of(path), codes)


def _check(table: dict[str, Any]) -> Iterator[str]:
    for name in ("supplier", "name", "sector", "legal_basis"):
        if not isinstance(table.get(name), str) or not table[name].strip():
            yield f"`{name}` is missing: every supplier states it (SUP-10)."
    if table.get("sector") and table["sector"] not in SECTORS:
        yield f"`sector` must be one of {', '.join(SECTORS)}."
    if unknown := set(table) - _TOP:
        yield f"Not known at the top level: {', '.join(sorted(unknown))}."
    yield from _check_file(table.get("file", {}))
    fields = dict(_flatten(table.get("fields", {})))
    if not isinstance(fields.get(REFERENCE), str):
        yield "`fields.reference` is missing: the supplier's own reference for the row, one column."
    for path, value in fields.items():
        yield from _check_field(path, value)
    for path, _ in _flatten(table.get("constants", {})):
        yield from _check_path(path)
    for path, _ in _flatten_codes(table.get("codes", {})):
        if path not in fields:
            yield f"`codes.{path}` belongs to no mapped field."
    yield from _check_sensitive(table, fields)


_TOP = {
    "supplier",
    "name",
    "sector",
    "must",
    "sensitive",
    "legal_basis",
    "precedence",
    "authority",
    "one_row_per_child",
    "file",
    "fields",
    "constants",
    "codes",
}


def _check_file(file: Mapping[str, Any]) -> Iterator[str]:
    if file.get("format", "csv") != "csv":
        yield "`file.format` must be csv."
    if file.get("kind", "delta") not in set(FeedKind):
        yield "`file.kind` must be snapshot or delta."
    if file.get("encoding", "auto") not in ENCODINGS:
        yield f"`file.encoding` must be one of {', '.join(ENCODINGS)}."
    if len(file.get("delimiter", ",")) != 1 or file.get("delimiter") == '"':
        yield "`file.delimiter` must be one character and not a quotation mark."
    form = file.get("dates", "YYYY-MM-DD")
    if sorted(re.findall("YYYY|MM|DD", form)) != ["DD", "MM", "YYYY"]:
        yield "`file.dates` must have YYYY, MM and DD once each, such as DD/MM/YYYY."


def _check_field(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        columns = list(value.values())
        if not {"year"} <= set(value) <= {"day", "month", "year"} or kind_of(path) not in _PART_KINDS:
            yield f"`{path}`: a table of columns is for dates, and has year, month and day."
    else:
        columns = [value] if isinstance(value, str) else value
    if (
        not isinstance(columns, list)
        or not columns
        or not all(isinstance(each, str) and each for each in columns)
    ):
        yield f"`{path}` must name a column, or a list of columns."
        return
    yield from _check_path(f"{path}.0" if path.endswith(".lines") else path)
    for column in columns:
        what = None if path in {"left_intent", *BASIS_FIELDS} else find_prohibited(column)
        if what:
            yield f"The column `{column}` looks like {what}, which is never held (REC-3). Leave it out."


_PART_KINDS = {Kind.BIRTH_DATE, Kind.DATE}


def _check_path(path: str) -> Iterator[str]:
    if path in known_fields():
        return
    what = find_prohibited(path)
    if what:
        yield f"`{path}` would hold {what}, which is never held (REC-3). Leave it out."
    else:
        yield f"There is no field `{path}`; see docs/how-to/write-a-profile.md for those that exist."


def _check_sensitive(table: dict[str, Any], fields: dict[str, Any]) -> Iterator[str]:
    service = dict(_flatten(table.get("constants", {}))).get("involvement.service")
    has_basis = any(path.startswith("basis.") for path in fields)
    if table.get("sensitive", False):
        if service not in SENSITIVE_SERVICES or "involvement.service" in fields:
            yield "A sensitive supplier has one sensitive service, the constant `involvement.service`."
        if "basis.ground" not in fields:
            yield "A sensitive supplier maps `basis.ground`: consent or significant harm, row by row (SEN-2)."
    elif service in SENSITIVE_SERVICES or has_basis:
        yield "A sensitive service needs `sensitive = true` (SEN-1)."


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict) and not (value and set(value) <= {"day", "month", "year"}):
            yield from _flatten(value, f"{path}.")
        else:
            yield path, value


def _flatten_codes(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, value in table.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
            yield from _flatten_codes(value, f"{path}.")
        elif isinstance(value, dict):
            yield path, value


def _codes(held: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(theirs).strip().casefold(), str(ours)) for theirs, ours in held.items())
