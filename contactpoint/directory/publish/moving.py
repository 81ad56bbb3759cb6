"""Joining two records and parting them again: rows, entries and numbers move, values never change (REC-4).

Runs as `match`, in the caller's transaction; decides nothing but the side.
A joined record is shielded if any part was, and parting never takes a shield away (SHI-5):
a shielded record is joined by others, never the other way round, and what is parted from it is shielded too.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from contactpoint.access.policies import ENGLAND
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.directory.locks import keep_openings
from contactpoint.directory.publish.entries import Entries, gather_entries, move_entries, restore_entries
from contactpoint.directory.publish.shielding import REVIEW_AFTER, apply_shield_function
from contactpoint.directory.publish.state import ChildState, RowKey, load_states, read_suppliers
from contactpoint.directory.publish.writing import OPEN_SINCE, Change, Effect, write_change
from contactpoint.errors import Conflict

PARTED = "parted from a shielded record"


class CannotMove(Conflict):
    """The records are no longer as they were when this was decided."""


def join_children(
    *, cursor: Any, survivor: int, other: int, decided_by: int | None, at: datetime
) -> tuple[list[RowKey], Entries]:
    """All that is kept of `other` becomes the survivor's; its number leads there from now on.

    Gives what moved, for parting them again. Raises CannotMove where the other alone is shielded.
    """
    on = at.astimezone(ENGLAND).date()
    states = load_states(cursor, children={survivor, other}, suppliers=read_suppliers(cursor), on=on)
    source, target = states[other], states[survivor]
    if source.shielded and not target.shielded:
        raise CannotMove("A shielded record is never joined to an open one; nothing was changed.")
    change = Change(states=states, at=at, on=on)
    keys = sorted(source.rows)
    _move_rows(cursor, source, target, keys, change, "joined", decided_by)
    source.after, target.after = None, target.identity(on)
    write_change(cursor, change)
    entries = gather_entries(cursor, survivor=survivor, other=other, is_hidden=target.shielded)
    _carry_withdrawals(cursor, other, survivor)
    _follow_questions(cursor, other, survivor)
    _bring_requests(cursor, other, survivor)
    cursor.execute(
        "UPDATE directory_child SET given_names = '', family_name = '', birth_date = '',"
        " born = date '0001-01-01', gender = 'U', town = '', outward = '', postcodes = '',"
        " shielded = %s, authority = CASE WHEN %s THEN NULL ELSE authority END WHERE id = %s",
        [target.shielded, target.shielded, other],
    )
    cursor.execute(
        "INSERT INTO directory_redirect (number_id, child_id, since) VALUES (%s, %s, %s)",
        [other, survivor, at],
    )
    return keys, entries


def part_children(
    *,
    cursor: Any,
    survivor: int,
    other: int,
    is_new: bool,
    authority: str,
    keys: Iterable[RowKey],
    entries: Entries,
    decided_by: int | None,
    at: datetime,
) -> None:
    """These rows and entries become the other's: a new number, or one that is given back.

    Rows that have gone since are left out. Raises CannotMove where nothing would be left on either side,
    or the parted rows do not say when the child was born.
    """
    on = at.astimezone(ENGLAND).date()
    keep_openings(cursor)
    known = {survivor} if is_new else {survivor, other}
    states = load_states(cursor, children=known, suppliers=read_suppliers(cursor), on=on)
    source = states[survivor]
    target = states.setdefault(other, ChildState(other, is_new=True, authority=authority))
    wanted = sorted(set(keys) & source.rows.keys())
    if not wanted or len(wanted) == len(source.rows):
        raise CannotMove("Nothing would be left of one of the two; nothing was changed.")
    change = Change(states=states, at=at, on=on)
    _open_number(cursor, source, target, authority, at)
    _move_rows(cursor, source, target, wanted, change, "parted", decided_by)
    source.after, target.after = source.identity(on), target.identity(on)
    if source.after is None or target.after is None:
        raise CannotMove("One of the two would have no date of birth; nothing was changed.")
    write_change(cursor, change)
    move_entries(cursor, ids=entries, source=source, target=target)
    restore_entries(cursor, entries=entries, is_hidden=target.shielded)
    _carry_withdrawals(cursor, survivor, other)
    _give_requests_back(cursor, survivor, other)


def _move_rows(
    cursor: Any,
    source: ChildState,
    target: ChildState,
    keys: Iterable[RowKey],
    change: Change,
    kind: str,
    decided_by: int | None,
) -> None:
    moved = []
    for key in keys:
        row = source.rows.pop(key)
        # Who the sensitive service is stays in its table: only whose it is changes.
        source.removed.append(replace(row, sensitive=False))
        target.rows[key] = arrived = replace(row, hidden=target.shielded or row.sensitive)
        change.arrived.append((target.id, arrived))
        change.effects.append(Effect(row.id, row.load_id, target.id, kind, decided_by=decided_by))
        moved.append(row.id)
    cursor.execute(
        "UPDATE hidden.sensitive_involvement SET child_id = %s WHERE row_id = ANY(%s)", [target.id, moved]
    )


def _open_number(cursor: Any, source: ChildState, target: ChildState, authority: str, at: datetime) -> None:
    """Give the number back, on the side where it belongs: beside a shielded record it is shielded."""
    if target.is_new:
        if source.shielded:
            raise CannotMove("Nothing new is parted from a shielded record; nothing was changed.")
        return
    cursor.execute(
        "DELETE FROM directory_redirect WHERE number_id = %s AND child_id = %s", [target.id, source.id]
    )
    if cursor.rowcount != 1:
        raise CannotMove("The number does not lead here any more; nothing was changed.")
    cursor.execute("SELECT 1 FROM hidden.shield WHERE child_id = %s", [target.id])
    has_shield = cursor.fetchone() is not None
    target.shielded = source.shielded or has_shield
    cursor.execute(
        "UPDATE directory_child SET shielded = %(shielded)s,"
        " authority = CASE WHEN %(shielded)s THEN NULL ELSE %(authority)s END,"
        " searchable_from = (SELECT CASE WHEN %(shielded)s AND o.searchable_from IS NOT NULL THEN %(open)s"
        " ELSE o.searchable_from END FROM directory_authorityopening o WHERE o.authority = %(authority)s)"
        " WHERE id = %(child)s",
        {"shielded": has_shield, "authority": authority, "open": OPEN_SINCE, "child": target.id},
    )
    if source.shielded and not has_shield:
        apply_shield_function(
            cursor,
            children=[target.id],
            ground=PARTED,
            requested_by=PARTED,
            provisional=True,
            applied_by=None,
            at=at,
            review_on=(at + REVIEW_AFTER).date(),
        )
        record_event(
            kind=EventKind.SHIELD_APPLIED,
            actor=Actor(None, None, "worker"),
            at=at,
            children=[target.id],
            facts={"provisional": 1},
            using=cursor.db.alias,
        )


def _carry_withdrawals(cursor: Any, source: int, target: int) -> None:
    """SEN-7: what was withdrawn of one is withdrawn of the other, and goes at once where it stands."""
    cursor.execute(
        "INSERT INTO hidden.sensitive_withdrawal (entry_id, organisation, mark, withdrawn_at)"
        " SELECT nextval('directory_supplied_row_id'), w.organisation,"
        " hidden.withdrawal_mark(%(target)s, w.organisation, s.service), w.withdrawn_at"
        " FROM hidden.sensitive_withdrawal w,"
        " unnest(ARRAY['camhs', 'sexual_health', 'substance_misuse']) AS s (service)"
        " WHERE w.mark = hidden.withdrawal_mark(%(source)s, w.organisation, s.service)",
        {"source": source, "target": target},
    )
    cursor.execute(
        "DELETE FROM hidden.sensitive_involvement e USING hidden.sensitive_withdrawal w"
        " WHERE e.child_id = %s AND e.recorded_by IS NULL AND e.basis = 'consent'"
        " AND w.mark = hidden.withdrawal_mark(e.child_id, e.organisation, e.service)"
        " AND e.obtained_on <= (w.withdrawn_at AT TIME ZONE 'Europe/London')::date",
        [target],
    )


def _follow_questions(cursor: Any, source: int, target: int) -> None:
    """What is asked about the number is asked about the record that it leads to (SHI-5)."""
    cursor.execute(
        "UPDATE hidden.waiting_row w SET candidates = jsonb_set(w.candidates, '{children}', ("
        " SELECT jsonb_agg(c ORDER BY place) FROM ("
        "  SELECT DISTINCT ON (met.child) jsonb_set(met.c, '{child}', to_jsonb(met.child)) AS c, met.place"
        "  FROM (SELECT c, place, CASE WHEN (c ->> 'child')::bigint = %(source)s THEN %(target)s::bigint"
        "        ELSE (c ->> 'child')::bigint END AS child"
        "        FROM jsonb_array_elements(w.candidates -> 'children') WITH ORDINALITY AS e (c, place)) met"
        "  ORDER BY met.child, met.place) kept))"
        " WHERE (w.candidates -> 'children') @>"
        " jsonb_build_array(jsonb_build_object('child', %(source)s::bigint))",
        {"source": source, "target": target},
    )
    cursor.execute(
        "UPDATE hidden.shield_message SET child_id = %s WHERE child_id = %s AND answered_at IS NULL",
        [target, source],
    )
    cursor.execute(
        "UPDATE hidden.shield_request r SET child_id = %(target)s WHERE r.child_id = %(source)s"
        " AND r.outcome IS NULL AND NOT EXISTS (SELECT 1 FROM hidden.shield_request o WHERE"
        " o.child_id = %(target)s AND o.requested_by = r.requested_by AND o.outcome IS NULL)",
        {"source": source, "target": target},
    )


def _bring_requests(cursor: Any, source: int, target: int) -> None:
    """Requests for brokered contact follow; of two open ones of one person one stays behind (SEN-5)."""
    cursor.execute(
        "UPDATE hidden.contact_request r SET child_id = %(target)s WHERE r.child_id = %(source)s"
        " AND NOT (r.outcome IS NULL AND EXISTS (SELECT 1 FROM hidden.contact_request o WHERE"
        " o.child_id = %(target)s AND o.requested_by = r.requested_by AND o.outcome IS NULL))",
        {"source": source, "target": target},
    )


def _give_requests_back(cursor: Any, source: int, target: int) -> None:
    """What was asked about the number that is given back; what has been asked since stays."""
    cursor.execute(
        "UPDATE hidden.contact_request SET child_id = %(target)s"
        " WHERE child_id = %(source)s AND asked_about = %(target)s",
        {"source": source, "target": target},
    )
