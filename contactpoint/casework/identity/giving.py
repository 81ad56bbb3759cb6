"""A shielding officer gives a child of their authority a new identity (SHI-7).

From the commit on the former record is shielded, in no search and opens for nobody; the worker seals it.
What the officer entered is sealed under the former child's key until the fresh record starts,
at a moment that is drawn, so that the one's end and the other's beginning do not tell of each other.
"""

import json
import secrets
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from procrastinate.contrib.django import app

from contactpoint.access.policies import ENGLAND
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.actions import MayNotDecide
from contactpoint.casework.asking import put_under_shield
from contactpoint.casework.door import NotOfYours, call_door, say_actor
from contactpoint.casework.grounds import GROUNDS
from contactpoint.casework.identity.records import NewIdentity
from contactpoint.casework.policies import check_ground
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.codes.gender import Gender
from contactpoint.codes.numbers import parse_nhs_number, parse_upn
from contactpoint.codes.postcode import parse_postcode
from contactpoint.directory.keeping.child_keys import ensure_keys
from contactpoint.directory.keeping.sealing import find_destruction
from contactpoint.directory.models import Child
from contactpoint.directory.values import SuppliedValues, to_json
from contactpoint.errors import ContactPointError, Invalid
from contactpoint.intake.policies import judge_age

TASK = "contactpoint.casework.tasks.tend_identities"


class UnusableIdentity(Invalid):
    """What was entered cannot start a record; the message has every problem."""


def give_identity(
    *, by: Viewer, child: ChildNumber, identity: NewIdentity, ground: str, at: datetime
) -> None:
    """Seal this child's record and start a fresh one.

    Raises MayNotDecide, NotOfYours, DecidedAlready (it was given already), UnusableCase, UnusableIdentity;
    each is logged.
    """
    refusal: ContactPointError | None = None
    with transaction.atomic(durable=True):
        try:
            with transaction.atomic():
                if not by.may(Action.GIVE_IDENTITY):
                    raise MayNotDecide("Only a shielding officer gives a new identity. Nothing was changed.")
                number = _give(by, decode(child) or 0, identity, ground, at)
                record_event(kind=EventKind.IDENTITY_GIVEN, actor=by.actor, at=at, children=[number])
        except ContactPointError as error:
            refusal = error
            why: dict[str, str | int] = {
                "tried": EventKind.IDENTITY_GIVEN.value,
                "because": type(error).__name__,
            }
            record_event(kind=EventKind.CHANGE_REFUSED, actor=by.actor, at=at, facts=why, refused=True)
    if refusal is not None:
        raise refusal


def _give(by: Viewer, number: int, identity: NewIdentity, ground: str, at: datetime) -> int:
    on = at.astimezone(ENGLAND).date()
    check_ground(ground=ground, known=GROUNDS)
    check_identity(values=identity.values, on=on)
    call_door(
        "casework_read_one", say_actor(by), at, "child", number
    )  # is it a child of this officer's authority?
    held = Child.objects.select_for_update().filter(pk=number).exclude(birth_date="").first()
    if held is None:
        raise NotOfYours("There is no such record in your authority.")
    put_under_shield(
        child=number,
        ground=ground,
        requested_by="a shielding officer",
        provisional=False,
        applied_by=by.account_id,
        at=at,
        review_on=on + settings.SHIELD_REVIEW_AFTER,
        by=by,
    )
    call_door(
        "casework_give_identity",
        by.account_id,
        at,
        number,
        _seal(by, number, identity),
        at + _delay(),
        find_destruction(live_until=held.live_until, on=on),
    )
    app.configure_task(TASK).defer()
    return number


def _seal(by: Viewer, number: int, identity: NewIdentity) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('intake_entry', 'id'))")
        (entry,) = cursor.fetchone()
    fresh = {
        "number": entry,
        "values": to_json(identity.values),
        "authority": by.authority or "",
        "shield": identity.is_shielded,
    }
    return ensure_keys(children=[number])[number].encrypt(json.dumps(fresh).encode())


def check_identity(*, values: SuppliedValues, on: date) -> None:
    """Whether a record can start with these values. Raises UnusableIdentity, with every problem."""
    parts: list[tuple[str, str]] = []
    if not values.given_names:
        parts.append(("given_names", "Enter the given names."))
    if not values.family_name:
        parts.append(("family_name", "Enter the family name."))
    if not values.birth_date or any(judge_age(birth_date=values.birth_date, stays_until="", on=on)):
        parts.append(("birth_date", "Enter a date of birth in the past, of somebody under 18."))
    if values.gender not in set(Gender):
        parts.append(("gender", "The gender is not one of the list."))
    if values.nhs and parse_nhs_number(values.nhs) != values.nhs:
        parts.append(("nhs", "The NHS number is not valid."))
    if values.upn and parse_upn(values.upn) != values.upn:
        parts.append(("upn", "The UPN is not valid."))
    if any(each.postcode and parse_postcode(each.postcode) is None for each in values.addresses):
        parts.append(("postcode", "The postcode is not valid."))
    if values.former_names:
        parts.append(("family_name", "A fresh record has no former name."))
    if parts:
        raise UnusableIdentity(" ".join(words for _, words in parts), parts=tuple(parts))


def _delay() -> timedelta:
    """Never at once: nothing that happens now can be it."""
    longest = int(settings.IDENTITY_STARTS_WITHIN.total_seconds())
    least = longest // 24
    return timedelta(seconds=least + secrets.randbelow(longest - least))
