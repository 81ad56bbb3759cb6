"""What an investigator reads and does about an override: somebody else than who caused it (SHI-6, ACC-8)."""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction

from contactpoint.access.actions import suspend_account
from contactpoint.access.actions.accounts import AlreadyDone
from contactpoint.access.notices import tell_manager_of_case
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.door import call_door, say_actor
from contactpoint.casework.override.records import (
    Investigation,
    Investigations,
    Outcome,
    Prober,
    Step,
    Taken,
)
from contactpoint.casework.records import Sender, ShownChild
from contactpoint.casework.sealing import unseal_text
from contactpoint.codes.authorities import get_authority
from contactpoint.codes.child_number import encode
from contactpoint.errors import ContactPointError, NotAllowed

T = TypeVar("T")
MOST = 100
LOOKING_BACK = timedelta(days=92)


class MayNotInvestigate(NotAllowed):
    """The person is not an investigator, or the case is about themselves."""


def read_investigations(*, by: Viewer, at: datetime) -> Investigations:
    """Open cases first come first, those closed in three months, and who met many shielded children."""

    def read() -> Investigations:
        said = _loaded(call_door("casework_read_investigations", say_actor(by), at, at - LOOKING_BACK, MOST))
        return Investigations(
            authority=get_authority(said["authority"]).name,
            waiting=tuple(_investigation(each) for each in said["waiting"]),
            closed=tuple(_investigation(each) for each in said["closed"]),
            probers=tuple(
                Prober(Sender(**each["who"]), each["account_id"], each["children"], each["overrides"])
                for each in said["probers"]
            ),
        )

    return _do(by, EventKind.HIDDEN_OPENED, at, read)


def read_investigation(*, by: Viewer, case: int, at: datetime) -> Investigation:
    """One case with the reason that was given. Raises MayNotInvestigate, NotOfYours."""

    def read() -> Investigation:
        return _investigation(_loaded(call_door("casework_read_investigation", say_actor(by), at, case)))

    return _do(by, EventKind.HIDDEN_OPENED, at, read)


def tell_manager(*, by: Viewer, case: int, at: datetime) -> None:
    """Tell the line managers of whoever opened the record.

    Raises MayNotInvestigate, NotOfYours, DecidedAlready.
    """

    def write() -> None:
        child, _, organisation = call_door(
            "casework_note_step", by.account_id, at, case, Step.MANAGER_TOLD.value
        )
        _log_step(by, at, child, case, Step.MANAGER_TOLD)
        tell_manager_of_case(organisation_id=organisation, case=case, at=at)

    _do(by, EventKind.INVESTIGATION_NOTED, at, write)


def suspend_whom_it_is_about(*, by: Viewer, case: int, at: datetime) -> None:
    """Stop the account at once (AUD-6). One that is suspended already stays so.

    Raises MayNotInvestigate, NotOfYours, DecidedAlready; ActionRefused where another authority
    answers for the account: its line manager is told instead.
    """
    account = read_investigation(by=by, case=case, at=at).account_id
    with suppress(AlreadyDone):
        suspend_account(account_id=account, by=by, at=at)

    def write() -> None:
        child, _, _ = call_door("casework_note_step", by.account_id, at, case, Step.SUSPENDED.value)
        _log_step(by, at, child, case, Step.SUSPENDED)

    _do(by, EventKind.INVESTIGATION_NOTED, at, write)


def close_investigation(*, by: Viewer, case: int, outcome: Outcome, at: datetime) -> None:
    """Say how it ended. Raises MayNotInvestigate, NotOfYours, DecidedAlready."""

    def write() -> None:
        (child,) = call_door("casework_close_investigation", by.account_id, at, case, outcome.value)
        record_event(
            kind=EventKind.INVESTIGATION_CLOSED,
            actor=by.actor,
            at=at,
            children=[child],
            facts={"investigation": case, "outcome": outcome.value},
        )

    _do(by, EventKind.INVESTIGATION_CLOSED, at, write)


def _log_step(by: Viewer, at: datetime, child: int, case: int, step: Step) -> None:
    record_event(
        kind=EventKind.INVESTIGATION_NOTED,
        actor=by.actor,
        at=at,
        children=[child],
        facts={"investigation": case, "step": step.value},
    )


def _do(by: Viewer, kind: EventKind, at: datetime, work: Callable[[], T]) -> T:
    """One durable transaction; a refusal is logged in it and raised after it has closed."""
    refusal: ContactPointError | None = None
    with transaction.atomic(durable=True):
        try:
            with transaction.atomic():
                if not by.may(Action.INVESTIGATE):
                    raise MayNotInvestigate("Only an investigator of the authority may do this.")
                done = work()
        except ContactPointError as error:
            refusal = error
            why: dict[str, str | int] = {"tried": kind.value, "because": type(error).__name__}
            record_event(kind=kind, actor=by.actor, at=at, facts=why, refused=True)
    if refusal is not None:
        raise refusal
    return done


def _loaded(row: tuple[Any, ...]) -> dict[str, Any]:
    (said,) = row
    return dict(json.loads(said) if isinstance(said, str) else said)


def _investigation(said: dict[str, Any]) -> Investigation:
    opened_at = datetime.fromisoformat(said["opened_at"])
    sealed = said.get("sealed")
    child = said["child"]
    return Investigation(
        id=said["id"],
        child=ShownChild(
            number=encode(child["id"]),
            given_names=child["given_names"],
            family_name=child["family_name"],
            birth_date=child["birth_date"],
            gender=child["gender"],
            shielded=child["shielded"],
        ),
        who=Sender(**said["who"]),
        account_id=said["account_id"],
        opened_at=opened_at,
        purpose=said["purpose"],
        text=unseal_text(sealed=base64.b64decode(sealed), at=opened_at) if sealed else "",
        steps=tuple(
            Taken(Step(each["step"]), datetime.fromisoformat(each["at"]), each["by"])
            for each in said["steps"]
        ),
        closed_at=datetime.fromisoformat(said["closed_at"]) if said["closed_at"] else None,
        closed_by=said["closed_by"],
        outcome=Outcome(said["outcome"]) if said["outcome"] else None,
        is_own=said["is_own"],
    )
