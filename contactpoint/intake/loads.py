"""The course of a load in the database: begun or taken up again, checked, matched, published (SUP-3).

Each step is a transaction of its own with its event in the log.
"""

import hashlib
from datetime import datetime
from pathlib import Path

from django.db import transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.directory.models import Supplier
from contactpoint.errors import Conflict, Invalid
from contactpoint.intake.known import USING
from contactpoint.intake.models import UNFINISHED, Load
from contactpoint.intake.profiles import FeedKind, Profile
from contactpoint.intake.staging import Staged
from contactpoint.intake.states import LoadState, may_follow


class WrongState(Conflict):
    """A load cannot go where it was told to go."""


def enter_supplier(*, profile: Profile) -> None:
    """Make the supplier known, or bring its facts up to date with the profile (SUP-2, SUP-10)."""
    Supplier.objects.using(USING).update_or_create(
        code=profile.supplier,
        defaults={
            "name": profile.name,
            "sector": profile.sector,
            "must": profile.must,
            "sensitive": profile.sensitive,
            "legal_basis": profile.legal_basis,
            "precedence": profile.precedence,
        },
    )


def begin_load(*, path: Path, profile: Profile, kind: FeedKind, by: Actor, at: datetime) -> Load:
    """A new load, or the one of the same file that was stopped before it ended."""
    digest = _digest(path)
    with transaction.atomic(durable=True, using=USING):
        enter_supplier(profile=profile)
        unfinished = Load.objects.using(USING).filter(UNFINISHED, supplier_id=profile.supplier).first()
        same = unfinished is not None and bytes(unfinished.digest) == digest and unfinished.kind == kind
        if unfinished is not None and same:
            load = unfinished
            _set_state(load, LoadState.RECEIVED)
        else:
            if unfinished is not None:
                _set_state(unfinished, LoadState.LEFT)
            load = Load.objects.using(USING).create(
                supplier_id=profile.supplier,
                file_name=path.name,
                digest=digest,
                profile_digest=profile.digest,
                kind=kind.value,
                state=LoadState.RECEIVED.value,
                started_at=at,
            )
        record_event(
            kind=EventKind.FEED_RECEIVED,
            actor=by,
            at=at,
            facts={"load": load.pk, "supplier": profile.supplier, "digest": digest.hex(), "again": int(same)},
            using=USING,
        )
    return load


def is_published(*, profile: Profile, path: Path) -> bool:
    """Whether this very file of this supplier was loaded to its end."""
    published = Load.objects.using(USING).filter(
        supplier_id=profile.supplier, state=LoadState.PUBLISHED.value
    )
    return published.filter(digest=_digest(path)).exists()


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


def match_load(*, load: Load) -> None:
    """Every row is decided on; publishing begins."""
    _set_state(load, LoadState.MATCHED)


def finish_load(*, load: Load, by: Actor, at: datetime) -> None:
    """All is published. A snapshot confirms every row that its supplier still holds (INV-3)."""
    with transaction.atomic(durable=True, using=USING):
        _set_state(load, LoadState.PUBLISHED)
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
    load.save(using=USING)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
