"""Mediated access: finding who is on the telephone, proving them, and beginning a visit for them (ACC-6).

Two things prove a caller: they are reached at the number held for their organisation, never one that they
give, and they read out a one-time code sent to the e-mail address that their account holds.
Whether they may be served is decided anew at each step and, in a visit, at each request.
Never gives a mediator anything to look at in their own right.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from contactpoint.access.actions.ending_visit import VisitEnd, actor_of_visit, close_visit
from contactpoint.access.actions.insist import insist_on
from contactpoint.access.models import Account, MediatedVisit, Organisation, SignIn
from contactpoint.access.models.mediated import LONGEST, MOST_TRIES
from contactpoint.access.notices import tell_mediated_code
from contactpoint.access.queries.who import NoSuchAccount, NotCleared, get_viewer
from contactpoint.access.records import Decision, Viewer
from contactpoint.access.roles import MEDIATED, Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.errors import Conflict, Invalid, NotAllowed

CODE_LASTS = timedelta(minutes=10)
MOST_CODES = 5  # sent to one person in an hour
MOST_FOUND = 10
SHORTEST_NAME = 3
INCOMPLETE = (
    "This person cannot be served now: their access or their organisation’s is incomplete or suspended. "
    "Look for nothing. Tell them to ask the ContactPoint team of their authority."
)


class MayNotServe(NotAllowed):
    """This person cannot be served by this mediator; logged."""


class UnusableSearch(Invalid):
    """The words find nobody or too many."""


class CodeRefused(Invalid):
    """The code was wrong; it may be tried again."""


class NoCodeWaits(Conflict):
    """There is no code that could be typed: none was sent, it was used, too old, or tried too often."""


class BeingServed(Conflict):
    """Another visit goes on."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who may be served, and the number to ring: the one held for their organisation, never another."""

    account_id: int
    name: str
    job_title: str
    organisation_name: str
    organisation_id: int
    telephone: str


def find_callers(*, words: str, by: Viewer, at: datetime) -> tuple[Caller, ...]:
    """Those who may be served, by their exact work e-mail address or part of their name; logged.

    Raises ActionRefused, UnusableSearch and, where only somebody was found who may not be, MayNotServe.
    """
    insist_may_mediate(by=by, at=at)
    words = " ".join(words.split())
    if len(words) < SHORTEST_NAME:
        raise UnusableSearch("Enter an e-mail address, or at least three letters of the name", about="words")
    wanted = {"email__iexact": words} if "@" in words else {"name__icontains": words}
    rows = Account.objects.filter(**wanted, closed_at=None).order_by("name", "pk")
    numbers = list(rows.values_list("pk", flat=True)[: MOST_FOUND + 1])
    if len(numbers) > MOST_FOUND:
        raise UnusableSearch(
            "Too many people have such a name. Enter more of it, or the e-mail address", about="words"
        )
    judged = [_judge(by, number, at) for number in numbers]
    found = tuple(each for each in judged if isinstance(each, Caller))
    refusal = next((each for each in judged if isinstance(each, _Refusal)), None) if not found else None
    with transaction.atomic(durable=True):
        facts: dict[str, str | int] = {"count": len(found), **({"why": refusal.rule} if refusal else {})}
        served = numbers[0] if len(numbers) == 1 else None
        record_event(
            kind=EventKind.CALLER_LOOKED_UP,
            actor=replace(by.actor, on_behalf_of=served),
            at=at,
            typed={"words": words[:254]},
            facts=facts,
            refused=refusal is not None,
        )
    if refusal:
        raise MayNotServe(refusal.words)
    return found


def get_caller(*, account_id: int, by: Viewer, at: datetime) -> Caller:
    """One who may be served now. Raises ActionRefused and MayNotServe, which is logged."""
    insist_may_mediate(by=by, at=at)
    judged = _judge(by, account_id, at)
    if isinstance(judged, Caller):
        return judged
    _log_refusal(EventKind.CALLER_LOOKED_UP, _for(by, judged), at, {"why": judged.rule})
    raise MayNotServe(judged.words)


