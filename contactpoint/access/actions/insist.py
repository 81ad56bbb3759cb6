"""Asking before acting: a refusal is logged durably, then raised."""

from datetime import datetime

from django.db import transaction

from contactpoint.access.policies import judge_reach
from contactpoint.access.records import Decision, Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.errors import NotAllowed


class ActionRefused(NotAllowed):
    """The role, the scope or the separation of duties does not let this person do this."""


def insist(*, by: Viewer, action: Action, at: datetime, authority: str | None, organisation_id: int) -> None:
    """Go on only if `by` may do this to something of that authority and organisation.

    Raises ActionRefused.
    """
    decision = judge_reach(viewer=by, action=action, authority=authority, organisation_id=organisation_id)
    insist_on(decision, by=by, action=action, at=at)


def insist_on(decision: Decision, *, by: Viewer, action: Action, at: datetime) -> None:
    """Go on only if the decision allows it. Raises ActionRefused."""
    if decision.allowed:
        return
    with transaction.atomic(durable=True):
        record_event(
            kind=EventKind.ACTION_REFUSED,
            actor=by.actor,
            at=at,
            facts={"action": action.value, "why": " ".join(decision.codes)},
            refused=True,
        )
    raise ActionRefused(" ".join(decision.why))
