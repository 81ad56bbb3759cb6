"""Writing one change: every table that a child's rows feed, each with one statement or COPY.

Decides nothing but the side: `hidden` rows never touch an open table (SHI-9).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from contactpoint.directory.copying import array, cell, copy_lines, copy_rows
from contactpoint.directory.identity import Identity
from contactpoint.directory.publish.moved import propose_moves
from contactpoint.directory.publish.reported import report_deaths
from contactpoint.directory.publish.rows import SensitivePart
from contactpoint.directory.publish.state import ChildState, StoredRow
from contactpoint.directory.search.filing import file_children, lock_vocabulary, unfile_children
from contactpoint.directory.search.index import Pair

OPEN_SINCE = date(2000, 1, 1)  # stands for "open" on a shielded child: the true date would tell the authority

_ROW = "id, child_id, supplier_id, reference, content, digest, load_id, supplied_at, ended_on"
_CHILD = (
    "id, shielded, authority, given_names, family_name, birth_date, born, gender, town, outward, postcodes,"
    " searchable_from, live_until"
)
_SENSITIVE = (
    "row_id, child_id, service, organisation, practitioner, role, started_on, ended_on, basis,"
    " consent_given_by, obtained_by_role, obtained_on, review_on"
)
_EFFECT = "row_id, load_id, child_id, effect, previous, weight, levels, model, decided_by, at"
_SHOWN = {
    "given_names": "text",
    "family_name": "text",
    "birth_date": "text",
    "born": "date",
    "gender": "text",
    "live_until": "date",
}
_PLACE = {"town": "text", "outward": "text", "postcodes": "text"}
_columns_of = attrgetter(*_SHOWN, *_PLACE)


# Nearly all are there already. Those of the chunk's children lie together: reading them costs less than
# trying each key at its random place in the index.
_ADD_KEYS = """
, held AS MATERIALIZED (
    SELECT key, child_id FROM hidden.blocking_key
    WHERE child_id = ANY(ARRAY(SELECT DISTINCT child FROM given))
)
INSERT INTO hidden.blocking_key (key, child_id)
SELECT key, child FROM given EXCEPT SELECT key, child_id FROM held
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one row did (SUP-5, SUP-8)."""

    row_id: int
    load_id: int
    child: int
    kind: str
    previous: str = ""
    weight: float | None = None
    levels: tuple[int, ...] = ()
    model: str = ""
    decided_by: int | None = None


@dataclass(slots=True)
class Change:
    """All that one call changes."""

    states: Mapping[int, ChildState]
    at: datetime
    on: date
    arrived: list[tuple[int, StoredRow]] = field(default_factory=list)
    sensitive: list[tuple[int, int, SensitivePart]] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    ended: list[StoredRow] = field(default_factory=list)  # stay, with a date or without one again


def write_change(cursor: Any, change: Change) -> None:
    """Put the states as they are now into the database."""
    states = change.states.values()
    refiled, added = _find_refiled(states)
    stale = [child for child in refiled if not change.states[child].is_new]
    lock_vocabulary(cursor, alone=bool(stale))
    _delete_rows(cursor, [row for state in states for row in state.removed])
    _write_children(cursor, [state for state in states if state.is_new])
    _update_children(cursor, change)
    propose_moves(cursor, states=states, at=change.at)
    report_deaths(cursor, arrived=change.arrived, at=change.at)
    _write_rows(cursor, change)
    _write_ends(cursor, change.ended)
    if stale:
        unfile_children(cursor, stale)
    born = {state.id: state.after.born for state in states if state.after}
    filed = {child: pairs for child, pairs in refiled.items() if pairs}
    file_children(cursor, filed, born, further=added)
    _write_numbers(cursor, states)
    _write_blocking_keys(cursor, change)
    copy_rows(
        cursor,
        "hidden.row_effect",
        _EFFECT,
        (
            (
                e.row_id,
                e.load_id,
                e.child,
                e.kind,
                e.previous or None,
                e.weight,
                e.levels,
                e.model,
                e.decided_by,
                change.at,
            )
            for e in change.effects
        ),
    )


def _pairs(state: ChildState) -> frozenset[Pair]:
    if state.after is None:
        return frozenset()
    return state.after.visible_pairs if state.shielded else state.after.pairs


def _find_refiled(
    states: Iterable[ChildState],
) -> tuple[dict[int, frozenset[Pair]], dict[int, frozenset[Pair]]]:
    """Children to be filed anew under these pairs, and those to be filed under these pairs too.

    Nearly always another row adds ways to find a child and takes none away: then nobody need wait.
    """
    refiled: dict[int, frozenset[Pair]] = {}
    added: dict[int, frozenset[Pair]] = {}
    for state in states:
        now = _pairs(state)
        if state.before is None or state.after is None:
            refiled[state.id] = now
            continue
        before = state.before.visible_pairs if state.was_shielded else state.before.pairs
        if before - now or state.before.born != state.after.born:
            refiled[state.id] = now
        elif now - before:
            added[state.id] = now - before
    return refiled, added


def _delete_rows(cursor: Any, rows: list[StoredRow]) -> None:
    for hidden, table in ((False, "directory_suppliedrow"), (True, "hidden.supplied_row")):
        gone = [row.id for row in rows if row.hidden is hidden]
        if gone:
            cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s::bigint[])", [array(gone)])
    sensitive = [row.id for row in rows if row.sensitive]
    if sensitive:
        cursor.execute("DELETE FROM hidden.sensitive_involvement WHERE row_id = ANY(%s)", [sensitive])


def _write_children(cursor: Any, states: list[ChildState]) -> None:
    if not states:
        return
    cursor.execute("SELECT authority, searchable_from FROM directory_authorityopening")
    opened: dict[str, date | None] = dict(cursor.fetchall())
    copy_rows(cursor, "directory_child", _CHILD, (_child(state, opened) for state in states))


def _child(state: ChildState, opened: Mapping[str, date | None]) -> tuple[Any, ...]:
    shown = _known(state)
    since = opened.get(state.authority)
    name = (shown.given_names, shown.family_name, shown.birth_date, shown.born, shown.gender)
    if state.shielded:
        searchable = OPEN_SINCE if since else None
        return (state.id, True, None, *name, "", "", "", searchable, shown.live_until)
    place = (shown.town, shown.outward, shown.postcodes)
    return (state.id, False, state.authority, *name, *place, since, shown.live_until)


def _known(state: ChildState) -> Identity:
    if state.after is None:
        raise ValueError("a new child without an identity was let through")
    return state.after


def _update_children(cursor: Any, change: Change) -> None:
    """What search shows of existing children. A child without rows stops being live (SUP-5)."""
    ended = [state.id for state in change.states.values() if state.after is None]
    if ended:
        cursor.execute("UPDATE directory_child SET live_until = %s WHERE id = ANY(%s)", [change.on, ended])
    changed = [
        (state, state.after)
        for state in change.states.values()
        if not state.is_new
        and state.after is not None
        and (state.before is None or _columns_of(state.before) != _columns_of(state.after))
    ]
    for shielded, columns in ((True, _SHOWN), (False, {**_SHOWN, **_PLACE})):
        some = [(state, after) for state, after in changed if state.shielded is shielded]
        if some:
            names = ", ".join(columns)
            given = ", ".join(f"new.{name}" for name in columns)
            arrays = ", ".join(f"%s::{kind}[]" for kind in ("bigint", *columns.values()))
            cursor.execute(
                f"UPDATE directory_child c SET ({names}) = ROW({given})"
                f" FROM unnest({arrays}) AS new (id, {names}) WHERE c.id = new.id",
                [
                    array(state.id for state, _ in some),
                    *(array(getattr(after, name) for _, after in some) for name in columns),
                ],
            )


def _write_rows(cursor: Any, change: Change) -> None:
    for hidden, table in ((False, "directory_suppliedrow"), (True, "hidden.supplied_row")):
        lines = (
            f"{row.id}\t{child}\t{cell(row.supplier)}\t{cell(row.reference)}\t{cell(row.text)}\t{cell(row.digest)}"
            f"\t{row.load_id}\t{row.held.supplied_at.isoformat()}\t{cell(row.held.ended_on)}"
            for child, row in change.arrived
            if row.hidden is hidden
        )
        copy_lines(cursor, table, _ROW, lines)
    copy_rows(
        cursor,
        "hidden.sensitive_involvement",
        _SENSITIVE,
        (
            (
                number, child, part.service, part.organisation, part.practitioner, part.role, part.started_on,
                part.ended_on, part.basis, part.consent_given_by, part.obtained_by_role, part.obtained_on,
                part.review_on,
            )
            for number, child, part in change.sensitive
        ),
    )  # fmt: skip


def _write_ends(cursor: Any, rows: list[StoredRow]) -> None:
    for hidden, table in ((False, "directory_suppliedrow"), (True, "hidden.supplied_row")):
        some = [row for row in rows if row.hidden is hidden]
        if some:
            cursor.execute(
                f"UPDATE {table} r SET ended_on = given.day"
                " FROM unnest(%s::bigint[], %s::date[]) AS given (id, day) WHERE r.id = given.id",
                [[row.id for row in some], [row.held.ended_on for row in some]],
            )


def _write_numbers(cursor: Any, states: Iterable[ChildState]) -> None:
    """Exact numbers of open children; a shield has taken them away already (SHI-2)."""
    gone: list[tuple[str, str, int]] = []
    fresh: list[tuple[str, str, int]] = []
    for state in states:
        if state.shielded:
            continue
        now = state.after.numbers if state.after else frozenset()
        before = state.before.numbers if state.before else frozenset()
        if now != before:
            gone += [(kind, value, state.id) for kind, value in before - now]
            fresh += [(kind, value, state.id) for kind, value in now - before]
    if gone:
        cursor.execute(
            "DELETE FROM directory_searchnumber n USING unnest(%s::text[], %s::text[], %s::bigint[])"
            " AS gone (kind, value, child_id)"
            " WHERE (n.kind, n.value, n.child_id) = (gone.kind, gone.value, gone.child_id)",
            [array(column) for column in zip(*gone, strict=True)],
        )
    copy_lines(
        cursor,
        "directory_searchnumber",
        "kind, value, child_id",
        (f"{kind}\t{cell(value)}\t{child}" for kind, value, child in fresh),
    )


def _write_blocking_keys(cursor: Any, change: Change) -> None:
    arrived: dict[int, set[int]] = {}
    for child, row in change.arrived:
        arrived.setdefault(child, set()).update(row.hashes)
    copy_lines(
        cursor,
        "hidden.blocking_key",
        "key, child_id",
        (f"{key}\t{child}" for child, keys in arrived.items() if change.states[child].is_new for key in keys),
    )
    added = [
        (key, child) for child, keys in arrived.items() if not change.states[child].is_new for key in keys
    ]
    gone = [
        (key, state.id)
        for state in change.states.values()
        if state.removed
        for key in _keys_of(state.removed) - _keys_of(state.rows.values())
    ]
    for pairs, statement in (
        (added, _ADD_KEYS),
        (
            gone,
            "DELETE FROM hidden.blocking_key b USING given g WHERE (b.key, b.child_id) = (g.key, g.child)",
        ),
    ):
        if pairs:
            cursor.execute(
                f"WITH given (key, child) AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[])) {statement}",
                [array(key for key, _ in pairs), array(child for _, child in pairs)],
            )


def _keys_of(rows: Iterable[StoredRow]) -> set[int]:
    return {key for row in rows for key in row.hashes}
