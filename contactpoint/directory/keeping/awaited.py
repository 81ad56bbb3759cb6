"""Shields, and destroyed rows, of children whom a restored database does not have (RET-4, SHI-5).

The ledger names them by keyed digests of what their rows said; when a feed brings such a row again,
it is born shielded, or not published at all.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contactpoint.directory.keeping.child_keys import KeysNotWritten, MasterKeyLost
from contactpoint.directory.keeping.marking import Marker, read_marker
from contactpoint.directory.match_rows import match_row

# Names and a date of birth may be another child's: they are kept until the child itself has come back.
_SURE = ("reference", "number")
_ROWS = "SELECT child_id, supplier_id, reference, content::text FROM {table} WHERE child_id = ANY(%s)"
_OPEN, _BOTH = ("directory_suppliedrow",), ("directory_suppliedrow", "hidden.supplied_row")
_AWAIT = """
INSERT INTO hidden.awaited_shield (mark, number, ground, requested_by, review_on)
VALUES (%s, %s, %s, %s, %s) ON CONFLICT (mark, number) DO NOTHING
"""
_FIND = "SELECT mark, number, ground, requested_by, review_on FROM hidden.awaited_shield WHERE mark = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Told:
    """What one supplied row says that it is known again by."""

    supplier: str
    reference: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AwaitedShield:
    """The shield that a child had. `number` is the child's before the restore."""

    number: int
    ground: str
    requested_by: str
    review_on: date


def find_marks(cursor: Any, *, children: Sequence[int], is_hidden: bool = False) -> dict[int, list[str]]:
    """Marks of these children's rows, as text; of open rows, or of both sides.

    Without the master key there are none: a shield never waits for a key.
    """
    try:
        marker = read_marker()
    except (MasterKeyLost, KeysNotWritten):
        return {}
    found: dict[int, set[str]] = {}
    for table in _BOTH if is_hidden else _OPEN:
        cursor.execute(_ROWS.format(table=table), [list(children)])
        for child, supplier, reference, text in cursor.fetchall():
            found.setdefault(child, set()).update(
                mark_told(marker=marker, told=Told(supplier, reference, json.loads(text)))
            )
    return {child: sorted(marks) for child, marks in found.items()}


def mark_told(*, marker: Marker, told: Told) -> set[str]:
    """Reference, numbers, and name with date of birth: 'kind:digest' each."""
    row = match_row(key="", content=told.content)
    marks = {f"reference:{marker.mark_reference(supplier=told.supplier, reference=told.reference).hex()}"}
    for kind, value in (("nhs", row.nhs), ("upn", row.upn)):
        if value:
            marks.add(f"number:{marker.mark_number(kind=kind, value=value).hex()}")
    if row.given and row.family and len(row.birth_date) == 10:
        person = marker.mark_person(given=row.given, family=row.family, birth_date=row.birth_date)
        marks.add(f"person:{person.hex()}")
    return marks


def await_shield(cursor: Any, *, shield: AwaitedShield, marks: Iterable[str]) -> None:
    """Shield the child when it comes."""
    cursor.executemany(
        _AWAIT,
        [[mark, shield.number, shield.ground, shield.requested_by, shield.review_on] for mark in marks],
    )


def await_no_longer(cursor: Any, *, number: int) -> None:
    """The shield of that child was lifted, or it is destroyed."""
    cursor.execute("DELETE FROM hidden.awaited_shield WHERE number = %s", [number])


def forget_marks(cursor: Any, *, children: Sequence[int]) -> None:
    """What these children's rows say is awaited no more: an officer decided about them (SHI-4)."""
    if is_anything_awaited(cursor):
        marks = find_marks(cursor, children=children, is_hidden=True)
        said = [mark for each in marks.values() for mark in each]
        cursor.execute("DELETE FROM hidden.awaited_shield WHERE mark = ANY(%s)", [said])


def is_anything_awaited(cursor: Any) -> bool:
    """Cheap: nearly always nothing is."""
    cursor.execute("SELECT EXISTS (SELECT 1 FROM hidden.awaited_shield)")
    return bool(cursor.fetchone()[0])


def find_awaited(cursor: Any, *, rows: Sequence[Told]) -> dict[int, AwaitedShield]:
    """By place in `rows`: the shield that awaits that row's child. What surely is the child is used up."""
    if not rows or not is_anything_awaited(cursor):
        return {}
    marker = read_marker()
    places: dict[str, list[int]] = {}
    for place, told in enumerate(rows):
        for mark in mark_told(marker=marker, told=told):
            places.setdefault(mark, []).append(place)
    cursor.execute(_FIND, [list(places)])
    found: dict[int, AwaitedShield] = {}
    arrived: set[int] = set()
    for mark, number, ground, requested_by, review_on in cursor.fetchall():
        for place in places[mark]:
            found[place] = AwaitedShield(number, ground, requested_by, review_on)
        if mark.startswith(_SURE):
            arrived.add(number)
    cursor.execute("DELETE FROM hidden.awaited_shield WHERE number = ANY(%s)", [sorted(arrived)])
    return found


def find_held_by_others(cursor: Any) -> dict[int, AwaitedShield]:
    """Open children that hold a row of an awaited one: the two were parted or joined after the backup."""
    if not is_anything_awaited(cursor):
        return {}
    marker = read_marker()
    cursor.execute(
        "SELECT mark, number, ground, requested_by, review_on FROM hidden.awaited_shield"
        " WHERE starts_with(mark, 'reference:')"
    )
    awaited = {mark: AwaitedShield(*shield) for mark, *shield in cursor.fetchall()}
    cursor.execute("SELECT child_id, supplier_id, reference FROM directory_suppliedrow")
    found: dict[int, AwaitedShield] = {}
    while rows := cursor.fetchmany(50_000):
        for child, supplier, reference in rows:
            mark = f"reference:{marker.mark_reference(supplier=supplier, reference=reference).hex()}"
            if mark in awaited:
                found[child] = awaited[mark]
    return found


def to_fact(marks: Mapping[int, Sequence[str]]) -> str:
    """As the ledger keeps them."""
    return ";".join(f"{child}={','.join(each)}" for child, each in sorted(marks.items()) if each)


def from_fact(text: str) -> dict[int, list[str]]:
    """The reverse."""
    parts = (part.split("=", 1) for part in text.split(";") if part)
    return {int(child): marks.split(",") for child, marks in parts}
