"""Somebody in the demo who is away, and whom to ring meanwhile, made by the actions of real ones (INV-2)."""

from datetime import datetime, timedelta

from django.conf import settings

from contactpoint.access.actions.profile import change_own_contact, change_own_cover
from contactpoint.access.models import Account, Profile
from contactpoint.access.practice import AUTHORITY
from contactpoint.access.queries import get_viewer
from contactpoint.codes.child_number import encode
from contactpoint.directory.actions import record_involvement
from contactpoint.directory.models import Child

SPARED = 7  # the first ones are the shielding officer's and the broker's
AWAY, COVER = "priya.shah@bridgelane.example", "theo.quill@bridgelane.example"
FOR = timedelta(days=60)


def demo_profiles(*, at: datetime) -> None:
    """The school's lead works with one child and is away for two months; once."""
    live = Child.objects.filter(
        authority=AUTHORITY,
        shielded=False,
        live_until__gt=at.date() + timedelta(days=400),
        birth_date__lt=str(at.year - 6),  # of an age to be at that school
    )
    child = live.order_by("id")[SPARED : SPARED + 1].first()
    if not settings.DEMO or child is None or Profile.objects.exists():
        return
    lead = get_viewer(account_id=Account.objects.get(email=AWAY).pk, at=at, door="command")
    record_involvement(
        by=lead,
        child=encode(child.pk),
        service="send",
        role="senco",
        started_on=at.date() - timedelta(days=100),
        team_telephone="0121 496 0200",
        team_email="",
        at=at,
    )
    change_own_contact(telephone="0121 496 0200 ext 14", email="inclusion@bridgelane.example", by=lead, at=at)
    change_own_cover(away_from=at.date(), away_to=(at + FOR).date(), cover_email=COVER, by=lead, at=at)