def send_code(*, account_id: int, by: Viewer, at: datetime) -> None:
    """Once the mediator has rung back: a new code to the address held; any older one stops working.

    Raises ActionRefused, MayNotServe and BeingServed; each is logged.
    """
    caller = get_caller(account_id=account_id, by=by, at=at)
    actor = Actor(by.account_id, caller.organisation_id, by.door, by.address, on_behalf_of=account_id)
    code = f"{secrets.randbelow(10**8):08d}"
    refusal: tuple[str, NotAllowed | Conflict] | None = None
    with transaction.atomic(durable=True):
        both = Account.objects.select_for_update().filter(pk__in=[account_id, by.account_id]).order_by("pk")
        account = next(each for each in both if each.pk == account_id)
        refusal = _find_trouble(account, by, actor, at)
        if refusal is None:
            row = MediatedVisit.objects.create(
                mediator_id=by.account_id,
                caller=account,
                asked_at=at,
                code_digest=_digest(code, by.account_id, account_id, at),
                code_expires_at=at + CODE_LASTS,
            )
            record_event(kind=EventKind.MEDIATED_CODE_SENT, actor=actor, at=at, facts={"visit": row.pk})
            tell_mediated_code(email=account.email, code=code, until=at + CODE_LASTS)
    if refusal is not None:
        _log_refusal(EventKind.MEDIATED_CODE_SENT, actor, at, {"why": refusal[0]})
        raise refusal[1]


def begin_visit(*, code: str, by: Viewer, at: datetime) -> None:
    """The caller read out the code: from now on the mediator looks for them.

    Raises ActionRefused, CodeRefused, NoCodeWaits and MayNotServe; each is logged.
    """
    insist_may_mediate(by=by, at=at)
    typed = "".join(code.split())
    with transaction.atomic(durable=True):
        row = MediatedVisit.objects.select_for_update().filter(mediator=by.account_id, ended_at=None).first()
        why = _judge_code(row, typed, by, at)
        actor = actor_of_visit(row=row, noticed_by=by.actor) if row else by.actor
        facts: dict[str, str | int] = {"visit": row.pk if row else 0}
        if why:
            _count_try(row, why, actor, at)
            facts["why"] = why
            record_event(kind=EventKind.MEDIATED_CODE_REFUSED, actor=actor, at=at, facts=facts, refused=True)
        elif row is not None:
            row.code_digest, row.began_at, row.ends_at = "", at, at + LONGEST
            row.save(update_fields=["code_digest", "began_at", "ends_at"])
            # Who only telephones is no unused account (ACC-5).
            SignIn.objects.filter(account=row.caller_id).update(used_at=at)
            record_event(kind=EventKind.MEDIATED_VISIT_BEGAN, actor=actor, at=at, facts=facts)
    if why:
        raise _error_of(why, row)


def find_waiting(*, by: Viewer, at: datetime) -> Caller | None:
    """Whose code the mediator is to type; None where none waits."""
    row = MediatedVisit.objects.filter(mediator=by.account_id, ended_at=None, began_at=None).first()
    if row is None or not row.asked_at <= at < row.code_expires_at:
        return None
    judged = _judge(by, row.caller_id, at)
    return judged if isinstance(judged, Caller) else None


@dataclass(frozen=True, slots=True)
class _Refusal:
    rule: str
    words: str
    account_id: int
    organisation_id: int | None


def insist_may_mediate(*, by: Viewer, at: datetime) -> None:
    """Raises ActionRefused, which is logged."""
    allowed = by.may(Action.MEDIATE)
    decision = Decision(True) if allowed else Decision(False, ("Your role does not allow this.",), ("role",))
    insist_on(decision, by=by, action=Action.MEDIATE, at=at)


def _judge(by: Viewer, account_id: int, at: datetime) -> Caller | _Refusal:
    try:
        viewer = get_viewer(account_id=account_id, at=at)
    except NotCleared as error:
        return _Refusal("not-cleared", INCOMPLETE, account_id, error.organisation_id)
    except NoSuchAccount:
        return _Refusal("not-cleared", INCOMPLETE, account_id, None)
    telephone = Organisation.objects.values_list("telephone", flat=True).get(pk=viewer.organisation_id)
    rule, words = _say_why_not(by, viewer, telephone)
    if rule:
        return _Refusal(rule, words, account_id, viewer.organisation_id)
    return Caller(
        account_id=account_id,
        name=viewer.name,
        job_title=viewer.job_title,
        organisation_name=viewer.organisation_name,
        organisation_id=viewer.organisation_id,
        telephone=telephone,
    )


