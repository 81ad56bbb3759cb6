"""What the responsible authority's broker reads and does (SEN-4, SEN-5): queue, claim, ask, close.

Who has a case works on it; a colleague may take it over, and of two at once the second is told.
"""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from contactpoint.access.notices import tell_provider, tell_requester
from contactpoint.access.policies import ENGLAND
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.brokering.doing import do_step, load, seal_provider, to_child, to_moment
from contactpoint.casework.brokering.records import Answer, Case, Cases, Provider, Standing
from contactpoint.casework.door import DecidedAlready, call_door
from contactpoint.casework.records import Sender
from contactpoint.casework.sealing import unseal_text
from contactpoint.codes.authorities import get_authority
from contactpoint.codes.child_number import decode
from contactpoint.errors import Conflict, NotAllowed

T = TypeVar("T")
MOST = 100


class MayNotBroker(NotAllowed):
    """The person is no broker, or asked for this themselves."""


class CannotBeAsked(Conflict):
    """The provider is not in the service at the moment, or nobody there could answer."""


def list_cases(*, by: Viewer, at: datetime) -> Cases:
    """What waits, the oldest first. Of a shielded child nothing waits here. Raises MayNotBroker."""

    def step(event: int) -> Cases:
        (said,) = call_door("casework_list_contact_cases", event, at, MOST)
        told = load(said)
        waiting = tuple(_case(each, by, at) for each in told["cases"])
        _log_read(by, at, " ".join(str(each.id) for each in waiting), {})
        return Cases(get_authority(told["authority"]).name, waiting)

    return _do(by, EventKind.HIDDEN_OPENED, at, {"shown": "contact-cases"}, step)


def read_case(*, by: Viewer, case: int, at: datetime) -> Case:
    """One case with its reason and who the providers are. Raises MayNotBroker, NotOfYours."""
    facts: dict[str, str | int] = {"shown": "contact-case", "request": case}
    return _do(by, EventKind.HIDDEN_OPENED, at, facts, lambda event: _read(event, by, case, at))


def take_case(*, by: Viewer, case: int, seen: int | None, at: datetime) -> None:
    """Claim it, or take it over. `seen` is who had it when the broker looked.

    Raises MayNotBroker, NotOfYours, DecidedAlready.
    """

    def step(event: int) -> None:
        call_door("casework_take_contact_case", event, at, case, seen)

    _do(by, EventKind.CONTACT_CASE_TAKEN, at, {"request": case}, step)


def ask_provider(*, by: Viewer, case: int, organisation: str, service: str, at: datetime) -> None:
    """Ask a provider of the child's whether it accepts contact; it is told that something waits.

    Raises MayNotBroker, NotOfYours, CannotBeAsked; DecidedAlready where it was asked or is a colleague's.
    """
    shown = read_case(by=by, case=case, at=at)
    about = [each for each in shown.providers if (each.organisation, each.service) == (organisation, service)]
    child = decode(shown.child.number) or 0
    facts: dict[str, str | int] = {
        "request": case,
        "providers": seal_provider(child=child, codes=[organisation]),
    }

    def step(event: int) -> None:
        if about and about[0].standing is not Standing.READY:
            raise CannotBeAsked(
                "This service cannot be asked here at the moment. Nothing was sent. Close the case."
            )
        if not shown.is_mine:
            raise DecidedAlready("This case is not yours. Take it first; nothing was sent.")
        question, _ = call_door("casework_ask_provider", event, at, case, organisation, service)
        tell_provider(organisation=organisation, question=question)

    _do(by, EventKind.CONTACT_PROVIDER_ASKED, at, facts, step)


def close_case(*, by: Viewer, case: int, at: datetime) -> None:
    """No more is done about it; who asked is told that there is news. Raises as `take_case` does."""

    def step(event: int) -> None:
        _, account = call_door("casework_close_contact_case", event, at, case)
        tell_requester(account_id=account)

    _do(by, EventKind.CONTACT_CASE_CLOSED, at, {"request": case}, step)


def _do(
    by: Viewer, kind: EventKind, at: datetime, facts: dict[str, str | int], step: Callable[[int], T]
) -> T:
    def insist() -> None:
        if not by.may(Action.BROKER):
            raise MayNotBroker("Only a broker of the responsible authority may do this.")

    return do_step(by=by, kind=kind, at=at, facts=facts, insist=insist, step=step)


def _read(event: int, by: Viewer, case: int, at: datetime) -> Case:
    (said,) = call_door("casework_read_contact_case", event, at, case)
    told = load(said)
    shown = _case(told, by, at)
    codes = seal_provider(child=told["child"]["id"], codes=[each.organisation for each in shown.providers])
    _log_read(by, at, str(case), {"providers": codes})
    return shown


def _log_read(by: Viewer, at: datetime, cases: str, more: dict[str, str | int]) -> None:
    facts: dict[str, str | int] = {"requests": cases, **more}
    record_event(kind=EventKind.CONTACT_CASE_READ, actor=by.actor, at=at, facts=facts)


def _case(said: dict[str, Any], by: Viewer, at: datetime) -> Case:
    requested_at = datetime.fromisoformat(said["requested_at"])
    sealed = said.get("sealed")
    return Case(
        id=said["id"],
        child=to_child(said["child"]),
        requested_at=requested_at,
        days=(at.astimezone(ENGLAND).date() - requested_at.astimezone(ENGLAND).date()).days,
        requester=Sender(**said["requester"]),
        is_own=said["is_own"],
        is_mine=said["claimed_by"] == by.account_id,
        claimed_by=said["claimed_by"],
        claimed_name=said["claimed_name"],
        unanswered=said["unanswered"],
        declined=said["declined"],
        text=unseal_text(sealed=base64.b64decode(sealed), at=requested_at) if sealed else "",
        providers=tuple(_provider(each) for each in said.get("providers", ())),
    )


def _provider(said: dict[str, Any]) -> Provider:
    return Provider(
        organisation=said["organisation"],
        name=said["name"],
        service=said["service"],
        telephone=said["telephone"],
        email=said["email"],
        practitioners=tuple(said["practitioners"] or ()),
        standing=Standing(said["standing"]),
        question=said["question"],
        asked_at=to_moment(said["asked_at"]),
        answer=Answer(said["answer"]) if said["answer"] else None,
    )
