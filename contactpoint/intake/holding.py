"""A person's decision about a feed that the gate holds: released, or rejected (SUP-4).

Both with a reason, both logged; neither is done twice.
A released feed is received anew, and passes the gate as it is.
"""

from datetime import datetime

from django.db import transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.errors import Conflict, Invalid, NotFound
from contactpoint.intake.keeping_files import drop_file, get_kept
from contactpoint.intake.models import UNFINISHED, Load
from contactpoint.intake.queueing import defer_load
from contactpoint.intake.states import LoadState

LONGEST_REASON = 500


class NoSuchLoad(NotFound):
    """No load has this number."""


class NotHeld(Conflict):
    """The feed is not held at the gate; nothing was changed."""


class NoReasonGiven(Invalid):
    """A decision about a held feed needs a reason."""


def release_feed(*, load_id: int, reason: str, by: Actor, at: datetime) -> None:
    """Let the worker load it after all. Raises NoSuchLoad, NotHeld, NoReasonGiven, NoFile."""
    reason = _checked(reason)
    get_kept(load_id=load_id)
    with transaction.atomic(durable=True):
        load = _get_held(load_id)
        if Load.objects.filter(UNFINISHED, supplier_id=load.supplier_id).exists():
            raise NotHeld(
                "Another file of this supplier is being loaded. Nothing was changed; "
                "decide again when that has ended."
            )
        _decide(load, LoadState.RECEIVED, EventKind.FEED_RELEASED, reason, by, at)
        defer_load(load.pk)


def reject_feed(*, load_id: int, reason: str, by: Actor, at: datetime) -> None:
    """Load nothing of it; its file is deleted. Raises NoSuchLoad, NotHeld, NoReasonGiven."""
    reason = _checked(reason)
    with transaction.atomic(durable=True):
        _decide(_get_held(load_id), LoadState.REJECTED, EventKind.FEED_REJECTED, reason, by, at)
    drop_file(load_id=load_id)


def _get_held(load_id: int) -> Load:
    load = Load.objects.select_for_update().filter(pk=load_id).first()
    if load is None:
        raise NoSuchLoad("There is no load of this number.")
    if load.state != LoadState.HELD:
        raise NotHeld("This feed is not held at the gate. Nothing was changed.")
    return load


def _decide(load: Load, state: LoadState, kind: EventKind, reason: str, by: Actor, at: datetime) -> None:
    load.state, load.decided_at, load.decided_why = state.value, at, reason
    load.decided_by_id = by.account_id
    load.save()
    record_event(kind=kind, actor=by, at=at, typed={"reason": reason}, facts={"load": load.pk})


def _checked(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise NoReasonGiven(f"Say why, in at most {LONGEST_REASON} characters. Name no child.")
    return reason
