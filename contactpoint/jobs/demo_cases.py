"""Cases for the demo's shielding officer, made by the same actions as real ones: something to decide."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections

from contactpoint.access.models import Account
from contactpoint.access.practice import AUTHORITY, PEOPLE
from contactpoint.access.queries import get_viewer
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.casework import actions, asking
from contactpoint.codes.child_number import encode
from contactpoint.directory.models import Child

WANTED = 3
_SHIELDED = "SELECT child_id FROM hidden.shield WHERE authority = %s ORDER BY child_id LIMIT 1"
_CASES = "SELECT EXISTS (SELECT 1 FROM hidden.shield_request)"


def demo_cases(*, at: datetime) -> None:
    """An urgent request, one that can wait, a message, and a shield whose review is tomorrow; once."""
    with connections["match"].cursor() as cursor:
        cursor.execute(_CASES)
        (is_done,) = cursor.fetchone()
        cursor.execute(_SHIELDED, [AUTHORITY])
        shielded = [child for (child,) in cursor.fetchall()]
    open_ones = list(
        Child.objects.filter(
            authority=AUTHORITY, shielded=False, live_until__gt=at.date() + timedelta(days=400)
        ).order_by("id")[:WANTED]
    )
    if not settings.DEMO or is_done or len(open_ones) < WANTED:
        return
    school = _viewer(Role.PRACTITIONER, "bridgelane", at)
    officer = _viewer(Role.SHIELDING_OFFICER, "", at)
    urgent, calm, due = (encode(child.pk) for child in open_ones)
    text = "Mother and children left home last night. Their father has rung the school twice to ask."
    asking.request_shield(by=school, child=urgent, ground="family-violence", text=text, urgent=True, at=at)
    text = "They move to another refuge next month. A decision by then is soon enough."
    asking.request_shield(by=school, child=calm, ground="refuge", text=text, urgent=False, at=at)
    review = (at + timedelta(days=1)).date()
    actions.apply_shield(by=officer, child=due, ground="placement", review_on=review, at=at)
    about = encode(shielded[0]) if shielded else urgent
    text = "The glasses were found in class. Whom may we ring?"
    asking.pass_message(by=school, child=about, text=text, reply_to="0121 496 0200", at=at)


def _viewer(role: Role, domain: str, at: datetime) -> Viewer:
    email = next(
        each.email for each in PEOPLE if each.role is role and not each.trouble and domain in each.email
    )
    return get_viewer(account_id=Account.objects.get(email=email).pk, at=at, door="command")
