"""One step of one person's account a page: what is asked, and which action the answers go to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contactpoint.access import actions
from contactpoint.access.policies import ENGLAND
from contactpoint.access.providers import get_provider
from contactpoint.access.queries.organisations import get_organisation_by_code
from contactpoint.access.queries.people import Person, get_person
from contactpoint.access.roles import Action, Role
from contactpoint.errors import Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages.fields import add_refusal, sent, to_date
from contactpoint.web.people import forms

Do = Callable[[ViewerRequest, Person, dict[str, Any]], None]
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Step:
    """`text`: paragraphs above the questions. `warning`: what cannot be undone alone."""

    heading: str
    text: tuple[str, ...]
    button: str
    done: str
    do: Do
    form: type[forms.Questions] = forms.ConfirmForm
    action: Action = Action.INVITE_ACCOUNT
    warning: str = ""
    offered: Callable[[ViewerRequest], Mapping[str, Any]] = field(default=lambda request: {})


def _view(step: Step) -> Callable[..., HttpResponse]:
    @require_http_methods(["GET", "HEAD", "POST"])
    @for_viewer
    def view(request: ViewerRequest, entry: int) -> HttpResponse:
        person = get_person(account_id=entry, by=request.viewer, at=request.at, action=step.action)
        form = step.form(sent(request), offered=step.offered(request))
        if form.is_valid():
            try:
                step.do(request, person, form.cleaned_data)
                messages.success(request, step.done)
                return redirect("person", entry=entry) if sees_person(request) else redirect("team")
            except Invalid as refusal:
                add_refusal(form, refusal)
        context = {"person": person, "step": step, "form": form, "sees_person": sees_person(request)}
        return render(request, "people/step.html", context, status=400 if form.errors else 200)

    view.__doc__ = step.heading
    return view


def sees_person(request: ViewerRequest) -> bool:
    """An investigator may suspend somebody without seeing their checks."""
    return request.viewer.may(Action.INVITE_ACCOUNT)


def _today(request: ViewerRequest) -> dict[str, Any]:
    return {"on": request.at.astimezone(ENGLAND).date()}


def _identity(request: ViewerRequest, person: Person, given: dict[str, Any]) -> None:
    actions.record_identity_check(
        account_id=person.id, on=to_date(given["on"]), by=request.viewer, at=request.at
    )


def _dbs(request: ViewerRequest, person: Person, given: dict[str, Any]) -> None:
    actions.record_dbs_check(
        account_id=person.id,
        level=given["level"],
        on=to_date(given["on"]),
        next_check_on=to_date(given["next_check_on"]) if given["next_check_on"] else None,
        by=request.viewer,
        at=request.at,
    )


def _training(request: ViewerRequest, person: Person, given: dict[str, Any]) -> None:
    actions.record_training(
        account_id=person.id,
        passed_on=to_date(given["passed_on"]),
        expires_on=to_date(given["expires_on"]),
        by=request.viewer,
        at=request.at,
    )


def _role(request: ViewerRequest, person: Person, given: dict[str, Any]) -> None:
    actions.grant_role(
        account_id=person.id,
        role=Role(given["role"]),
        until=_end_of(to_date(given["until"])) if given["until"] else None,
        by=request.viewer,
        at=request.at,
    )


def _end_of(day: date) -> datetime:
    """The first moment after that day in England."""
    return datetime.combine(day + timedelta(days=1), time(0), tzinfo=ENGLAND)


def _end_roles(request: ViewerRequest, person: Person, given: dict[str, Any]) -> None:
    for grant in person.grants:
        actions.end_role(account_id=person.id, role=grant.role, by=request.viewer, at=request.at)


def _move(request: ViewerRequest, person: Person, given: dict[str, Any]) -> None:
    new = get_organisation_by_code(code=given["organisation"])
    actions.move_account(
        account_id=person.id, organisation_id=new, email=given["email"], by=request.viewer, at=request.at
    )


def _link_provider(request: ViewerRequest, person: Person, given: dict[str, Any]) -> None:
    actions.link_invited(
        account_id=person.id,
        provider=get_provider(key=given["provider"]),
        subject=given["subject"],
        by=request.viewer,
        at=request.at,
    )


def site_of(request: Any) -> str:
    """The address of the service as this request reached it; which hosts there may be is a setting."""
    return f"{request.scheme}://{request.get_host()}"


check_identity = _view(
    Step(
        "Record the identity check",
        (
            "Somebody has seen a passport, driving licence or the like, and the person it belongs to.",
            "Only the date and your name are kept.",
        ),
        "Record the check",
        "The identity check is recorded.",
        _identity,
        forms.DateForm,
        offered=_today,
    )
)
check_dbs = _view(
    Step(
        "Record the DBS check",
        ("Enter what the certificate says. Its content and its number are never kept.",),
        "Record the check",
        "The DBS check is recorded.",
        _dbs,
        forms.DbsForm,
    )
)
check_training = _view(
    Step(
        "Record the training",
        ("The mandatory training on using ContactPoint lawfully and safely.",),
        "Record the training",
        "The training is recorded.",
        _training,
        forms.TrainingForm,
        offered=lambda request: {"expires_on": (request.at + YEAR).astimezone(ENGLAND).date()},
    )
)
approve = _view(
    Step(
        "Approve this account",
        (
            "You confirm that this person needs ContactPoint for their work, and that every check was made.",
            "You must not be who invited them.",
        ),
        "Approve",
        "The account is approved.",
        lambda request, person, given: actions.approve_account(
            account_id=person.id, by=request.viewer, at=request.at
        ),
        action=Action.APPROVE_ACCOUNT,
    )
)
give_role = _view(
    Step(
        "Give a role",
        ("What each role may do is on the page “Who can see what”.",),
        "Give this role",
        "The role is given.",
        _role,
        forms.RoleForm,
        action=Action.APPROVE_ACCOUNT,
    )
)
end_roles = _view(
    Step(
        "Take every role back",
        ("From this moment they can do nothing in ContactPoint. You can give roles again.",),
        "Take every role back",
        "They have no role any more.",
        _end_roles,
        action=Action.APPROVE_ACCOUNT,
    )
)
send_link = _view(
    Step(
        "Send the invitation again",
        ("A new link goes to their e-mail address. The earlier one stops working.",),
        "Send the invitation",
        "The invitation was sent.",
        lambda request, person, given: actions.send_invitation(
            account_id=person.id, site=site_of(request), by=request.viewer, at=request.at
        ),
    )
)
link_provider = _view(
    Step(
        "Say who they are at a sign-in provider",
        (
            "They can then begin to use ContactPoint by signing in there, without a password of ours.",
            "Whoever approves the account sees what you enter. Once they have signed in it cannot be entered "
            "here any more.",
        ),
        "Link",
        "The sign-in provider is linked.",
        _link_provider,
        forms.ProviderForm,
    )
)
suspend = _view(
    Step(
        "Suspend this account",
        ("They are signed out at once and can do nothing until somebody else reinstates them.",),
        "Suspend now",
        "The account is suspended.",
        lambda request, person, given: actions.suspend_account(
            account_id=person.id, by=request.viewer, at=request.at
        ),
        warning="You cannot undo this yourself: another account manager has to.",
        action=Action.SUSPEND,
    )
)
reinstate = _view(
    Step(
        "Reinstate this account",
        ("They can go on as soon as everything else is in order.",),
        "Reinstate",
        "The account is reinstated.",
        lambda request, person, given: actions.reinstate_account(
            account_id=person.id, by=request.viewer, at=request.at
        ),
        action=Action.SUSPEND,
    )
)
close = _view(
    Step(
        "Close this account",
        ("For somebody who has left. What they did stays in the log.",),
        "Close for good",
        "The account is closed.",
        lambda request, person, given: actions.close_account(
            account_id=person.id, by=request.viewer, at=request.at
        ),
        warning="This cannot be undone: to come back they are invited anew.",
        action=Action.SUSPEND,
    )
)
move = _view(
    Step(
        "Move to another organisation",
        (
            "Every role that the old organisation gave ends now, and they are signed out.",
            "Identity is checked and the account approved again. DBS check and training go with them.",
        ),
        "Move",
        "They belong to the new organisation now. Check identity, give a role, and have it approved.",
        _move,
        forms.MoveForm,
        action=Action.APPROVE_ACCOUNT,
    )
)
renew_factors = _view(
    Step(
        "They have lost every way to sign in",
        (
            "For somebody who has neither key, app nor recovery code. First ring them on the number that you "
            "hold for their organisation.",
            "Their password and second factors are removed, and a new invitation is sent. Identity is "
            "checked and the account approved again by somebody other than you.",
        ),
        "Remove and invite again",
        "Everything is removed and a new invitation was sent.",
        lambda request, person, given: actions.renew_factors(
            account_id=person.id, site=site_of(request), by=request.viewer, at=request.at
        ),
        warning="They cannot sign in until they have used the new invitation.",
        action=Action.APPROVE_ACCOUNT,
    )
)
