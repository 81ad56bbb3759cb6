"""The people whom somebody answers for: the list, one of them, and inviting."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.access import actions
from contactpoint.access.actions.provider_links import find_links
from contactpoint.access.letters import find_mail_failed
from contactpoint.access.policies import find_unready
from contactpoint.access.providers import find_providers
from contactpoint.access.queries.organisations import find_inviting_organisations
from contactpoint.access.queries.people import PAGE, Show, get_person, list_people
from contactpoint.access.queries.training import list_own_training
from contactpoint.access.roles import Action
from contactpoint.errors import Conflict, Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages.fields import add_refusal, sent
from contactpoint.web.people.forms import InviteForm
from contactpoint.web.people.steps import site_of
from contactpoint.web.people.words import SHOWN, say_lacks, say_rights, say_steps


@require_safe
@for_viewer
def people(request: ViewerRequest) -> HttpResponse:
    """One page of accounts with what each still lacks."""
    asked = request.GET.get("show", "")
    show = Show(asked) if asked in set(Show) else Show.ALL
    words, page = request.GET.get("words", "")[:100], _page(request.GET.get("page", ""))
    found = list_people(by=request.viewer, at=request.at, show=show, words=words, page=page)
    context = {
        "people": found[:PAGE],
        "has_more": len(found) > PAGE,
        "show": show,
        "shown": SHOWN,
        "words": words,
        "page": page,
        "say_lacks": say_lacks,
    }
    return render(request, "people/people.html", context)


def _page(given: str) -> int:
    return min(int(given), 10_000) if given.isascii() and given.isdigit() and given != "0" else 1


@require_safe
@for_viewer
def person(request: ViewerRequest, entry: int) -> HttpResponse:
    """One account: each step, its roles, and in words what it may do and why."""
    one = get_person(account_id=entry, by=request.viewer, at=request.at)
    links = find_links(account_id=one.id)
    names = {provider.key: provider.name for provider in find_providers()}
    context = {
        "person": one,
        "steps": say_steps(one, linked=frozenset(key for key, _ in links)),
        "links": [(names.get(key, key), subject) for key, subject in links],
        "mail_failed_at": find_mail_failed(account_id=one.id),
        "has_providers": bool(names),
        "training": [each for each in list_own_training(account_id=one.id, at=request.at) if each.passed_on],
        "rights": say_rights(one),
        "lacks": say_lacks(one),
        "is_ready": not one.is_approved and not find_unready(facts=one.facts, at=request.at),
        "may_approve": request.viewer.may(Action.APPROVE_ACCOUNT),
        "may_suspend": request.viewer.may(Action.SUSPEND),
        "is_own": request.viewer.account_id == one.id,
    }
    return render(request, "people/person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def invite(request: ViewerRequest) -> HttpResponse:
    """Make an account that may do nothing yet, and send its first link."""
    homes = find_inviting_organisations(
        by=request.viewer, at=request.at, words=request.GET.get("organisation", "")[:100]
    )
    form = InviteForm(sent(request), offered=request.GET.dict())
    if form.is_valid():
        try:
            made = actions.invite_account(
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                job_title=form.cleaned_data["job_title"],
                telephone=form.cleaned_data["telephone"],
                organisation_id=form.cleaned_data["organisation"],
                by=request.viewer,
                at=request.at,
            )
            actions.send_invitation(account_id=made, site=site_of(request), by=request.viewer, at=request.at)
            messages.success(request, "The account is made, and an invitation was sent.")
            return redirect("person", entry=made)
        except Invalid as refusal:
            add_refusal(form, refusal)
        except Conflict as refusal:
            form.add_error("email", str(refusal))
    context = {"form": form, "homes": homes, "looked_for": request.GET.get("organisation", "")}
    return render(request, "people/invite.html", context, status=400 if form.errors else 200)
