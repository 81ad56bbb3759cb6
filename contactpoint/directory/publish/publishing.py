"""Publishing rows, and taking them back: one readable course of events for one row and for thousands."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from contactpoint.access.policies import ENGLAND
from contactpoint.codes.child_number import new_value
from contactpoint.directory.copying import array
from contactpoint.directory.identity import HeldRow
from contactpoint.directory.keeping.withdrawn import SensitiveRow, mark_sensitive
from contactpoint.directory.locks import keep_openings
from contactpoint.directory.publish.rows import NotPublished, PublishCounts, PublishedRow
from contactpoint.directory.publish.shielding import shield_marked
from contactpoint.directory.publish.state import (
    ChildState,
    RowKey,
    StoredRow,
    find_holders,
    held_row,
    identify,
    load_states,
    read_suppliers,
)
from contactpoint.directory.publish.writing import Change, Effect, write_change
from contactpoint.directory.redirects import follow_numbers

MANY = 500
Said = Mapping[RowKey, tuple[HeldRow, bool]]  # what each row says, and whether it is sensitive


def new_child_ids(*, cursor: Any, count: int) -> list[int]:
    """Fresh random numbers that no record has (REC-4)."""
    found: set[int] = set()
    while len(found) < count:
        drawn = {new_value() for _ in range(count - len(found))} - found
        cursor.execute("SELECT id FROM directory_child WHERE id = ANY(%s::bigint[])", [array(sorted(drawn))])
        found |= drawn - {child for (child,) in cursor.fetchall()}
    return list(found)


def publish_rows(*, cursor: Any, rows: Sequence[PublishedRow], at: datetime) -> PublishCounts:
    """Publish rows, each for its child: records, both sides, search, blocking keys and effects, all at once.

    Runs in the caller's transaction on the connection `match`.
    Logs only the shields it applies: a feed logs its chunks.
    A row that its supplier sent before replaces its earlier version, whichever child had that.
    There may be anything from one row to some ten thousand; a supplier's reference may stand in them once.
    Raises NoSuchChild; a row for somebody who is 18 already comes back in `not_published` (REC-10).
    """
    on = at.astimezone(ENGLAND).date()
    keep_openings(cursor)
    led = follow_numbers(cursor=cursor, numbers={row.child_id for row in rows if not row.is_new})
    if led:
        rows = [replace(row, child_id=led.get(row.child_id, row.child_id)) for row in rows]
    with by_index_only(cursor), without_collecting(rows=len(rows)):
        suppliers = read_suppliers(cursor)
        said = {(row.supplier, row.reference): held_row(row, suppliers[row.supplier]) for row in rows}
        made, refused = _judge_new(rows, said, on)
        accepted = [row for row in rows if row.child_id not in refused]
        existing = {row.child_id for row in accepted} - made.keys()
        existing |= find_holders(cursor, ((row.supplier, row.reference) for row in accepted))
        states = made | load_states(cursor, children=existing, suppliers=suppliers, on=on)
        shielded = shield_marked(cursor, rows=accepted, states=states, at=at, on=on)
        change = Change(states=states, at=at, on=on)
        _take_in(cursor, accepted, said, change)
        for state in states.values():
            if not state.is_new:
                state.after = state.identity(on)
        mark_sensitive(cursor, rows=list(_sensitive(change)))
        write_change(cursor, change)
    kinds = [effect.kind for effect in change.effects]
    return PublishCounts(
        made=len(made),
        linked=kinds.count("linked"),
        replaced=kinds.count("replaced"),
        shielded=shielded,
        not_published=tuple(
            NotPublished(row.supplier, row.reference, refused[row.child_id])
            for row in rows
            if row.child_id in refused
        ),
    )


def remove_rows(*, cursor: Any, keys: Iterable[RowKey], load_id: int, at: datetime) -> int:
    """Take current rows back, by (supplier, reference), and show each child by what is left (SUP-5).

    A child of whom nothing is left stops being live; its number is never used again. Gives how many went.
    """
    on = at.astimezone(ENGLAND).date()
    wanted = set(keys)
    with by_index_only(cursor):
        suppliers = read_suppliers(cursor)
        holders = find_holders(cursor, wanted)
        states = load_states(cursor, children=holders, suppliers=suppliers, on=on)
        change = Change(states=states, at=at, on=on)
        for state in states.values():
            for key in wanted & state.rows.keys():
                gone = state.rows.pop(key)
                state.removed.append(gone)
                change.effects.append(Effect(gone.id, load_id, state.id, "withdrawn", previous=gone.previous))
            state.after = state.identity(on)
        write_change(cursor, change)
    return len(change.effects)


def _judge_new(
    rows: Sequence[PublishedRow], said: Said, on: date
) -> tuple[dict[int, ChildState], dict[int, str]]:
    """The children to be made, and those of whom no record may be made, with why not (REC-10)."""
    grouped: dict[int, list[PublishedRow]] = {}
    for row in rows:
        if row.is_new:
            grouped.setdefault(row.child_id, []).append(row)
    made: dict[int, ChildState] = {}
    refused: dict[int, str] = {}
    for child, each in grouped.items():
        identity = identify([said[row.supplier, row.reference] for row in each], on)
        if identity is None:
            refused[child] = "no-birth-date"
        elif identity.live_until <= on:
            refused[child] = "already-18"
        else:
            authority = identity.authority or next((row.authority for row in each if row.authority), "")
            if not authority:
                raise ValueError("a row of a new child must name the supplier's authority")
            made[child] = ChildState(child, is_new=True, authority=authority, after=identity)
    return made, refused


def _take_in(cursor: Any, rows: Sequence[PublishedRow], said: Said, change: Change) -> None:
    holders = {key: state for state in change.states.values() for key in state.rows}
    cursor.execute("SELECT nextval('directory_supplied_row_id') FROM generate_series(1, %s)", [len(rows)])
    for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
        key = (row.supplier, row.reference)
        state = change.states[row.child_id]
        previous = ""
        if key in holders:
            gone = holders[key].rows.pop(key)
            holders[key].removed.append(gone)
            previous = gone.previous
        kind = "replaced" if previous else "linked" if state.rows or not state.is_new else "made-child"
        stored = _store(row, number, *said[key], state)
        state.rows[key] = stored
        change.arrived.append((state.id, stored))
        if row.sensitive is not None:
            change.sensitive.append((number, state.id, row.sensitive))
        change.effects.append(
            Effect(
                number,
                row.load_id,
                state.id,
                kind,
                previous,
                row.weight,
                row.levels,
                row.model,
                row.decided_by,
            )
        )


def _sensitive(change: Change) -> Iterator[SensitiveRow]:
    keys = {row.id: row for _, row in change.arrived}
    for number, child, part in change.sensitive:
        row = keys[number]
        yield SensitiveRow(number, child, row.supplier, row.reference, part.organisation, part.service)


def _store(row: PublishedRow, number: int, held: HeldRow, sensitive: bool, state: ChildState) -> StoredRow:
    """The row on the side where it belongs (SHI-5)."""
    return StoredRow(
        number,
        row.supplier,
        row.reference,
        row.content,
        row.digest,
        row.load_id,
        held,
        hidden=state.shielded or sensitive,
        sensitive=sensitive,
        child=state.id,
        keys=row.keys,
    )


@contextmanager
def without_collecting(*, rows: int) -> Iterator[None]:
    """Many rows make many small values and no cycles: looking for those costs a third of the time.

    Around all chunks of a file rather than around each: where it ends, all that is alive is looked through.
    """
    pause = rows > MANY and gc.isenabled()
    if pause:
        gc.disable()
    try:
        yield
    finally:
        if pause:
            gc.enable()


@contextmanager
def by_index_only(cursor: Any) -> Iterator[None]:
    """While tables grow by a bulk load their statistics are behind, and whole tables would be read."""
    cursor.execute("SET LOCAL enable_seqscan = off")
    yield
    cursor.execute("SET LOCAL enable_seqscan = on")
