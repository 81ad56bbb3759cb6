"""Carrying the ledger out over a database that is older, before it serves anybody (RET-4, SHI-5, SEN-7).

Each entry is one transaction that notes it as done; stopped anywhere, the next replay goes on from there.
What the entry is about may not be in the database at all: then there is nothing to do but to note it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from typing import Any

from django.db import Error, connections, transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.directory.keeping import ledger
from contactpoint.directory.keeping.archive import USING
from contactpoint.directory.keeping.awaited import (
    AwaitedShield,
    await_no_longer,
    await_shield,
    find_held_by_others,
    from_fact,
)
from contactpoint.directory.keeping.destroying import destroy_children, refuse_rows
from contactpoint.directory.keeping.sealing import seal_again
from contactpoint.directory.keeping.withdrawn import await_withdrawal
from contactpoint.directory.publish.lifting import unshield_child
from contactpoint.directory.publish.shielding import shield_child
from contactpoint.progress import Progress, no_progress

_WITHDRAW = """
DELETE FROM hidden.sensitive_involvement s
WHERE hidden.withdrawal_mark(s.child_id, s.organisation, s.service) = %(mark)s
  AND (s.row_id = %(entry)s OR s.basis = 'consent')
"""
_REPLAYING = 0x7265706C  # any fixed number
_TAUGHT: dict[ledger.Deed, Callable[[ledger.Entry, Actor, datetime], None]] = {}
_KEEP_WITHDRAWN = """
INSERT INTO hidden.sensitive_withdrawal (entry_id, organisation, mark, withdrawn_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (entry_id) DO NOTHING
"""


def replay(*, by: Actor, at: datetime, progress: Progress = no_progress) -> int:
    """Do what the ledger holds and this database has not done; gives how many. Raises LedgerDamaged.

    One process at a time: what another has done meanwhile is done.
    """
    with _one_at_a_time():
        undone = ledger.find_undone(using=USING)
        _carry_out(undone, by, at, progress)
        if undone:
            _shield_holders(at)
    return len(undone)


def teach(*, deed: ledger.Deed, do: Callable[[ledger.Entry, Actor, datetime], None]) -> None:
    """How a deed of a layer above is done: in transactions of its own, and twice without harm."""
    _TAUGHT[deed] = do


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with connections[USING].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_REPLAYING])
    try:
        yield
    finally:
        with suppress(Error), connections[USING].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_REPLAYING])


def _carry_out(undone: Sequence[ledger.Entry], by: Actor, at: datetime, progress: Progress) -> None:
    for done, entry in enumerate(undone, start=1):
        if entry.deed in _TAUGHT:
            _TAUGHT[entry.deed](entry, by, at)
        with transaction.atomic(durable=True, using=USING), connections[USING].cursor() as cursor:
            ledger.hold_alone(cursor)
            cursor.execute("SELECT 1 FROM hidden.ledger_note WHERE number = %s", [entry.number])
            if cursor.fetchone() is None:
                if entry.deed in _DO:
                    _DO[entry.deed](cursor, entry, by, at)
                ledger.note(cursor, numbers=[entry.number])
                facts: dict[str, str | int] = {"entry": entry.number, "deed": entry.deed.value}
                record_event(kind=EventKind.LEDGER_REPLAYED, actor=by, at=at, facts=facts, using=USING)
        progress("Ledger replayed", done, len(undone))


def _shield_holders(at: datetime) -> None:
    """An open record that holds rows of a shielded child whom this database does not know apart (SHI-5)."""
    with transaction.atomic(durable=True, using=USING), connections[USING].cursor() as cursor:
        for child, shield in sorted(find_held_by_others(cursor).items()):
            shield_child(
                cursor,
                child=child,
                ground=shield.ground,
                requested_by=shield.requested_by,
                provisional=True,
                applied_by=None,
                at=at,
                review_on=shield.review_on,
            )
            await_no_longer(cursor, number=shield.number)


def _shield(cursor: Any, entry: ledger.Entry, _by: Actor, _at: datetime) -> None:
    said = entry.facts
    applied_by = said["applied_by"]
    review_on = date.fromisoformat(str(said["review_on"]))
    known = from_fact(str(said.get("marks") or ""))
    for child in sorted(entry.children):
        cursor.execute("SELECT 1 FROM directory_child WHERE id = %s", [child])
        if cursor.fetchone() is None:  # it came after the backup: it is shielded when it comes again
            shield = AwaitedShield(child, str(said["ground"]), str(said["requested_by"]), review_on)
            await_shield(cursor, shield=shield, marks=known.get(child, ()))
            continue
        shield_child(
            cursor,
            child=child,
            ground=str(said["ground"]),
            requested_by=str(said["requested_by"]),
            provisional=bool(said["provisional"]),
            applied_by=None if applied_by is None else int(applied_by),
            at=entry.at,
            review_on=review_on,
            is_replayed=True,
        )


def _lift(cursor: Any, entry: ledger.Entry, _by: Actor, at: datetime) -> None:
    for child in entry.children:
        await_no_longer(cursor, number=child)
        cursor.execute("SELECT 1 FROM directory_child WHERE id = %s FOR UPDATE", [child])
        if cursor.fetchone():
            unshield_child(cursor=cursor, child=child, decided_by=int(entry.facts["decided_by"] or 0), at=at)


def _withdraw(cursor: Any, entry: ledger.Entry, _by: Actor, _at: datetime) -> None:
    # Every entry that rests on the same consent: those are what the mark names.
    mark = bytes.fromhex(str(entry.facts["mark"]))
    cursor.execute(_WITHDRAW, {"entry": entry.facts["entry"], "mark": mark})
    organisation = str(entry.facts["organisation"])
    cursor.execute(_KEEP_WITHDRAWN, [entry.facts["entry"], organisation, mark, entry.at])
    if row := str(entry.facts.get("row") or ""):
        await_withdrawal(cursor, mark=row, organisation=organisation, withdrawn_at=entry.at)


def _destroy(cursor: Any, entry: ledger.Entry, by: Actor, at: datetime) -> None:
    for child in entry.children:
        await_no_longer(cursor, number=child)
    refuse_rows(cursor, marks=str(entry.facts.get("rows") or ""))
    destroy_children(cursor, children=entry.children, by=by, at=at)


def _seal(cursor: Any, entry: ledger.Entry, by: Actor, at: datetime) -> None:
    seal_again(cursor, entry=entry, by=by, at=at)


_DO: dict[ledger.Deed, Callable[[Any, ledger.Entry, Actor, datetime], None]] = {
    ledger.Deed.SHIELDED: _shield,
    ledger.Deed.LIFTED: _lift,
    ledger.Deed.WITHDRAWN: _withdraw,
    ledger.Deed.DESTROYED: _destroy,
    ledger.Deed.SEALED: _seal,
}
