"""Taking one load's rows back: what the same supplier said before is shown again, else nothing (SUP-5).

Touches no row of any other load. A shield stays, a number is never used again, and a restored row goes
to the side where its child's rows are now (SHI-5).
A sensitive entry is only ever taken away: no copy is kept of one that consent may have ended (SEN-7).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from contactpoint.access.policies import ENGLAND
from contactpoint.directory.ended import as_ended
from contactpoint.directory.identity import HeldRow
from contactpoint.directory.publish.publishing import by_index_only
from contactpoint.directory.publish.state import (
    ChildState,
    RowKey,
    StoredRow,
    SupplierFacts,
    find_holders,
    load_states,
    read_suppliers,
)
from contactpoint.directory.publish.writing import Change, Effect, write_change
from contactpoint.directory.redirects import follow_numbers


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier version of a row as its effect kept it, and whose it is to be."""

    child: int
    digest: bytes
    content: Mapping[str, Any]
    load_id: int
    supplied_at: datetime
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Restored:
    """In rows; `kept` are the only ones of a child with whom practitioners work: ended, not removed."""

    removed: int = 0
    restored: int = 0
    kept: int = 0


def find_supported(cursor: Any, children: Sequence[int]) -> set[int]:
    """Children with whom practitioners recorded own work, on either side."""
    tables = ("directory_involvement", "directory_assessment", "hidden.involvement", "hidden.assessment")
    sides = " UNION ".join(f"SELECT child_id FROM {table} WHERE child_id = ANY(%(some)s)" for table in tables)
    cursor.execute(sides, {"some": list(children)})
    return {child for (child,) in cursor.fetchall()}


def restore_rows(
    *, cursor: Any, keys: Mapping[RowKey, Earlier | None], load_id: int, at: datetime
) -> Restored:
    """Put these current rows back to their earlier versions, or take them away where there is none."""
    on = at.astimezone(ENGLAND).date()
    with by_index_only(cursor):
        suppliers = read_suppliers(cursor)
        led = follow_numbers(cursor=cursor, numbers={each.child for each in keys.values() if each})
        holders = find_holders(cursor, keys) | {
            led.get(each.child, each.child) for each in keys.values() if each
        }
        states = load_states(cursor, children=holders, suppliers=suppliers, on=on)
        supported = find_supported(cursor, sorted(holders))
        change = Change(states=states, at=at, on=on)
        restored = kept = removed = 0
        for state in list(states.values()):
            for key in sorted(keys.keys() & state.rows.keys()):
                row = state.rows[key]
                earlier = None if row.sensitive else keys[key]
                if earlier is None and len(state.rows) == 1 and state.id in supported:
                    if row.held.ended_on is None:
                        row.held = HeldRow(
                            row.held.precedence, row.held.supplied_at, as_ended(row.said, on), on
                        )
                        change.ended.append(row)
                    change.effects.append(Effect(row.id, load_id, state.id, "ended"))
                    kept += 1
                    continue
                del state.rows[key]
                state.removed.append(row)
                change.effects.append(Effect(row.id, load_id, state.id, "withdrawn", previous=row.previous))
                if earlier is None:
                    removed += 1
                else:
                    target = states[led.get(earlier.child, earlier.child)]
                    _arrive(cursor, change, target, key, earlier, suppliers)
                    restored += 1
        for state in states.values():
            state.after = state.identity(on)
        write_change(cursor, change)
    return Restored(removed, restored, kept)


def _arrive(
    cursor: Any,
    change: Change,
    state: ChildState,
    key: RowKey,
    earlier: Earlier,
    suppliers: Mapping[str, SupplierFacts],
) -> None:
    cursor.execute("SELECT nextval('directory_supplied_row_id')")
    (number,) = cursor.fetchone()
    facts = suppliers[key[0]]
    content = as_ended(earlier.content, earlier.ended_on) if earlier.ended_on else earlier.content
    row = StoredRow(
        number,
        *key,
        json.dumps(earlier.content, ensure_ascii=False, separators=(",", ":")),
        earlier.digest,
        earlier.load_id,
        HeldRow(facts.precedence, earlier.supplied_at, content, earlier.ended_on),
        hidden=state.shielded or facts.sensitive,
        sensitive=False,
        child=state.id,
    )
    state.rows[key] = row
    change.arrived.append((state.id, row))
    change.effects.append(Effect(number, earlier.load_id, state.id, "reinstated"))
