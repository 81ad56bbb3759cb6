"""The course of a load in the database: begun or taken up again, checked, judged, matched, published.

Each step is a transaction of its own with its event in the log (SUP-3, SUP-4).
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import connections, transaction
from django.db.models import Max
from django.db.models.functions import Now

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.directory.models import Supplier
from contactpoint.errors import Conflict, Invalid
from contactpoint.intake.gate import HISTORY
from contactpoint.intake.known import USING
from contactpoint.intake.made_up import insist_made_up
from contactpoint.intake.measuring import Measures, from_stored
from contactpoint.intake.models import UNFINISHED, Load
from contactpoint.intake.profiles import FeedKind, Profile
from contactpoint.intake.staging import Staged
from contactpoint.intake.states import UNDER_WAY, LoadState, may_follow


class WrongState(Conflict):
    """A load cannot go where it was told to go."""


def enter_supplier(*, profile: Profile, using: str = USING) -> None:
    """Make the supplier known, or bring its facts up to date with the profile (SUP-2, SUP-10).

    Whether it must send and on what legal basis the profile says at first, and the register from then on.
    """
    facts = {
        "name": profile.name,
        "sector": profile.sector,
        "sensitive": profile.sensitive,
        "precedence": profile.precedence,
    }
    Supplier.objects.using(using).update_or_create(
        code=profile.supplier,
        defaults=facts,
        create_defaults={**facts, "must": profile.must, "legal_basis": profile.legal_basis},
    )


def begin_load(
    *,
    path: Path,
    profile: Profile,
    kind: FeedKind,
    by: Actor,
    at: datetime,
    extracted_on: date | None = None,
    uploaded_by: int | None = None,
) -> Load:
    """A new load, or the one of the same file that was stopped before it ended, or held. Raises RealFeed."""
    insist_made_up(path=path, supplier=profile.supplier, by=by, at=at)
    digest = digest_of(path)
    with transaction.atomic(durable=True, using=USING):
        enter_supplier(profile=profile)
        unfinished = Load.objects.using(USING).filter(UNFINISHED, supplier_id=profile.supplier).first()
        same = _find_same(unfinished, profile.supplier, digest, kind)
        if unfinished is not None and unfinished != same:
            _set_state(unfinished, LoadState.LEFT)
        if same is not None:
            load = same
            load.extracted_on = extracted_on or load.extracted_on
            _set_state(load, LoadState.RECEIVED)
        else:
            load = Load.objects.using(USING).create(
                supplier_id=profile.supplier,
                file_name=path.name,
                digest=digest,
                profile_digest=profile.digest,
                kind=kind.value,
                state=LoadState.RECEIVED.value,
                started_at=at,
                extracted_on=extracted_on,
                uploaded_by_id=uploaded_by,
            )
        record_event(
            kind=EventKind.FEED_RECEIVED,
            actor=by,
            at=at,
            facts={
                "load": load.pk,
                "supplier": profile.supplier,
                "digest": digest.hex(),
                "again": int(same is not None),
            },
            using=USING,
        )
    return load


def _find_same(unfinished: Load | None, supplier: str, digest: bytes, kind: FeedKind) -> Load | None:
    held = Load.objects.using(USING).filter(state=LoadState.HELD.value, supplier_id=supplier)
    for load in (*([unfinished] if unfinished else []), *held.order_by("-pk")):
        if bytes(load.digest) == digest and load.kind == kind:
            return load
    return None


def is_published(*, profile: Profile, path: Path) -> bool:
    """Whether this very file of this supplier was loaded to its end."""
    published = Load.objects.using(USING).filter(
        supplier_id=profile.supplier, state=LoadState.PUBLISHED.value
    )
    return published.filter(digest=digest_of(path)).exists()


def refuse_load(*, load: Load, why: Invalid, by: Actor, at: datetime) -> None:
    """The file as a whole is of no use; nothing of it was kept."""
    with transaction.atomic(durable=True, using=USING):
        load.refused_why = str(why)
        _set_state(load, LoadState.REFUSED)
        facts: dict[str, str | int] = {"load": load.pk, "why": type(why).__name__}
        record_event(kind=EventKind.FEED_REFUSED, actor=by, at=at, facts=facts, refused=True, using=USING)


def check_load(*, load: Load, staged: Staged) -> None:
    """Every row has its receipt."""
    load.rows_refused = len(staged.refused)
    load.rows_received = staged.rows - load.rows_refused
    load.rows_unpublished = len(staged.unpublished)
    load.columns_dropped = len(staged.dropped)
    _set_state(load, LoadState.CHECKED)


def hold_load(*, load: Load, reasons: Sequence[str], by: Actor, at: datetime) -> None:
    """Stopped at the gate: nothing is loaded until a person releases it (SUP-4)."""
    with transaction.atomic(durable=True, using=USING):
        load.held_why = list(reasons)
        _set_state(load, LoadState.HELD)
        facts: dict[str, str | int] = {"load": load.pk, "reasons": len(reasons)}
        record_event(kind=EventKind.FEED_HELD, actor=by, at=at, facts=facts, using=USING)


def pass_load(*, load: Load) -> None:
    """Nothing is odd about the file, or a person released it."""
    _set_state(load, LoadState.PASSED)


_HISTORY = """
SELECT m.measures::text FROM hidden.load_measure m JOIN intake_load l ON l.id = m.load_id
WHERE l.supplier_id = %s AND l.kind = %s AND l.state = 'published' ORDER BY l.id DESC LIMIT %s
"""


def keep_measures(*, load: Load, measures: Measures) -> None:
    """For the gate of later loads: hidden, because a file's shielded rows are among them (SHI-3)."""
    with connections[USING].cursor() as cursor:
        cursor.execute(
            "INSERT INTO hidden.load_measure (load_id, measures) VALUES (%s, %s)"
            " ON CONFLICT (load_id) DO UPDATE SET measures = excluded.measures",
            [load.pk, json.dumps(measures.to_json())],
        )


