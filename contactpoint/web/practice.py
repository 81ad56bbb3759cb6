"""What only the practice environment shows: its made-up people and their current codes (ACC-11)."""

from django.conf import settings
from django.http import HttpRequest

from contactpoint.access.factors import find_current_code
from contactpoint.access.practice import PEOPLE, PracticePerson


def find_people() -> tuple[PracticePerson, ...]:
    """Those who can sign in to the demo; nobody outside it."""
    return PEOPLE if settings.DEMO else ()


def find_code(request: HttpRequest) -> str:
    """What the authenticator of whoever is signing in shows now; '' outside the demo."""
    if not settings.DEMO:
        return ""
    stage = getattr(request, "_login_stage", None)
    account = stage.login.user if stage else request.user
    return find_current_code(account_id=account.pk) if account and account.pk else ""
