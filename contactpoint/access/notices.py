"""Notices by e-mail: content-free, sent when the transaction that caused them has committed.

A notice that cannot be sent never undoes what it tells of; that it failed is in the service's own log lines.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.core.mail import send_mail
from django.db import DatabaseError, transaction
from django.db.models import Q

from contactpoint.access.models import Account, Organisation, RoleGrant
from contactpoint.access.policies import ENGLAND
from contactpoint.access.roles import Role

log = logging.getLogger(__name__)


def tell_manager_of_limit(*, organisation_id: int, event: int, at: datetime) -> None:
    """To the line managers of an organisation, else to its secure e-mail address (SEA-8)."""
    addresses = find_manager_addresses(organisation_id=organisation_id, at=at)
    text = (
        "Somebody in your organisation has looked in ContactPoint as often as they may, and was stopped.\n"
        "Please find out why. The ContactPoint team of your authority can tell you who it was.\n\n"
        f"Event {event} in the log.\n"
    )
    transaction.on_commit(lambda: _send("A limit in ContactPoint was reached", text, addresses))


LINK_WORDS = {
    "invitation": (
        "Set up your ContactPoint account",
        "You have been invited to use ContactPoint.\n"
        "Open this page to choose your password. The link works once, within 14 days:",
    ),
    "password": (
        "A new password for ContactPoint",
        "Somebody asked for a new password for your account.\n"
        "Open this page to choose one. The link works once, within an hour.\n"
        "If it was not you, do nothing, and tell your ContactPoint team.",
    ),
}


def tell_link(*, email: str, purpose: str, address: str) -> None:
    """The link itself, to the address that the account holds."""
    subject, words = LINK_WORDS[purpose]
    text = f"{words}\n\n{address}\n\nNobody will ever ask you for your password or a code.\n"
    transaction.on_commit(lambda: _send(subject, text, [email]))


def tell_mediated_code(*, email: str, code: str, until: datetime) -> None:
    """To whom a mediator rang back: the code to read out (ACC-6)."""
    text = (
        f"Your code is {code[:4]} {code[4:]}. It works once, until {until.astimezone(ENGLAND):%H:%M}.\n\n"
        "Read it out only to the ContactPoint mediator who has rung you at your office.\n"
        "If nobody has, do not give it to anybody, and tell your ContactPoint team.\n"
    )
    transaction.on_commit(lambda: _send("Your code for ContactPoint", text, [email]))


def tell_served(*, email: str, began_at: datetime, ended_at: datetime) -> None:
    """To whom a mediator served: when, never what was looked at (ACC-6)."""
    began, ended = began_at.astimezone(ENGLAND), ended_at.astimezone(ENGLAND)
    text = (
        f"A mediator used ContactPoint for you on {began.day} {began:%B %Y} from {began:%H:%M} "
        f"until {ended:%H:%M}.\n"
        "If you did not ask for it by telephone, tell your ContactPoint team at once.\n"
    )
    transaction.on_commit(lambda: _send("ContactPoint was used for you", text, [email]))


def tell_investigators(*, authority: str, case: int, at: datetime) -> None:
    """To an authority's investigators (SHI-6): that something waits, never about whom."""
    addresses = _find_team(Role.INVESTIGATOR, authority, at)
    text = (
        "Somebody has opened a shielded record. An investigation has begun and waits for you.\n"
        f"Sign in to ContactPoint and open case {case}.\n"
    )
    transaction.on_commit(lambda: _send("An investigation in ContactPoint waits", text, addresses))


def tell_manager_of_case(*, organisation_id: int, case: int, at: datetime) -> None:
    """To the line managers of an organisation: that one of their people is asked about (AUD-6)."""
    addresses = find_manager_addresses(organisation_id=organisation_id, at=at)
    text = (
        "A look into ContactPoint by somebody in your organisation is being investigated.\n"
        f"The investigator of the authority will ring you; quote case {case}.\n"
    )
    transaction.on_commit(lambda: _send("A look into ContactPoint is investigated", text, addresses))


def _find_team(role: Role, authority: str, at: datetime) -> list[str]:
    found = RoleGrant.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=at),
        role=role.value,
        authority=authority,
        account__closed_at__isnull=True,
        account__suspended_at__isnull=True,
        valid_from__lte=at,
    )
    return list(found.values_list("account__email", flat=True))


