"""Rows that their supplier marks as restricted: a provisional shield at once (SHI-4, SHI-8).

So is a child whom the ledger says was shielded, and whom a restored database did not have (RET-4).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.directory.copying import copy_rows
from contactpoint.directory.keeping import ledger
from contactpoint.directory.keeping.awaited import (
    Told,
    find_awaited,
    find_marks,
    is_anything_awaited,
    mark_told,
    to_fact,
)
from contactpoint.directory.keeping.child_keys import KeysNotWritten, MasterKeyLost
from contactpoint.directory.keeping.marking import read_marker
from contactpoint.directory.publish.rows import PublishedRow
from contactpoint.directory.publish.state import ChildState
from contactpoint.directory.search.filing import file_children, lock_vocabulary, unfile_children
from contactpoint.directory.search.index import find_pairs

GROUND = "marked as restricted by a supplier"
REVIEW_AFTER = timedelta(days=183)  # SHI-4: six months


def shield_marked(
    cursor: Any, *, rows: Sequence[PublishedRow], states: Mapping[int, ChildState], at: datetime, on: date
) -> int:
    """Shield the children of marked rows that are not shielded yet; gives how many.

    A new child is born shielded: its rows go to the hidden side straight away (`writing` adds its shield).
    """
    awaited = find_awaited(cursor, rows=_tell(rows)) if is_anything_awaited(cursor) else {}
    by_source: dict[tuple[str, str], list[ChildState]] = {}
    for place, row in enumerate(rows):
        state = states[row.child_id]
        if (row.restricted or place in awaited) and not state.shielded:
            state.shielded = True
            shield = awaited.get(place)
            why = (shield.requested_by, shield.ground) if shield else (row.supplier, GROUND)
            by_source.setdefault(why, []).append(state)
    for (source, ground), marked in by_source.items():
        existing = [state for state in marked if not state.is_new]
        if existing:
            apply_shield_function(
                cursor,
                children=[state.id for state in existing],
                ground=ground,
                requested_by=source,
                provisional=True,
                applied_by=None,
                at=at,
                review_on=on + REVIEW_AFTER,
            )
        for state in existing:
            for stored in state.rows.values():
                stored.hidden = True
        born = [state for state in marked if state.is_new]
        _write_born(cursor, born, rows, source, ground, at, on)
        record_event(
            kind=EventKind.SHIELD_APPLIED,
            actor=Actor(None, None, "worker"),
            at=at,
            children=[state.id for state in marked],
            facts={"provisional": 1},
            using=cursor.db.alias,
        )
    return sum(map(len, by_source.values()))


def shield_child(
    cursor: Any,
    *,
    child: int,
    ground: str,
    requested_by: str,
    provisional: bool,
    applied_by: int | None,
    at: datetime,
    review_on: date,
    is_replayed: bool = False,
) -> bool:
    """Shield one existing child, as the server, for every request from the commit on; False if it was so.

    Nobody finds the child by a hidden name afterwards: it is filed by its current name alone (SHI-3).
    """
    cursor.execute(
        "SELECT given_names, family_name, born, shielded FROM directory_child WHERE id = %s FOR UPDATE",
        [child],
    )
    found = cursor.fetchone()
    if found is None or found[3]:
        return False
    given_names, family_name, born, _ = found
    lock_vocabulary(cursor, alone=True)
    unfile_children(cursor, [child])
    pairs = find_pairs(given_names=given_names, family_name=family_name)
    file_children(cursor, {child: pairs}, {child: born})
    apply_shield_function(
        cursor,
        children=[child],
        ground=ground,
        requested_by=requested_by,
        provisional=provisional,
        applied_by=applied_by,
        at=at,
        review_on=review_on,
        is_replayed=is_replayed,
    )
    return True


def apply_shield_function(
    cursor: Any,
    *,
    children: list[int],
    ground: str,
    requested_by: str,
    provisional: bool,
    applied_by: int | None,
    at: datetime,
    review_on: date,
    is_replayed: bool = False,
) -> list[int]:
    """Call the hidden door; gives the children not shielded before. The ledger knows beforehand (RET-4)."""
    marks = {} if is_replayed else find_marks(cursor, children=children)
    cursor.execute(
        "SELECT directory_apply_shield("
        "%s::bigint[], %s::text, %s::text, %s, %s::bigint, %s::timestamptz, %s::date)",
        [children, ground, requested_by, provisional, applied_by, at, review_on],
    )
    fresh = list(cursor.fetchone()[0])
    if fresh and not is_replayed:
        known = {child: marks[child] for child in fresh if child in marks}
        _announce(cursor, fresh, known, ground, requested_by, provisional, applied_by, at, review_on)
    return fresh


def _announce(
    cursor: Any,
    children: list[int],
    marks: Mapping[int, Sequence[str]],
    ground: str,
    requested_by: str,
    provisional: bool,
    applied_by: int | None,
    at: datetime,
    review_on: date,
) -> None:
    ledger.announce(
        cursor,
        deed=ledger.Deed.SHIELDED,
        children=children,
        facts={
            "ground": ground,
            "requested_by": requested_by,
            "provisional": provisional,
            "applied_by": applied_by,
            "review_on": review_on.isoformat(),
            "marks": to_fact(marks),
        },
        at=at,
    )


def _write_born(
    cursor: Any,
    born: list[ChildState],
    rows: Sequence[PublishedRow],
    source: str,
    ground: str,
    at: datetime,
    on: date,
) -> None:
    # The children's own rows follow in the same transaction: the foreign key is checked then.
    copy_rows(
        cursor,
        "hidden.shield",
        "child_id, authority, ground, requested_by, provisional, applied_at, review_on",
        ((state.id, state.authority, ground, source, True, at, on + REVIEW_AFTER) for state in born),
    )
    if born:
        children = [state.id for state in born]
        marks = mark_rows(rows=[row for row in rows if row.child_id in set(children)])
        _announce(cursor, children, marks, ground, source, True, None, at, on + REVIEW_AFTER)


def mark_rows(*, rows: Sequence[PublishedRow]) -> dict[int, list[str]]:
    """By child: what these rows are known again by after a restore; nothing without the master key."""
    if not rows:
        return {}
    try:
        marker = read_marker()
    except (MasterKeyLost, KeysNotWritten):
        return {}
    marks: dict[int, set[str]] = {}
    for row, told in zip(rows, _tell(rows), strict=True):
        marks.setdefault(row.child_id, set()).update(mark_told(marker=marker, told=told))
    return {child: sorted(each) for child, each in marks.items()}


def _tell(rows: Sequence[PublishedRow]) -> list[Told]:
    return [Told(row.supplier, row.reference, json.loads(row.content)) for row in rows]
