"""Cases for the demo's broker and its sensitive service, made by the same actions as real ones."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections

from contactpoint.access.models import Account
from contactpoint.access.practice import AUTHORITY, PEOPLE
from contactpoint.access.queries import get_viewer
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.casework.brokering.cases import ask_provider, read_case, take_case
from contactpoint.casework.brokering.requesting import request_contact
from contactpoint.codes.child_number import encode
from contactpoint.directory.models import Child
from contactpoint.directory.sensitive.actions import record_sensitive_involvement
from contactpoint.directory.sensitive.records import Consent

WANTED = 2
SPARED = 5  # the first ones are the shielding officer's (`demo_cases`)
_CASES = "SELECT EXISTS (SELECT 1 FROM hidden.contact_request)"


def demo_brokering(*, at: datetime) -> None:
    """One request that waits for a broker, and one of which the service has been asked; once."""
    with connections["match"].cursor() as cursor:
        cursor.execute(_CASES)
        (is_done,) = cursor.fetchone()
    live = Child.objects.filter(
        authority=AUTHORITY, shielded=False, live_until__gt=at.date() + timedelta(days=400)
    )
    children = list(live.order_by("id")[SPARED : SPARED + WANTED])
    if not settings.DEMO or is_done or len(children) < WANTED:
        return
    service = _viewer(Role.PRACTITIONER, "lanternhouse", at)
    school = _viewer(Role.PRACTITIONER, "bridgelane", at)
    for child in children:
        _record(child, service, at)
    waiting, asked = children
    text = "She has missed three lessons and would like somebody to come along to the next meeting."
    request_contact(by=school, child=encode(waiting.pk), text=text, at=at)
    text = "He moves to our sixth form in January. We want to plan with whoever helps him."
    case = request_contact(by=school, child=encode(asked.pk), text=text, at=at)
    _ask(case, _viewer(Role.BROKER, "", at), at)


def _record(child: Child, by: Viewer, at: datetime) -> None:
    on = at.date()
    role = "mental_health_practitioner"
    record_sensitive_involvement(
        by=by,
        child=encode(child.pk),
        role=role,
        started_on=on - timedelta(days=40),
        basis="consent",
        consent=Consent("child", role, on - timedelta(days=40), on + timedelta(days=140)),
        at=at,
    )


def _ask(case: int, broker: Viewer, at: datetime) -> None:
    take_case(by=broker, case=case, seen=None, at=at)
    (found,) = read_case(by=broker, case=case, at=at).providers
    ask_provider(by=broker, case=case, organisation=found.organisation, service=found.service, at=at)


def _viewer(role: Role, domain: str, at: datetime) -> Viewer:
    email = next(
        each.email for each in PEOPLE if each.role is role and not each.trouble and domain in each.email
    )
    return get_viewer(account_id=Account.objects.get(email=email).pk, at=at, door="command")
