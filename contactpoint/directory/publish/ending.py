"""Rows that their supplier no longer holds: they stay, as history (SUP-3, INV-4).

The row keeps its child, its side and its shield; only what it asserts has an end.
A sensitive involvement ends with its row, on the hidden side (SEN-3).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from contactpoint.access.policies import ENGLAND
from contactpoint.directory.ended import as_ended
from contactpoint.directory.publish.publishing import by_index_only
from contactpoint.directory.publish.state import (
    ChildState,
    RowKey,
    StoredRow,
    find_holders,
    load_states,
    read_suppliers,
)
from contactpoint.directory.publish.writing import Change, Effect, write_change


def end_rows(*, cursor: Any, keys: Iterable[RowKey], load_id: int, at: datetime) -> int:
    """End current rows, by (supplier, reference); gives how many. What has ended already stays."""
    on = at.astimezone(ENGLAND).date()
    return _redate(cursor, set(keys), on, "ended", load_id, at)


def resume_rows(*, cursor: Any, keys: Iterable[RowKey], load_id: int, at: datetime) -> int:
    """Undo the end of rows: their supplier holds them after all (SUP-5). Gives how many."""
    return _redate(cursor, set(keys), None, "reinstated", load_id, at)


def _redate(
    cursor: Any, wanted: set[RowKey], ended_on: date | None, kind: str, load_id: int, at: datetime
) -> int:
    on = at.astimezone(ENGLAND).date()
    with by_index_only(cursor):
        suppliers = read_suppliers(cursor)
        holders = find_holders(cursor, wanted)
        states = load_states(cursor, children=holders, suppliers=suppliers, on=on)
        change = Change(states=states, at=at, on=on)
        before: list[date | None] = []
        for state in states.values():
            for key in wanted & state.rows.keys():
                if (state.rows[key].held.ended_on is None) is (ended_on is not None):
                    before.append(state.rows[key].held.ended_on)
                    _redate_row(state, key, ended_on, change)
                    change.effects.append(Effect(state.rows[key].id, load_id, state.id, kind))
            state.after = state.identity(on)
        write_change(cursor, change)
        _redate_sensitive(cursor, [row.id for row in change.ended if row.sensitive], before, ended_on)
    return len(change.ended)


def _redate_row(state: ChildState, key: RowKey, ended_on: date | None, change: Change) -> None:
    row: StoredRow = state.rows[key]
    said = row.said
    row.held = replace(row.held, content=as_ended(said, ended_on) if ended_on else said, ended_on=ended_on)
    change.ended.append(row)


def _redate_sensitive(cursor: Any, rows: list[int], before: list[date | None], ended_on: date | None) -> None:
    """An end that the service itself gave stays."""
    if rows and ended_on is not None:
        cursor.execute(
            "UPDATE hidden.sensitive_involvement SET ended_on = %s"
            " WHERE row_id = ANY(%s) AND ended_on IS NULL",
            [ended_on, rows],
        )
    elif rows:
        cursor.execute(
            "UPDATE hidden.sensitive_involvement SET ended_on = NULL"
            " WHERE row_id = ANY(%s) AND ended_on = ANY(%s)",
            [rows, [day for day in before if day]],
        )
