"""Withdrawing one load: its effects are undone and nobody else's (SUP-5).

Chunk by chunk, each one transaction with its event; killed and started again it goes on.
What a later load of the same supplier carried as well stays, as that load's.
What waits for a person because of a child who is gone stays with that person.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connections, transaction
from django.db.models import Max

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.directory.keeping import ledger
from contactpoint.directory.models import Supplier
from contactpoint.directory.publish import Earlier, end_rows, restore_rows, resume_rows
from contactpoint.errors import Conflict
from contactpoint.intake.holding import NoSuchLoad
from contactpoint.intake.known import USING
from contactpoint.intake.locks import directory_to_ourselves, one_load_of
from contactpoint.intake.models import Load
from contactpoint.intake.profiles import FeedKind
from contactpoint.intake.states import GONE, LoadState
from contactpoint.progress import Progress, no_progress

CHUNK = 2_000
STAGE = "Withdrawing"


class NotWithdrawable(Conflict):
    """The load published nothing that could be withdrawn, or is under way."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """In rows. `kept` end instead of going, because practitioners recorded work with those children."""

    removed: int = 0
    restored: int = 0
    kept: int = 0
    resumed: int = 0


def begin_withdrawal(*, load_id: int, by: Actor, at: datetime) -> Load:
    """Mark a load as going; from then on it counts as withdrawn. Raises NoSuchLoad, NotWithdrawable."""
    with transaction.atomic(durable=True, using=USING):
        load = Load.objects.using(USING).select_for_update().filter(pk=load_id).first()
        if load is None:
            raise NoSuchLoad("There is no load of this number.")
        if load.state not in {LoadState.PUBLISHED, LoadState.LEFT, *GONE}:
            raise NotWithdrawable("Only a load that has ended can be withdrawn. Nothing was changed.")
        if load.state not in GONE:
            load.state = LoadState.WITHDRAWING.value
            load.save(using=USING)
            with connections[USING].cursor() as cursor:
                told: dict[str, str | int | bool | None] = {
                    "load": load_id,
                    "supplier": load.supplier_id,
                    "digest": bytes(load.digest).hex(),
                }
                ledger.announce(cursor, deed=ledger.Deed.LOAD_WITHDRAWN, facts=told, at=at)
            facts: dict[str, str | int] = {"load": load_id, "step": "begun"}
            record_event(kind=EventKind.FEED_WITHDRAWN, actor=by, at=at, facts=facts, using=USING)
    return load


def withdraw_load(*, load_id: int, by: Actor, at: datetime, progress: Progress = no_progress) -> Withdrawal:
    """Undo what a load did; doing it again changes nothing.

    Raises NoSuchLoad, NotWithdrawable, LoadUnderWay.
    """
    load = begin_withdrawal(load_id=load_id, by=by, at=at)
    if load.state == LoadState.WITHDRAWN:
        return Withdrawal()
    with one_load_of(supplier=load.supplier_id), directory_to_ourselves(progress=progress):
        _hand_over(load)
        removed = restored = kept = 0
        while rows := _find_rows(load.pk):
            done = _chunk(load, rows, by, at)
            removed, restored, kept = removed + done[0], restored + done[1], kept + done[2]
            progress(STAGE, removed + restored + kept, None)
        resumed = _resume(load, by, at)
        _finish(load, by, at)
    return Withdrawal(removed, restored, kept, resumed)


def withdraw_again(entry: ledger.Entry, by: Actor, at: datetime) -> None:
    """Over a restored database in which the load counts as published; one that it lacks does not matter."""
    loads = Load.objects.using(USING).filter(
        pk=int(entry.facts["load"] or 0),
        supplier_id=str(entry.facts["supplier"]),
        digest=bytes.fromhex(str(entry.facts["digest"])),
    )
    for load in loads.exclude(state=LoadState.WITHDRAWN.value):
        if load.state in {LoadState.PUBLISHED, LoadState.LEFT, *GONE}:
            _mark_going(load)
            withdraw_load(load_id=load.pk, by=by, at=at)


def _mark_going(load: Load) -> None:
    """It is in the ledger already."""
    with transaction.atomic(durable=True, using=USING):
        load.state = LoadState.WITHDRAWING.value
        load.save(using=USING)


# A row that another load carried as well, later, is that load's from now on.
_LATER_SNAPSHOT = """
SELECT id, started_at FROM intake_load
WHERE supplier_id = %s AND id > %s AND kind = 'snapshot' AND state = 'published'
ORDER BY id LIMIT 1
"""
_GIVE = """
UPDATE {table} r SET load_id = heir.load_id FROM (
    SELECT e.row_id, min(e.load_id) AS load_id FROM hidden.row_effect e JOIN intake_load l ON l.id = e.load_id
    WHERE e.effect = 'confirmed' AND l.state = 'published' AND e.row_id IN (
        SELECT id FROM {table} WHERE load_id = %(load)s)
    GROUP BY e.row_id
) heir WHERE r.id = heir.row_id AND r.load_id = %(load)s
"""
_TABLES = ("directory_suppliedrow", "hidden.supplied_row")


def _hand_over(load: Load) -> None:
    with transaction.atomic(durable=True, using=USING), connections[USING].cursor() as cursor:
        cursor.execute(_LATER_SNAPSHOT, [load.supplier_id, load.pk])
        found = cursor.fetchone()
        for table in _TABLES:
            cursor.execute(_GIVE.format(table=table), {"load": load.pk})
            if found:
                cursor.execute(
                    f"UPDATE {table} SET load_id = %s WHERE load_id = %s AND ended_on IS NULL",
                    [found[0], load.pk],
                )
        if found:
            cursor.execute(
                "UPDATE hidden.waiting_row SET load_id = %s WHERE load_id = %s", [found[0], load.pk]
            )


_ROWS = """
SELECT id, supplier_id, reference, child_id FROM directory_suppliedrow
WHERE load_id = %(load)s AND NOT (ended_on IS NOT NULL AND EXISTS (
    SELECT 1 FROM hidden.row_effect e WHERE e.row_id = directory_suppliedrow.id AND e.load_id = %(load)s
    AND e.effect = 'ended'))