def tell_brokers(*, authority: str, case: int, at: datetime) -> None:
    """To an authority's brokers (SEN-5): that a case waits or has moved on, never about whom."""
    text = (
        "A request for brokered contact in ContactPoint waits for your authority.\n"
        f"Sign in to ContactPoint and open case {case}.\n"
    )
    addresses = _find_team(Role.BROKER, authority, at)
    transaction.on_commit(lambda: _send("A case in ContactPoint waits", text, addresses))


def tell_provider(*, organisation: str, question: int) -> None:
    """To an organisation's secure address, by its code: neither what it provides nor about whom (SEN-5)."""
    found = Organisation.objects.filter(code=organisation).values_list("secure_email", flat=True)
    addresses = [address for address in found if address]
    text = (
        "The ContactPoint team of an authority asks your team something.\n"
        f"Sign in to ContactPoint and open question {question} under your own entries.\n"
    )
    transaction.on_commit(lambda: _send("A question in ContactPoint waits", text, addresses))


def tell_requester(*, account_id: int) -> None:
    """To who asked for something: that there is news, not which (SEN-5)."""
    addresses = list(Account.objects.filter(pk=account_id, closed_at=None).values_list("email", flat=True))
    text = "One of your requests in ContactPoint has moved on.\nSign in and open “My requests”.\n"
    transaction.on_commit(lambda: _send("News of a request in ContactPoint", text, addresses))


def tell_owner_of_guesses(*, account_id: int) -> None:
    """To whoever holds the account (ACC-4): that somebody guesses, and that nothing is locked."""
    addresses = list(Account.objects.filter(pk=account_id, closed_at=None).values_list("email", flat=True))
    text = (
        "Somebody has often tried to sign in to ContactPoint as you, and failed.\n"
        "You can sign in as usual in the browser that you last used for it.\n"
        "If it was not you, tell your ContactPoint team. If somebody may know your password, change it.\n"
    )
    transaction.on_commit(lambda: _send("Somebody tries to sign in to ContactPoint as you", text, addresses))


@dataclass(frozen=True, slots=True)
class Warned:
    """What ends, on which day, and who is told."""

    part: str
    ends_on: date
    email: str | None


LAPSE_WORDS = {
    "dbs": "A DBS check in ContactPoint must be renewed",
    "training": "Mandatory training for ContactPoint expires",
    "recertification": "A manager must confirm that access to ContactPoint is still needed",
    "disuse": "An account in ContactPoint is suspended unless it is used",
    "accreditation": "Your organisation’s accreditation for ContactPoint expires",
}


def tell_lapses(*, warned: tuple[Warned, ...]) -> None:
    """One letter for each that ends; it names nobody."""
    for each in warned:
        subject = LAPSE_WORDS[each.part]
        text = (
            f"{subject}. The last day is {each.ends_on.day} {each.ends_on:%B %Y}.\n"
            "After that day access stops by itself. Your ContactPoint team can tell you what to do.\n"
        )
        addresses = [each.email] if each.email else []
        transaction.on_commit(partial(_send, subject, text, addresses))


def find_manager_addresses(*, organisation_id: int, at: datetime) -> list[str]:
    """E-mail addresses of those who answer for an organisation's people today."""
    managers = RoleGrant.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=at),
        role=Role.LINE_MANAGER.value,
        account__organisation_id=organisation_id,
        account__closed_at__isnull=True,
        account__suspended_at__isnull=True,
        valid_from__lte=at,
    ).values_list("account__email", flat=True)
    fallback = Organisation.objects.filter(pk=organisation_id).values_list("secure_email", flat=True)
    return list(managers) or [address for address in fallback if address]


def _send(subject: str, text: str, addresses: list[str]) -> None:
    if not addresses:
        log.error("A notice had nobody to go to: %s", subject)
        return
    try:
        send_mail(subject, text, None, addresses)
    except (OSError, DatabaseError):
        log.exception("A notice could not be sent: %s", subject)


def tell_of_late_feed(*, authority: str, event: int, at: datetime) -> None:
    """To the data managers of an authority, or with '' to the national data-quality team (SUP-2)."""
    role = Role.DATA_MANAGER if authority else Role.NATIONAL_DATA_QUALITY
    grants = RoleGrant.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=at),
        role=role.value,
        account__closed_at__isnull=True,
        account__suspended_at__isnull=True,
        valid_from__lte=at,
    )
    if authority:
        grants = grants.filter(authority=authority)
    addresses = sorted(set(grants.values_list("account__email", flat=True)))
    text = (
        "A supplier's file for ContactPoint has not come by the day on which it was expected.\n"
        f"Sign in and look under Feeds.\n\nEvent {event} in the log.\n"
    )
    transaction.on_commit(lambda: _send("A feed for ContactPoint is late", text, addresses))
