"""In whose name a mediator's request looks: the caller's during a visit, else their own (ACC-6).

During a visit only finding and reading are answered; every other page is refused until the visit ends.
What a session remembers of children never outlives the visit in which it was found.
"""

from datetime import datetime

from django.http import HttpRequest

from contactpoint.access.actions.insist import insist_on
from contactpoint.access.actions.visiting import find_served
from contactpoint.access.records import Decision, Viewer
from contactpoint.access.roles import Action
from contactpoint.web.pages import visit

LOOKING = frozenset({"find_child", "change_search", "results", "reason", "record"})
OWN = frozenset({"mediated", "mediated_caller", "mediated_code", "end_mediated"})
KEY = "mediated"


def choose_viewer(request: HttpRequest, *, own: Viewer, at: datetime) -> Viewer:
    """Who is asking, as the page's door should see it. Raises ActionRefused, which is logged."""
    if not own.may(Action.MEDIATE):
        return own
    served = find_served(by=own, at=at)
    request.mediated = served  # type: ignore[attr-defined]
    _forget_other_visits(request, served)
    name = request.resolver_match.url_name if request.resolver_match else ""
    if served is None or name in OWN:
        return own
    if name not in LOOKING:
        words = f"You are looking for {served.name}: only finding and reading. End the visit first."
        insist_on(Decision(False, (words,), ("mediated",)), by=served, action=Action.MEDIATE, at=at)
    return served


def _forget_other_visits(request: HttpRequest, served: Viewer | None) -> None:
    now = ""
    if served is not None and served.mediator is not None:
        now = f"{served.account_id} {served.mediator.ends_at.isoformat()}"
    if request.session.get(KEY, "") != now:
        visit.forget(request.session)
        request.session[KEY] = now
