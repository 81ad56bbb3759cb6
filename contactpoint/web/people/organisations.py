"""Organisations: register, evidence, a second person's decision, renewal, suspension (ACC-2)."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.access import actions
from contactpoint.access.actions import Contact, Criteria, NewOrganisation
from contactpoint.access.actions.merging import find_merger
from contactpoint.access.queries.organisations import (
    PAGE,
    OrganisationDetail,
    get_organisation_detail,
    list_organisations,
)
from contactpoint.access.roles import Sector
from contactpoint.errors import Conflict, Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages.fields import add_refusal, sent, to_date
from contactpoint.web.people import forms


@require_safe
@for_viewer
def organisations(request: ViewerRequest) -> HttpResponse:
    """One page of organisations with where each stands."""
    words, given = request.GET.get("words", "")[:100], request.GET.get("page", "")
    page = min(int(given), 10_000) if given.isascii() and given.isdigit() and given != "0" else 1
    show = request.GET.get("show", "")
    found = list_organisations(by=request.viewer, at=request.at, words=words, show=show, page=page)
    context = {
        "organisations": found[:PAGE],
        "has_more": len(found) > PAGE,
        "words": words,
        "show": show,
        "page": page,
    }
    return render(request, "people/organisations.html", context)


@require_safe
@for_viewer
def organisation(request: ViewerRequest, entry: int) -> HttpResponse:
    """One organisation: how to reach it, its accreditation, what waits, what is missing."""
    detail = get_organisation_detail(organisation_id=entry, by=request.viewer, at=request.at)
    context = {
        "detail": detail,
        "is_own": detail.waiting is not None and detail.waiting.entered_by_id == request.viewer.account_id,
        "merger": find_merger(organisation_id=entry, by=request.viewer, at=request.at),
    }
    return render(request, "people/organisation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def register(request: ViewerRequest) -> HttpResponse:
    """A new organisation; its evidence comes next."""
    list_organisations(by=request.viewer, at=request.at, show="waiting")  # only for those who may
    form = forms.OrganisationForm(sent(request))
    if form.is_valid():
        given = form.cleaned_data
        new = NewOrganisation(
            **{**given, "sector": Sector(given["sector"]), "authority": given["authority"] or None}
        )
        try:
            made = actions.register_organisation(organisation=new, by=request.viewer, at=request.at)
            return redirect("organisation_evidence", entry=made)
        except Conflict as refusal:
            form.add_error("code", str(refusal))
    return _show(request, form, "Register an organisation", "Continue")


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def evidence(request: ViewerRequest, entry: int) -> HttpResponse:
    """What it shows against each criterion; gaps may be filled later."""
    detail = get_organisation_detail(organisation_id=entry, by=request.viewer, at=request.at)
    form = forms.EvidenceForm(sent(request), offered=_offered(detail))
    if form.is_valid():
        actions.enter_application(
            organisation_id=entry, criteria=_criteria(form.cleaned_data), by=request.viewer, at=request.at
        )
        messages.success(request, "The evidence is kept. Somebody else decides on it.")
        return redirect("organisation", entry=entry)
    return _show(request, form, "Evidence for accreditation", "Keep the evidence", detail)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def contact(request: ViewerRequest, entry: int) -> HttpResponse:
    """New telephone numbers or addresses."""
    detail = get_organisation_detail(organisation_id=entry, by=request.viewer, at=request.at)
    held = {name: getattr(detail, name) for name in ("telephone", "out_of_hours", "secure_email", "address")}
    form = forms.ContactForm(sent(request), offered=held)
    if form.is_valid():
        actions.change_contact(
            organisation_id=entry, contact=Contact(**form.cleaned_data), by=request.viewer, at=request.at
        )
        messages.success(request, "The contact details are changed.")
        return redirect("organisation", entry=entry)
    return _show(request, form, "Contact details", "Save", detail)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def accredit(request: ViewerRequest, entry: int) -> HttpResponse:
    """The second person's decision on the evidence that waits."""
    detail = get_organisation_detail(organisation_id=entry, by=request.viewer, at=request.at)
    until = detail.waiting.until if detail.waiting else None
    form = forms.AccreditForm(sent(request), offered={"expires_on": until})
    if form.is_valid():
        try:
            actions.accredit_organisation(
                organisation_id=entry,
                expires_on=to_date(form.cleaned_data["expires_on"]),
                by=request.viewer,
                at=request.at,
            )
            messages.success(request, "The organisation is accredited: its people can be invited.")
            return redirect("organisation", entry=entry)
        except Invalid as refusal:
            add_refusal(form, refusal)
    return _show(request, form, "Accredit this organisation", "Accredit", detail)


def _confirming(
    heading: str, button: str, done: str, act: Callable[..., None]
) -> Callable[..., HttpResponse]:
    @require_http_methods(["GET", "HEAD", "POST"])
    @for_viewer
    def view(request: ViewerRequest, entry: int) -> HttpResponse:
        detail = get_organisation_detail(organisation_id=entry, by=request.viewer, at=request.at)
        if request.method == "POST":
            act(organisation_id=entry, by=request.viewer, at=request.at)
            messages.success(request, done)
            return redirect("organisation", entry=entry)
        return _show(request, forms.ConfirmForm(), heading, button, detail)

    view.__doc__ = heading
    return view


refuse = _confirming(
    "Refuse this application",
    "Refuse",
    "The application is refused. Other evidence can be entered.",
    actions.refuse_application,
)
suspend = _confirming(
    "Suspend this organisation",
    "Suspend now",
    "The organisation is suspended: all its people were signed out.",
    actions.suspend_organisation,
)
reinstate = _confirming(
    "Reinstate this organisation",
    "Reinstate",
    "The organisation is reinstated.",
    actions.reinstate_organisation,
)


def _show(
    request: ViewerRequest,
    form: forms.Questions,
    heading: str,
    button: str,
    detail: OrganisationDetail | None = None,
) -> HttpResponse:
    context = {"form": form, "heading": heading, "button": button, "detail": detail}
    return render(request, "people/organisation_step.html", context, status=400 if form.errors else 200)


def _offered(detail: OrganisationDetail) -> dict[str, Any]:
    shown = detail.waiting.criteria if detail.waiting else detail.current
    if shown is None:
        return {}
    ends: date | None = shown.security_certificate_expires_on
    return {
        "security_certificate": shown.security_certificate,
        "security_certificate_expires_on": ends,
        "disciplinary_procedure": "on" if shown.disciplinary_procedure else "",
        "safeguarding_lead": shown.safeguarding_lead,
        "email_domains": " ".join(shown.email_domains),
        "caldicott_approver": shown.caldicott_approver,
    }


def _criteria(given: dict[str, Any]) -> Criteria:
    ends = given["security_certificate_expires_on"]
    return Criteria(
        security_certificate=given["security_certificate"],
        security_certificate_expires_on=to_date(ends) if ends else None,
        disciplinary_procedure=given["disciplinary_procedure"],
        safeguarding_lead=given["safeguarding_lead"],
        email_domains=tuple(given["email_domains"].replace(",", " ").split()),
        caldicott_approver=given["caldicott_approver"],
    )