def find_history(*, supplier: str, kind: FeedKind) -> list[Measures]:
    """What was measured of the supplier's latest published loads of the same kind, newest first."""
    with connections[USING].cursor() as cursor:
        cursor.execute(_HISTORY, [supplier, kind.value, HISTORY])
        return [from_stored(json.loads(text)) for (text,) in cursor.fetchall()]


def find_newest(*, supplier: str) -> date | None:
    """When the newest of the supplier's published files had been made, where that is known."""
    published = Load.objects.using(USING).filter(supplier_id=supplier, state=LoadState.PUBLISHED.value)
    newest: date | None = published.aggregate(newest=Max("extracted_on"))["newest"]
    return newest


_PACE = ("stage", "stage_done", "stage_total", "stage_began_at", "stage_noted_at")


def note_progress(*, load: Load, stage: str, done: int, total: int | None) -> None:
    """How far the work is, for the page: outside any transaction, and no event."""
    changes = {"stage": stage, "stage_done": done, "stage_total": total, "stage_noted_at": Now()}
    if stage != load.stage or done < load.stage_done:
        changes["stage_began_at"] = Now()
    Load.objects.using(USING).filter(pk=load.pk).update(**changes)
    load.refresh_from_db(using=USING, fields=list(_PACE))


def match_load(*, load: Load) -> None:
    """Every row is decided on; publishing begins."""
    _set_state(load, LoadState.MATCHED)


def finish_load(*, load: Load, figures: dict[str, Any], by: Actor, at: datetime) -> None:
    """All is published. A snapshot confirms every row that its supplier still holds (INV-3).

    `figures` are those of data quality: of open rows alone (`measuring.measure_open`).
    """
    with transaction.atomic(durable=True, using=USING):
        load.finished_at, load.measures = at, figures
        _set_state(load, LoadState.PUBLISHED)
        overtaken = Load.objects.using(USING).filter(state=LoadState.HELD.value, pk__lt=load.pk)
        overtaken.filter(supplier_id=load.supplier_id).update(state=LoadState.LEFT.value)
        if load.kind == FeedKind.SNAPSHOT:
            Supplier.objects.using(USING).filter(code=load.supplier_id).update(last_snapshot_at=at)
        facts: dict[str, str | int] = {
            "load": load.pk,
            "received": load.rows_received,
            "refused": load.rows_refused,
        }
        record_event(kind=EventKind.FEED_FINISHED, actor=by, at=at, facts=facts, using=USING)


def _set_state(load: Load, state: LoadState) -> None:
    if not may_follow(state=LoadState(load.state), following=state):
        raise WrongState(f"A load that is {load.state} cannot become {state}. Nothing was changed.")
    load.state = state.value
    if state not in UNDER_WAY:  # how long it took is told while it runs, and kept nowhere (SHI-3)
        load.stage_began_at = load.stage_noted_at = None
    load.save(using=USING)


def digest_of(path: Path) -> bytes:
    """By which the same file is known again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
