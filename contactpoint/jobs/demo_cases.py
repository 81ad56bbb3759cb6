"""Cases for the demo's shielding officer, made by the same actions as real ones: something to decide."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, connections, transaction

from contactpoint.access.models import Account
from contactpoint.access.practice import AUTHORITY, PEOPLE
from contactpoint.access.queries import get_viewer
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.casework import actions, asking
from contactpoint.casework.identity.carrying_out import tend
from contactpoint.casework.identity.giving import give_identity
from contactpoint.casework.identity.records import NewIdentity
from contactpoint.casework.review import values
from contactpoint.codes.child_number import encode
from contactpoint.directory.models import Child
from contactpoint.directory.publish.shielding import GROUND, shield_child
from contactpoint.directory.queries import search_children
from contactpoint.directory.records import SearchQuery
from contactpoint.directory.values import SuppliedValues
from contactpoint.intake.entries import process_entry
from contactpoint.intake.receiving import receive_entry

WANTED = 6
WRONG = 5  # values that are called wrong
NEW_NAME = "Winterbourne"
US = Actor(account_id=None, organisation_id=None, door="command")
_CASES = "SELECT EXISTS (SELECT 1 FROM hidden.shield_request)"


def demo_cases(*, at: datetime) -> None:
    """Requests (one urgent), a message, shields due and overdue for review, a row held near one; once."""
    with connections["match"].cursor() as cursor:
        cursor.execute(_CASES)
        (is_done,) = cursor.fetchone()
    open_ones = list(
        Child.objects.filter(
            authority=AUTHORITY, shielded=False, live_until__gt=at.date() + timedelta(days=400)
        ).order_by("id")[:WANTED]
    )
    if not settings.DEMO or is_done or len(open_ones) < WANTED:
        return
    urgent, calm, due, overdue, near, former = open_ones
    school = _viewer(Role.PRACTITIONER, "bridgelane", at)
    officer = _viewer(Role.SHIELDING_OFFICER, "", at)
    _call_wrong(school, at)
    _shield_long_ago(overdue, at)
    review = (at + timedelta(days=1)).date()
    for child, ground in ((due, "placement"), (near, "refuge")):
        actions.apply_shield(by=officer, child=encode(child.pk), ground=ground, review_on=review, at=at)
    _enter_look_alike(near, school, at, given=near.given_names.split(" ")[0][:-1], born=near.birth_date[:7])
    _give_identity(former, officer, at)
    _enter_look_alike(former, school, at, given=former.given_names, born=former.birth_date, both=NEW_NAME)
    text = "The glasses were found in class. Whom may we ring?"
    asking.pass_message(by=school, child=encode(near.pk), text=text, reply_to="0121 496 0200", at=at)
    text = "They move to another refuge next month. A decision by then is soon enough."
    asking.request_shield(by=school, child=encode(calm.pk), ground="refuge", text=text, urgent=False, at=at)
    text = "Mother and children left home last night. Their father has rung the school twice to ask."
    asking.request_shield(
        by=school, child=encode(urgent.pk), ground="family-violence", text=text, urgent=True, at=at
    )


def _call_wrong(by: Viewer, at: datetime) -> None:
    """Some addresses that the school knows better, for the suppliers' lists and for data quality (SUP-6)."""
    children = Child.objects.filter(
        authority=AUTHORITY, shielded=False, live_until__gt=at.date(), searchable_from__lte=at.date()
    )
    for child in children.order_by("id")[WANTED : WANTED + WRONG]:
        number = encode(child.pk)
        said = [each for each in values.list_said(by=by, child=number, at=at) if each.field == "addresses"]
        if said:
            values.ask_correction(by=by, child=number, row=said[0].row, field=said[0].field, at=at)


def _shield_long_ago(child: Child, at: datetime) -> None:
    """As the marker of a supplier would have done half a year ago, and nobody has looked since (SHI-8)."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        shield_child(
            cursor,
            child=child.pk,
            ground=GROUND,
            requested_by="nhs_demographics",
            provisional=True,
            applied_by=None,
            at=at - timedelta(days=190),
            review_on=(at - timedelta(days=7)).date(),
        )
        record_event(
            kind=EventKind.SHIELD_APPLIED, actor=US, at=at, children=[child.pk], facts={"provisional": 1}
        )


def _give_identity(child: Child, by: Viewer, at: datetime) -> None:
    """The former record is sealed; the worker starts the fresh one some minutes later (SHI-7)."""
    fresh = SuppliedValues(
        given_names=child.given_names,
        family_name=NEW_NAME,
        birth_date=child.birth_date,
        gender=child.gender,
    )
    identity = NewIdentity(fresh, is_shielded=False)
    give_identity(by=by, child=encode(child.pk), identity=identity, ground="adoption", at=at)
    tend(by=US, at=at)


def _enter_look_alike(
    child: Child, by: Viewer, at: datetime, *, given: str, born: str, both: str = ""
) -> None:
    """A practitioner enters a child who may be this one: the row is held near the shield (SHI-5).

    A slip and the month alone are too little to be sure; both surnames would tell of a sealed identity.
    """
    query = SearchQuery(
        given_name=child.given_names, family_name=child.family_name, birth_date=child.birth_date
    )
    search_children(viewer=by, query=query, at=at)
    family = f"{child.family_name} {both}".strip()
    typed = SuppliedValues(given_names=given, family_name=family, birth_date=born)
    process_entry(entry_id=receive_entry(by=by, values=typed, at=at), by=US, at=at)


def _viewer(role: Role, domain: str, at: datetime) -> Viewer:
    email = next(
        each.email for each in PEOPLE if each.role is role and not each.trouble and domain in each.email
    )
    return get_viewer(account_id=Account.objects.get(email=email).pk, at=at, door="command")
