"""Pages for everybody: privacy, who can see what, accessibility. They read nothing of anybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contactpoint.access.roles import ALLOWED, VISIBLE_NUMBERS

NUMBERS = {"nhs": "NHS number", "upn": "unique pupil number (UPN)", "uln": "unique learner number (ULN)"}


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is held about children and families, and their rights (FAM-3)."""
    return render(request, "notices/privacy.html")


@require_safe
def who_can_see_what(request: HttpRequest) -> HttpResponse:
    """The table of roles and of numbers, as the software has them (ACC-8, ACC-9)."""
    roles = [
        (role.value.replace("-", " ").capitalize(), sorted(action.value for action in actions))
        for role, actions in ALLOWED.items()
    ]
    sectors = [
        (
            sector.value.replace("_", " ").capitalize(),
            ", ".join(NUMBERS[kind] for kind in sorted(kinds)) or "none",
        )
        for sector, kinds in VISIBLE_NUMBERS.items()
    ]
    return render(request, "notices/who_can_see_what.html", {"roles": roles, "sectors": sectors})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What works for whom, and what does not."""
    return render(request, "notices/accessibility.html")