UNION ALL
SELECT id, supplier_id, reference, child_id FROM hidden.supplied_row r
WHERE load_id = %(load)s AND NOT (ended_on IS NOT NULL AND EXISTS (
    SELECT 1 FROM hidden.row_effect e WHERE e.row_id = r.id AND e.load_id = %(load)s AND e.effect = 'ended'))
ORDER BY 1 LIMIT %(most)s
"""


def _find_rows(load_id: int) -> list[tuple[int, str, str, int]]:
    """Current rows of this load, but those that had to stay as history."""
    with connections[USING].cursor() as cursor:
        cursor.execute(_ROWS, {"load": load_id, "most": CHUNK})
        return list(cursor.fetchall())


def _chunk(
    load: Load, rows: Sequence[tuple[int, str, str, int]], by: Actor, at: datetime
) -> tuple[int, int, int]:
    with transaction.atomic(durable=True, using=USING):
        with connections[USING].cursor() as cursor:
            earlier = _find_earlier(cursor, {number: child for number, _, _, child in rows})
            keys = {(supplier, reference): earlier.get(number) for number, supplier, reference, _ in rows}
            done = restore_rows(cursor=cursor, keys=keys, load_id=load.pk, at=at)
        facts: dict[str, str | int] = {"load": load.pk, "rows": len(rows)}
        record_event(kind=EventKind.FEED_WITHDRAWN, actor=by, at=at, facts=facts, using=USING)
    return done.removed, done.restored, done.kept


_BEFORE = """
SELECT e.row_id, e.child_id, e.previous::text, coalesce(l.state, '') FROM hidden.row_effect e
LEFT JOIN intake_load l ON l.id = (e.previous ->> 'load')::bigint
WHERE e.row_id = ANY(%s) AND e.effect = 'replaced' ORDER BY e.id
"""


def _find_earlier(cursor: Any, holders: Mapping[int, int]) -> dict[int, Earlier]:
    """By row: the version before it whose load still counts, following the chain backwards."""
    found: dict[int, Earlier] = {}
    at_row = {number: number for number in holders}  # where the walk is: the row that is restored
    while at_row:
        cursor.execute(_BEFORE, [list(at_row)])
        walked: dict[int, int] = {}
        for number, child, text, state in cursor.fetchall():
            origin, previous = at_row[number], json.loads(text)
            if state in {each.value for each in GONE}:
                walked[previous["row"]] = origin
            else:
                # A merge moved rows since: then the earlier version follows its row.
                same = previous.get("child") in (child, 0, None)
                found[origin] = _earlier(previous, holders[origin] if same else previous["child"])
        at_row = walked
    return found


def _earlier(previous: Mapping[str, Any], child: int) -> Earlier:
    ended = previous.get("ended_on")
    return Earlier(
        child=child,
        digest=bytes.fromhex(previous["digest"]),
        content=previous["content"],
        load_id=previous["load"],
        supplied_at=datetime.fromisoformat(previous["supplied_at"]),
        ended_on=date.fromisoformat(ended) if ended else None,
    )


_ENDED = """
SELECT DISTINCT r.supplier_id, r.reference FROM hidden.row_effect e JOIN (
    SELECT id, supplier_id, reference FROM directory_suppliedrow WHERE ended_on IS NOT NULL
    UNION ALL SELECT id, supplier_id, reference FROM hidden.supplied_row WHERE ended_on IS NOT NULL
) r ON r.id = e.row_id
WHERE e.load_id = %(load)s AND e.effect = 'ended' AND NOT EXISTS (
    SELECT 1 FROM hidden.row_effect w WHERE w.row_id = e.row_id AND w.id > e.id AND w.effect = 'reinstated')
  AND r.id NOT IN (SELECT id FROM directory_suppliedrow WHERE load_id = %(load)s
                   UNION ALL SELECT id FROM hidden.supplied_row WHERE load_id = %(load)s)
