"""The log as a page, and its export. What is asked for is posted, so that no address carries a number."""

from datetime import datetime, time, timedelta

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from contactpoint.access.models import Account
from contactpoint.access.policies import ENGLAND
from contactpoint.access.queries.log import PAGE, Filter, export_log, read_log
from contactpoint.audit.kinds import EventKind
from contactpoint.codes.child_number import decode
from contactpoint.errors import Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages.fields import DateParts, Line, add_refusal, sent, to_date

WEEK = timedelta(days=7)
KINDS = [(kind.value, kind.value.replace("-", " ").capitalize()) for kind in EventKind]


class LogForm(forms.Form):
    """By user, child, time and kind; each may be left empty."""

    email = Line(named="E-mail address of the user", max_length=254, plain=True)
    child = Line(named="ContactPoint number", max_length=20, plain=True)
    since = DateParts(named="First day")
    until = DateParts(named="Last day")
    kind = forms.ChoiceField(choices=[("", "Everything"), *KINDS], required=False)
    refused = forms.BooleanField(required=False)
    page = forms.IntegerField(required=False, min_value=1, max_value=1000)
    reason = Line(named="Reason", max_length=500)

    def clean_email(self) -> int | None:
        email = self.cleaned_data["email"]
        if not email:
            return None
        found = Account.objects.filter(email__iexact=email).values_list("pk", flat=True).first()
        return found if found is not None else -1  # nobody: an empty list says no more than that

    def clean_child(self) -> int | None:
        number = self.cleaned_data["child"]
        if not number:
            return None
        value = decode(number)
        if value is None:
            raise forms.ValidationError("Check the ContactPoint number: it is not a possible one")
        return value

    def wanted(self, at: datetime) -> Filter:
        """Of a valid form; the last week where no day is given."""
        given = self.cleaned_data
        since = _start(given["since"]) if given.get("since") else at - WEEK
        until = (
            _start(given["until"]) + timedelta(days=1) if given.get("until") else at + timedelta(minutes=1)
        )
        return Filter(
            since=since,
            until=until,
            account_id=given.get("email"),
            child_id=given.get("child"),
            kind=EventKind(given["kind"]) if given.get("kind") else None,
            refused_only=given.get("refused", False),
        )


def _start(iso: str) -> datetime:
    return datetime.combine(to_date(iso), time(0), tzinfo=ENGLAND)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def show(request: ViewerRequest) -> HttpResponse:
    """The last week, or what was asked for."""
    form = LogForm(sent(request) if request.method == "POST" else {})
    if not form.is_valid():
        return render(request, "people/log.html", {"form": form, "kinds": KINDS, "lines": ()}, status=400)
    page = form.cleaned_data["page"] or 1
    lines = read_log(by=request.viewer, wanted=form.wanted(request.at), at=request.at, page=page)
    context = {
        "form": form,
        "kinds": KINDS,
        "lines": lines[:PAGE],
        "has_more": len(lines) > PAGE,
        "page": page,
    }
    return render(request, "people/log.html", context)


@require_POST
@for_viewer
def export(request: ViewerRequest) -> HttpResponse:
    """A file of the same, with a reason."""
    form = LogForm(request.POST)
    if form.is_valid():
        try:
            text = export_log(
                by=request.viewer,
                wanted=form.wanted(request.at),
                reason=form.cleaned_data["reason"],
                at=request.at,
            )
            answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
            answer["Content-Disposition"] = 'attachment; filename="contactpoint-log.csv"'
            return answer
        except Invalid as refusal:
            add_refusal(form, refusal)
    return render(request, "people/log.html", {"form": form, "kinds": KINDS, "lines": ()}, status=400)
