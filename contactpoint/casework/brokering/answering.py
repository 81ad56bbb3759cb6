"""What a provider of a sensitive service is asked, and its answers (SEN-4, SEN-5): its own people alone."""

import base64
import json
from datetime import datetime
from typing import Any

from django.conf import settings

from contactpoint.access.notices import tell_brokers, tell_requester
from contactpoint.access.records import Viewer
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.brokering.doing import do_step, load, to_child
from contactpoint.casework.brokering.records import Answer, Question
from contactpoint.casework.door import NotOfYours, call_door
from contactpoint.casework.policies import LONGEST_REPLY, UnusableCase, check_text
from contactpoint.casework.records import Sender
from contactpoint.casework.sealing import seal_text, unseal_text
from contactpoint.directory.sensitive.policies import insist_on_provider

MOST = 100
NO_QUESTION = "There is no such question for your service. It may have been withdrawn."


def list_questions(*, by: Viewer, at: datetime) -> tuple[Question, ...]:
    """What waits for an answer of the viewer's service, the oldest first. Raises MayNotRecord."""
    return _read(by, None, at)


def read_question(*, by: Viewer, question: int, at: datetime) -> Question:
    """One of them, with the reason that was given. Raises MayNotRecord, NotOfYours."""
    found = _read(by, question, at)
    if not found:
        raise NotOfYours(NO_QUESTION)
    return found[0]


def accept_contact(
    *, by: Viewer, question: int, ask_for: str, telephone: str, email: str, at: datetime
) -> None:
    """The person who asked may reach the service this way, for a limited time (SEN-5).

    The contact is the service's own, never personal (INV-2).
    Raises MayNotRecord, NotOfYours, DecidedAlready, UnusableCase.
    """

    def step(event: int) -> None:
        if not telephone.strip() and not email.strip():
            raise UnusableCase("Enter a telephone number or an e-mail address of your service.")
        contact = {
            "organisation": by.organisation_name,
            "ask_for": _line(ask_for, "whom to ask for"),
            "telephone": _line(telephone, "the telephone number") if telephone.strip() else "",
            "email": _line(email, "the e-mail address") if email.strip() else "",
        }
        sealed = seal_text(text=json.dumps(contact), at=at)
        _answer(event, question, Answer.ACCEPTED, sealed, at)

    _do(by, question, Answer.ACCEPTED, at, step)


def decline_contact(*, by: Viewer, question: int, at: datetime) -> None:
    """No contact is given, and nobody is told why. Raises MayNotRecord, NotOfYours, DecidedAlready."""

    def step(event: int) -> None:
        _answer(event, question, Answer.DECLINED, None, at)

    _do(by, question, Answer.DECLINED, at, step)


def _do(by: Viewer, question: int, answer: Answer, at: datetime, step: Any) -> None:
    do_step(
        by=by,
        kind=EventKind.CONTACT_ANSWERED,
        at=at,
        facts={"question": question, "answer": answer.value},
        insist=lambda: insist_on_provider(by),
        step=step,
    )


def _answer(event: int, question: int, answer: Answer, sealed: bytes | None, at: datetime) -> None:
    until = at + settings.BROKERED_CONTACT_LASTS if sealed else None
    _, request, account, authority = call_door(
        "casework_answer_question", event, at, question, answer.value, sealed, until
    )
    tell_brokers(authority=authority, case=request, at=at)
    if sealed:
        tell_requester(account_id=account)


def _line(text: str, named: str) -> str:
    return " ".join(check_text(text=text, named=named, most=LONGEST_REPLY).split())


def _read(by: Viewer, question: int | None, at: datetime) -> tuple[Question, ...]:
    def step(event: int) -> tuple[Question, ...]:
        (said,) = call_door("casework_read_questions", event, at, question, MOST)
        found = tuple(_question(each) for each in load(said))
        facts: dict[str, str | int] = {"questions": " ".join(str(each.id) for each in found)}
        record_event(kind=EventKind.CONTACT_QUESTIONS_LISTED, actor=by.actor, at=at, facts=facts)
        return found

    return do_step(
        by=by,
        kind=EventKind.HIDDEN_OPENED,
        at=at,
        facts={"shown": "contact-questions"},
        insist=lambda: insist_on_provider(by),
        step=step,
    )


def _question(said: dict[str, Any]) -> Question:
    sealed, requested_at = said.get("sealed"), datetime.fromisoformat(said["requested_at"])
    return Question(
        id=said["id"],
        child=to_child(said["child"]),
        asked_at=datetime.fromisoformat(said["asked_at"]),
        requester=Sender(**said["requester"]),
        text=unseal_text(sealed=base64.b64decode(sealed), at=requested_at) if sealed else "",
    )
