"""Proposing a step of an authority's opening, signing it as a second person, taking it back (SHI-10).

The facts are asked again when a step is signed: what was true when it was proposed may not be any more.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from contactpoint.access.actions.insist import insist, insist_on
from contactpoint.access.policies import ENGLAND
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.opening.policies import STEPS, Step, judge_signing
from contactpoint.casework.opening.queries import Readiness, find_readiness
from contactpoint.codes.authorities import get_authority
from contactpoint.directory.models import OpeningStep
from contactpoint.directory.opening_up import close_authority, open_authority
from contactpoint.errors import Conflict, Invalid

LONGEST_REASON = 300


class NotReady(Conflict):
    """The step still lacks something, or is not the next."""


class NothingWaits(Conflict):
    """There is nothing to sign, or somebody was quicker."""


class NoReasonGiven(Invalid):
    """A step is taken back for a reason that somebody can read later."""


def propose_step(*, code: str, step: Step | None, by: Viewer, at: datetime) -> int:
    """Say that this step, the next, is reached; it counts once somebody else has signed.

    `step` is None where what was given is none. Raises ActionRefused, NotReady.
    """
    _insist(code, by, at)
    if step is None:
        raise NotReady("This is not one of the steps. Nothing was changed.")
    with transaction.atomic(durable=True):
        _insist_on_ready(find_readiness(code=code, at=at), step)
        return _propose(code, step, "", False, by, at)


def propose_reversal(*, code: str, step: Step, reason: str, by: Viewer, at: datetime) -> int:
    """Ask for this step, and those after it, to be taken back; somebody else signs.

    Raises ActionRefused, NoReasonGiven, NotReady.
    """
    _insist(code, by, at)
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise NoReasonGiven(f"Give the reason in one line of at most {LONGEST_REASON} characters.")
    with transaction.atomic(durable=True):
        now = find_readiness(code=code, at=at)
        stands = any(line.step is step and line.done_at for line in now.steps)
        if not stands and not (step is Step.OPEN and now.is_open):
            raise NotReady("This step does not stand, so it cannot be taken back. Nothing was changed.")
        return _propose(code, step, reason, True, by, at)


def sign_step(*, code: str, by: Viewer, at: datetime) -> None:
    """Sign what waits for this authority, as the second person; from this moment it counts.

    The last step lets its children be found; taking that one back lets nobody find them.
    Raises ActionRefused, NothingWaits, NotReady.
    """
    _insist(code, by, at)
    found = _find_waiting(code)
    insist_on(
        judge_signing(proposed_by=found.proposed_by_id, signed_by=by.account_id),
        by=by,
        action=Action.SIGN_OPENING,
        at=at,
    )
    with transaction.atomic(durable=True):
        waiting = OpeningStep.objects.select_for_update().filter(
            pk=found.pk, signed_at__isnull=True, dropped_at__isnull=True
        )
        if not waiting.exists():
            raise NothingWaits("Somebody was quicker: this waits no longer. Nothing was changed.")
        step = Step(found.step)
        now = find_readiness(code=code, at=at)
        if not found.is_reversal:
            _insist_on_ready(now, step)
        waiting.update(signed_by_id=by.account_id, signed_at=at)
        _record(EventKind.OPENING_STEP_SIGNED, found, by, at)
        if found.is_reversal and now.is_open:
            # Taking back any step takes back the last one.
            close_authority(code=code, by=by.actor, at=at)
        elif not found.is_reversal and step is STEPS[-1]:
            open_authority(code=code, on=at.astimezone(ENGLAND).date(), by=by.actor, at=at)


def drop_step(*, code: str, by: Viewer, at: datetime) -> None:
    """Let what waits for a signature go: whoever may propose may. Raises ActionRefused, NothingWaits."""
    _insist(code, by, at)
    found = _find_waiting(code)
    with transaction.atomic(durable=True):
        waiting = OpeningStep.objects.filter(pk=found.pk, signed_at__isnull=True, dropped_at__isnull=True)
        if not waiting.update(dropped_by_id=by.account_id, dropped_at=at):
            raise NothingWaits("Somebody was quicker: this waits no longer. Nothing was changed.")
        _record(EventKind.OPENING_STEP_DROPPED, found, by, at)


def _insist(code: str, by: Viewer, at: datetime) -> None:
    get_authority(code)
    insist(by=by, action=Action.SIGN_OPENING, at=at, authority=code, organisation_id=0)


def _insist_on_ready(now: Readiness, step: Step) -> None:
    if now.is_open or now.next is not step:
        raise NotReady("This is not the next step of this authority. Nothing was changed.")
    missing = next(line.missing for line in now.steps if line.step is step)
    if missing:
        raise NotReady("This step is not reached yet: " + " ".join(missing) + " Nothing was changed.")


def _propose(code: str, step: Step, reason: str, is_reversal: bool, by: Viewer, at: datetime) -> int:
    try:
        with transaction.atomic():
            made = OpeningStep.objects.create(
                authority=code,
                step=step.value,
                is_reversal=is_reversal,
                back_why=reason,
                proposed_by_id=by.account_id,
                proposed_at=at,
            )
    except IntegrityError as error:
        raise NotReady("Another step waits for a signature already. Nothing was changed.") from error
    _record(EventKind.OPENING_STEP_PROPOSED, made, by, at)
    return made.pk


def _find_waiting(code: str) -> OpeningStep:
    found = OpeningStep.objects.filter(
        authority=code, signed_at__isnull=True, dropped_at__isnull=True
    ).first()
    if found is None:
        raise NothingWaits("Nothing waits for a signature. Nothing was changed.")
    return found


def _record(kind: EventKind, step: OpeningStep, by: Viewer, at: datetime) -> None:
    facts: dict[str, str | int] = {
        "authority": step.authority,
        "step": step.step,
        "back": int(step.is_reversal),
    }
    record_event(kind=kind, actor=by.actor, at=at, facts=facts)