def _say_why_not(by: Viewer, caller: Viewer, telephone: str) -> tuple[str, str]:
    if caller.account_id == by.account_id:
        return "self", "This is your own account. Nobody serves themselves."
    if not all(caller.may(action) for action in MEDIATED):
        return "role", "This person’s role does not let them search for children. Look for nothing."
    if not telephone.strip():
        return "no-number", (
            "No telephone number is held for this person’s organisation, so they cannot be rung back. "
            "Tell them to ask the ContactPoint team of their authority."
        )
    return "", ""


def _find_trouble(
    account: Account, by: Viewer, actor: Actor, at: datetime
) -> tuple[str, NotAllowed | Conflict] | None:
    """What stands against sending a code. Ends what the new code replaces."""
    sent = MediatedVisit.objects.filter(caller=account, asked_at__gt=at - timedelta(hours=1)).count()
    if sent >= MOST_CODES:
        return "too-many", MayNotServe(
            f"{MOST_CODES} codes were sent to this person within an hour. Wait, and tell your manager."
        )
    rows = MediatedVisit.objects.select_for_update().filter(ended_at=None).order_by("pk")
    open_rows = [row for row in rows if account.pk == row.caller_id or by.account_id == row.mediator_id]
    if any(row.began_at and row.ends_at and row.ends_at > at for row in open_rows):
        return "being-served", BeingServed(
            "You, or another mediator for this person, are in a visit. It has to end first."
        )
    for row in open_rows:
        close_visit(row=row, why=VisitEnd.TIME if row.began_at else VisitEnd.REPLACED, actor=actor, at=at)
    return None


def _judge_code(row: MediatedVisit | None, typed: str, by: Viewer, at: datetime) -> str:
    if row is None:
        return "none"
    if row.began_at is not None:
        return "used"
    if not row.asked_at <= at < row.code_expires_at:
        return VisitEnd.EXPIRED.value
    if not isinstance(_judge(by, row.caller_id, at), Caller):
        return VisitEnd.NOT_CLEARED.value
    digest = _digest(typed, row.mediator_id, row.caller_id, row.asked_at)
    return "" if constant_time_compare(digest, row.code_digest) else "wrong"


def _count_try(row: MediatedVisit | None, why: str, actor: Actor, at: datetime) -> None:
    if row is None or row.began_at is not None:
        return
    if why in (VisitEnd.EXPIRED, VisitEnd.NOT_CLEARED):
        close_visit(row=row, why=VisitEnd(why), actor=actor, at=at)
        return
    row.tries += 1
    row.save(update_fields=["tries"])
    if row.tries >= MOST_TRIES:
        close_visit(row=row, why=VisitEnd.TRIES, actor=actor, at=at)


def _error_of(why: str, row: MediatedVisit | None) -> CodeRefused | NoCodeWaits | MayNotServe:
    if why == VisitEnd.NOT_CLEARED:
        return MayNotServe(INCOMPLETE)
    if why == "wrong" and row is not None and row.ended_at is None:
        left = MOST_TRIES - row.tries
        times = "once more" if left == 1 else f"{left} more times"
        return CodeRefused(f"The code is not correct. It can be tried {times}", about="code")
    return NoCodeWaits(
        "There is no code that can be used: none was sent, or it was used, too old or tried too often. "
        "Ring back again and send a new one. No visit began."
    )


def _digest(code: str, mediator: int, caller: int, at: datetime) -> str:
    """Under the service's secret: who reads the table cannot try the hundred million codes."""
    value = f"{mediator}:{caller}:{at.timestamp()}:{code}"
    return salted_hmac("contactpoint.mediated-code", value, algorithm="sha256").hexdigest()


def _for(by: Viewer, refusal: _Refusal) -> Actor:
    return replace(by.actor, on_behalf_of=refusal.account_id)


def _log_refusal(kind: EventKind, actor: Actor, at: datetime, facts: dict[str, str | int]) -> None:
    with transaction.atomic(durable=True):
        record_event(kind=kind, actor=actor, at=at, facts=facts, refused=True)
