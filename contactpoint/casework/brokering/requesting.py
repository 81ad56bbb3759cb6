"""Who asks for brokered contact: asking, following one's requests, seeing the contact once accepted (SEN-5).

Asking is received for every open record, whether or not there is any service: no answer here tells (SEN-3).
About a shielded child nothing is brokered: where a service is tells where the child is (SHI-2).
"""

import base64
import json
from datetime import datetime, timedelta
from typing import Any

from contactpoint.access.notices import tell_brokers
from contactpoint.access.policies import ENGLAND
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.brokering.doing import check_first, do_step, load, seal_provider, to_child
from contactpoint.casework.brokering.records import Given, OwnContact, OwnRequest, OwnRequests, State
from contactpoint.casework.door import NotOfYours, call_door
from contactpoint.casework.policies import check_text
from contactpoint.casework.sealing import seal_text, unseal_text
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory.models import Child
from contactpoint.directory.opening import NoSuchRecord, find_live_child
from contactpoint.errors import Conflict, NotAllowed

MOST = 50
LISTED_FOR = timedelta(days=92)  # after it was closed


class MayNotAskForContact(NotAllowed):
    """The person's roles do not include this."""


class Shielded(Conflict):
    """The record is shielded: a message can be passed, and nothing else."""


def request_contact(*, by: Viewer, child: ChildNumber, text: str, at: datetime) -> int:
    """Ask the responsible authority's broker for contact with a sensitive service; gives the request.

    `text` is why, sealed. Raises MayNotAskForContact, NoSuchRecord, Shielded, AskedAlready, UnusableCase.
    """

    def step(event: int) -> int:
        found = _find(child, at)
        sealed = seal_text(text=check_text(text=text, named="why you need the contact"), at=at)
        (made,) = call_door("casework_ask_contact", event, at, found.pk, sealed)
        tell_brokers(authority=found.authority or "", case=made, at=at)
        return int(made)

    return do_step(
        by=by, kind=EventKind.CONTACT_ASKED, at=at, facts={}, insist=lambda: insist_may_ask(by), step=step
    )


def check_askable(*, by: Viewer, child: ChildNumber, at: datetime) -> None:
    """For the page before anything is asked. Raises as `request_contact` does; a refusal is logged."""

    def check() -> None:
        insist_may_ask(by)
        _find(child, at)

    check_first(by=by, kind=EventKind.CONTACT_ASKED, at=at, check=check)


def insist_may_ask(viewer: Viewer) -> None:
    """Raises MayNotAskForContact."""
    if not viewer.may(Action.ASK_FOR_BROKERED_CONTACT):
        raise MayNotAskForContact("Your role does not let you ask for brokered contact. Nothing was sent.")


def list_own_requests(*, by: Viewer, at: datetime) -> OwnRequests:
    """What the viewer has asked for, and how each stands: contacts and shields. Raises MayNotAskForContact.

    A child whose record is no longer live is left out (RET-5).
    """

    def step(event: int) -> OwnRequests:
        (said,) = call_door("casework_list_own_requests", event, at, at - LISTED_FOR, MOST)
        told = load(said)
        found = {kind: _shown(told[kind], at) for kind in ("contacts", "shields")}
        counts: dict[str, str | int] = {kind: len(some) for kind, some in found.items()}
        record_event(kind=EventKind.OWN_REQUESTS_LISTED, actor=by.actor, at=at, facts=counts)
        return OwnRequests(found["contacts"], found["shields"])

    def insist() -> None:
        if not by.may(Action.REQUEST_SHIELD) and not by.may(Action.ASK_FOR_BROKERED_CONTACT):
            raise MayNotAskForContact("Your role does not let you ask for anything here.")

    facts: dict[str, str | int] = {"shown": "own-requests"}
    return do_step(by=by, kind=EventKind.HIDDEN_OPENED, at=at, facts=facts, insist=insist, step=step)


def read_own_contact(*, by: Viewer, request: int, at: datetime) -> OwnContact:
    """One request with the contacts that can be seen now. Raises MayNotAskForContact, NotOfYours."""

    def step(event: int) -> OwnContact:
        (said,) = call_door("casework_read_own_contact", event, at, request)
        told = load(said)
        shown = _shown([told], at)
        if not shown:
            raise NotOfYours("There is no such request of yours.")
        if told["contacts"]:
            codes = seal_provider(child=told["child"], codes=[each["provider"] for each in told["contacts"]])
            facts: dict[str, str | int] = {"request": request, "providers": codes}
            record_event(kind=EventKind.CONTACT_SEEN, actor=by.actor, at=at, facts=facts)
        return OwnContact(shown[0], tuple(_given(each) for each in told["contacts"]))

    return do_step(
        by=by,
        kind=EventKind.HIDDEN_OPENED,
        at=at,
        facts={"shown": "own-contact", "request": request},
        insist=lambda: insist_may_ask(by),
        step=step,
    )


def _find(child: ChildNumber, at: datetime) -> Child:
    found = find_live_child(number=decode(child), on=at.astimezone(ENGLAND).date())
    if found is None:
        raise NoSuchRecord("There is no record with this number.")
    if found.shielded:
        raise Shielded("This record is shielded: ask us to pass a message. Nothing was sent.")
    return found


def _shown(rows: list[dict[str, Any]], at: datetime) -> tuple[OwnRequest, ...]:
    """With what everybody may see of each child; of one no longer live, nothing."""
    on = at.astimezone(ENGLAND).date()
    live = Child.objects.filter(live_until__gt=on, searchable_from__lte=on)
    children = live.in_bulk([row["child"] for row in rows])
    return tuple(
        OwnRequest(
            id=row["id"],
            child=to_child(_facts(children[row["child"]])),
            at=datetime.fromisoformat(row["at"]),
            state=State(row["state"]),
        )
        for row in rows
        if row["child"] in children
    )


def _facts(child: Child) -> dict[str, Any]:
    return {
        "id": child.pk,
        "given_names": child.given_names,
        "family_name": child.family_name,
        "birth_date": child.birth_date,
        "gender": child.gender,
        "shielded": child.shielded,
    }


def _given(said: dict[str, Any]) -> Given:
    given_at = datetime.fromisoformat(said["given_at"])
    text = unseal_text(sealed=base64.b64decode(said["sealed"]), at=given_at)
    try:
        told = json.loads(text)
    except ValueError:  # its key was destroyed
        told = {"organisation": text}
    return Given(
        organisation=str(told.get("organisation", "")),
        ask_for=str(told.get("ask_for", "")),
        telephone=str(told.get("telephone", "")),
        email=str(told.get("email", "")),
        until=datetime.fromisoformat(said["until"]),
    )
