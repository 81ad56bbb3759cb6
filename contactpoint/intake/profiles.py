"""Supplier profiles: what a supplier is, how its files look, which columns fill which of our fields (SUP-10).

A profile is a small TOML file; docs/how-to/write-a-profile.md explains each line.
What it does not map is dropped before anything is stored; what may not be held it cannot map (REC-3).
What it maps and the supplier's agreement does not cover (`may_supply`) is dropped unread as well.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contactpoint.errors import Invalid, NotFound
from contactpoint.intake.fields import REFERENCE, ROW_FIELDS, Kind, kind_of
from contactpoint.intake.profiles_checking import FeedKind, check_profile, flatten, flatten_codes
from contactpoint.intake.readers.opening import NESTED
from contactpoint.intake.readers.paths import plain_name
from contactpoint.intake.readers.table import Form

__all__ = ["FeedKind", "Mapped", "Profile", "find_profile_names", "get_profile", "read_profile"]

PROFILES = Path(__file__).parent / "profiles"


class UnusableProfile(Invalid):
    """A profile says something that cannot be, or that may not be held."""


class NoSuchProfile(NotFound):
    """No profile has this name."""


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
    are_paths: bool = False

    @property
    def shown(self) -> str:
        """What the sender calls it: the columns, or the names of a path without the rules that choose."""
        if not self.are_paths:
            return ", ".join(self.columns)
        return ", ".join(dict.fromkeys(plain_name(column) for column in self.columns))


@dataclass(frozen=True, slots=True)
class Profile:
    """All that intake knows of one supplier and its files.

    `not_agreed` are mapped fields that the supplier's agreement does not cover: they are never read.
    """

    supplier: str
    name: str
    sector: str
    must: bool
    sensitive: bool
    legal_basis: str
    may_supply: tuple[str, ...]
    precedence: int
    authority: str
    one_row_per_child: bool
    registers_deaths: bool
    kind: FeedKind
    form: Form
    mapped: tuple[Mapped, ...]
    constants: tuple[tuple[str, str], ...]
    not_agreed: tuple[str, ...]
    digest: str

    @property
    def delimiter(self) -> str:
        return self.form.delimiter

    @property
    def dates(self) -> str:
        return self.form.dates

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, once, in the profile's order."""
        return tuple(dict.fromkeys(column for each in self.mapped for column in each.columns))

    @property
    def reference_column(self) -> str:
        return next(each.columns[0] for each in self.mapped if each.path == REFERENCE)

    def column_of(self, path: str) -> str:
        """What the sender calls one of our fields; '' where the file has no such column."""
        return next((each.shown for each in self.mapped if each.path == path), "")


def find_profile_names() -> list[str]:
    """The suppliers whose profiles come with the program."""
    return sorted(path.stem for path in PROFILES.glob("*.toml"))


def get_profile(*, name: str) -> Profile:
    """A profile by the supplier's name, or by the path of its file. Raises NoSuchProfile, UnusableProfile."""
    path = Path(name) if name.endswith(".toml") else PROFILES / f"{name}.toml"
    if not name.endswith(".toml") and not _is_name(name):
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
    table = _parse(content, source)
    extended, below = b"", dict[str, Any]()
    if isinstance(base := table.get("extends"), str):
        extended = _read_base(base, source)
        below = _parse(extended, base)
        if "extends" in below:
            raise UnusableProfile(
                f"The profile {source} extends {base}, which extends another. Nothing was loaded."
            )
        table = _laid_over(below, table)
    problems = list(check_profile(table, below))
    if problems:
        listed = "".join(f"\n- {problem}" for problem in problems)
        raise UnusableProfile(f"The profile {source} cannot be used; nothing was loaded.{listed}")
    return _build(table, hashlib.sha256(content + extended).hexdigest())


def _is_name(name: str) -> bool:
    return re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name) is not None


def _parse(content: bytes, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnusableProfile(f"The profile {source} is not readable as TOML: {error}") from None


def _read_base(base: str, source: str) -> bytes:
    if not _is_name(base) or not (PROFILES / f"{base}.toml").exists():
        raise UnusableProfile(
            f"The profile {source} extends `{base}`, which does not come with the program. "
            "Nothing was loaded."
        )
    return (PROFILES / f"{base}.toml").read_bytes()


def _laid_over(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """A profile's own lines over those that it extends, table by table; "" takes a field of the base out."""
    laid = dict(base)
    for key, value in over.items():
        if value == "" and key in laid:
            del laid[key]
        elif isinstance(value, dict) and isinstance(laid.get(key), dict):
            laid[key] = _laid_over(laid[key], value)
        else:
            laid[key] = value
    return laid


def _build(table: dict[str, Any], digest: str) -> Profile:
    file = table.get("file", {})
    codes = {path: _codes(held) for path, held in flatten_codes(table.get("codes", {}))}
    agreed = tuple(table["may_supply"])
    records = file.get("records", ())
    mapped = [
        each
        for path, value in flatten(table["fields"])
        for each in _mapped(path, value, codes.get(path, ()), are_paths=file.get("format") in NESTED)
    ]
    constants = [(path, str(value)) for path, value in flatten(table.get("constants", {}))]
    return Profile(
        supplier=table["supplier"],
        name=table["name"],
        sector=table["sector"],
        must=table.get("must", False),
        sensitive=table.get("sensitive", False),
        legal_basis=table["legal_basis"],
        may_supply=agreed,
        precedence=table.get("precedence", 50),
        authority=str(table.get("authority", "")),
        one_row_per_child=table.get("one_row_per_child", True),
        registers_deaths=table.get("registers_deaths", False),
        kind=FeedKind(file.get("kind", "delta")),
        form=Form(
            format=file.get("format", "auto"),
            delimiter=file.get("delimiter", ","),
            encoding=file.get("encoding", "auto"),
            sheet=file.get("sheet", ""),
            records=(records,) if isinstance(records, str) else tuple(records),
            dates=file.get("dates", "YYYY-MM-DD"),
        ),
        mapped=tuple(each for each in mapped if _is_agreed(each.path, agreed)),
        constants=tuple((path, value) for path, value in constants if _is_agreed(path, agreed)),
        not_agreed=tuple(each.path for each in mapped if not _is_agreed(each.path, agreed)),
        digest=digest,
    )


def _is_agreed(path: str, agreed: tuple[str, ...]) -> bool:
    """Whether the supplier's agreement covers a field; what a row needs to be a row is always covered."""
    plain = re.sub(r"\.[0-9]+", "", path)
    return path in ROW_FIELDS or any(plain == each or plain.startswith(f"{each}.") for each in agreed)


def _mapped(
    path: str, value: Any, codes: tuple[tuple[str, str], ...], *, are_paths: bool
) -> Iterator[Mapped]:
    if path.endswith(".lines"):
        for index, line in enumerate([value] if isinstance(value, str) else value):
            columns = (line,) if isinstance(line, str) else tuple(line)
            yield Mapped(f"{path}.{index}", columns, Kind.TEXT, are_paths=are_paths)
    elif isinstance(value, dict):
        columns = tuple(value.get(part, "") for part in ("day", "month", "year"))
        columns = tuple(column for column in columns if column)
        yield Mapped(path, columns, kind_of(path), is_parts=True, are_paths=are_paths)
    else:
        columns = (value,) if isinstance(value, str) else tuple(value)
        yield Mapped(path, columns, kind_of(path), codes, are_paths=are_paths)


def _codes(held: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(theirs).strip().casefold(), str(ours)) for theirs, ours in held.items())
