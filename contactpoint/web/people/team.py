"""The team's own page, switches, and managers' confirmations."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.access import actions
from contactpoint.access.queries.people import PAGE, Show, list_people
from contactpoint.access.queries.team import find_switches, list_queues
from contactpoint.access.roles import Action
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.navigation import find_team_pages


@require_safe
@for_viewer
def team(request: ViewerRequest) -> HttpResponse:
    """What waits for this person, by their roles."""
    queues = list_queues(by=request.viewer, at=request.at)
    context = {
        "queues": queues,
        "pages": find_team_pages(request.viewer),
        "sees_openings": request.viewer.may(Action.SEE_OPENINGS),
    }
    return render(request, "people/team.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def recertify(request: ViewerRequest) -> HttpResponse:
    """All whose confirmation is due: tick who still needs access, one button."""
    if request.method == "POST":
        chosen = [int(each) for each in request.POST.getlist("account") if each.isascii() and each.isdigit()]
        count = actions.recertify_accounts(account_ids=chosen[:PAGE], by=request.viewer, at=request.at)
        messages.success(request, f"Confirmed: {count}.")
        return redirect("recertify")
    due = list_people(by=request.viewer, at=request.at, show=Show.RECERTIFY, action=Action.RECERTIFY)
    return render(request, "people/recertify.html", {"people": due[:PAGE], "has_more": len(due) > PAGE})


@require_safe
@for_viewer
def switches(request: ViewerRequest) -> HttpResponse:
    """The switch of one's authority, or of the whole service."""
    found = find_switches(by=request.viewer, at=request.at)
    return render(request, "people/switches.html", {"switches": found})


def _switching(
    heading: str, warning: str, button: str, act: Callable[[ViewerRequest], None]
) -> Callable[..., HttpResponse]:
    @require_http_methods(["GET", "HEAD", "POST"])
    @for_viewer
    def view(request: ViewerRequest) -> HttpResponse:
        find_switches(by=request.viewer, at=request.at)  # only for those who may
        if request.method == "POST":
            act(request)
            messages.success(request, "Done. It holds from this moment.")
            return redirect("switches")
        context = {"heading": heading, "warning": warning, "button": button}
        return render(request, "people/switch.html", context)

    view.__doc__ = heading
    return view


def _code(request: ViewerRequest) -> str:
    """One's own authority; a national manager says which."""
    return request.viewer.authority or request.POST.get("authority", "") or request.GET.get("authority", "")


stop_authority = _switching(
    "Switch off your authority’s access",
    "Everybody whom your authority answers for is signed out at once. Somebody else has to turn it on again.",
    "Switch off now",
    lambda request: actions.stop_authority(code=_code(request), by=request.viewer, at=request.at),
)
restore_authority = _switching(
    "Turn your authority’s access on again",
    "You must not be who switched it off.",
    "Turn it on again",
    lambda request: actions.restore_authority(code=_code(request), by=request.viewer, at=request.at),
)
stop_service = _switching(
    "Switch off the whole service",
    "Everybody is signed out at once, but for those who run the service. Another operator has to turn it on.",
    "Switch off now",
    lambda request: actions.stop_service(by=request.viewer, at=request.at),
)
restore_service = _switching(
    "Turn the service on again",
    "You must not be who switched it off.",
    "Turn it on again",
    lambda request: actions.restore_service(by=request.viewer, at=request.at),
)