ORDER BY 1, 2 LIMIT %(most)s
"""
_WAITED_AGAIN = """
INSERT INTO hidden.waiting_row
SELECT (jsonb_populate_record(NULL::hidden.waiting_row, e.previous)).*
FROM hidden.row_effect e JOIN intake_load l ON l.id = (e.previous ->> 'load_id')::bigint
WHERE e.load_id = %(load)s AND e.effect = 'stopped-waiting' AND l.state = 'published'
  AND NOT EXISTS (SELECT 1 FROM directory_suppliedrow r WHERE r.supplier_id = e.previous ->> 'supplier_id'
                  AND r.reference = e.previous ->> 'reference' AND r.ended_on IS NULL)
  AND NOT EXISTS (SELECT 1 FROM hidden.supplied_row r WHERE r.supplier_id = e.previous ->> 'supplier_id'
                  AND r.reference = e.previous ->> 'reference' AND r.ended_on IS NULL)
ON CONFLICT DO NOTHING
"""


def _resume(load: Load, by: Actor, at: datetime) -> int:
    """What the load ended is said again; where a later snapshot has it neither, it ended with that one."""
    resumed = 0
    given = {"load": load.pk, "most": CHUNK}
    with connections[USING].cursor() as cursor:
        cursor.execute(_LATER_SNAPSHOT, [load.supplier_id, load.pk])
        later = cursor.fetchone()
        while True:
            cursor.execute(_ENDED, given)
            keys = list(cursor.fetchall())
            if not keys:
                return resumed
            with transaction.atomic(durable=True, using=USING):
                count = resume_rows(cursor=cursor, keys=keys, load_id=load.pk, at=at)
                if later:
                    end_rows(cursor=cursor, keys=keys, load_id=later[0], at=later[1])
                resumed += 0 if later else count
                facts: dict[str, str | int] = {"load": load.pk, "rows": len(keys)}
                record_event(kind=EventKind.FEED_WITHDRAWN, actor=by, at=at, facts=facts, using=USING)


def _finish(load: Load, by: Actor, at: datetime) -> None:
    with transaction.atomic(durable=True, using=USING):
        with connections[USING].cursor() as cursor:
            for table in ("waiting_row", "sealed_question", "sealed_arrival"):
                cursor.execute(f"DELETE FROM hidden.{table} WHERE load_id = %s", [load.pk])
            cursor.execute(_WAITED_AGAIN, {"load": load.pk})
        load.state, load.finished_at = LoadState.WITHDRAWN.value, at
        load.save(using=USING)
        snapshots = Load.objects.using(USING).filter(
            supplier_id=load.supplier_id, state=LoadState.PUBLISHED.value, kind=FeedKind.SNAPSHOT.value
        )
        newest = snapshots.aggregate(newest=Max("started_at"))["newest"]
        Supplier.objects.using(USING).filter(pk=load.supplier_id).update(last_snapshot_at=newest)
        facts: dict[str, str | int] = {"load": load.pk, "step": "done"}
        record_event(kind=EventKind.FEED_WITHDRAWN, actor=by, at=at, facts=facts, using=USING)
