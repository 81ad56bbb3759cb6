"""The history of values, calling one wrong, and each supplier's list of corrections (REC-5, SUP-6)."""

import csv
import io

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.casework.review import values
from contactpoint.errors import Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages import visit
from contactpoint.web.pages.fields import sent
from contactpoint.web.review.forms import WrongForm

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would carry out


@require_safe
@for_viewer
def history(request: ViewerRequest, token: str) -> HttpResponse:
    """Every value, who said it, and since when."""
    known = visit.get_child(request.session, token=token)
    if not known.has_reason(request.at):
        return redirect("reason", token=token)
    fields = values.read_history(by=request.viewer, child=known.number, at=request.at)
    return render(request, "review/history.html", {"fields": fields, "known": known, "token": token})


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def wrong(request: ViewerRequest, token: str) -> HttpResponse:
    """Which value is wrong: its supplier is asked to look at it."""
    known = visit.get_child(request.session, token=token)
    if not known.has_reason(request.at):
        return redirect("reason", token=token)
    form = WrongForm(sent(request))
    if form.is_valid():
        try:
            values.ask_correction(by=request.viewer, child=known.number, at=request.at, **form.chosen)
            messages.success(request, "The supplier of this value is asked to look at it.")
            return redirect("record", token=token)
        except Invalid as refusal:
            form.add_error("value", str(refusal))
    said = values.list_said(by=request.viewer, child=known.number, at=request.at)
    choices = [(f"{each.row}-{each.field}", f"{each.words}: {each.value}", each.supplier) for each in said]
    context = {"form": form, "choices": choices, "known": known, "token": token}
    return render(request, "review/wrong.html", context, status=400 if form.errors else 200)


@require_safe
@for_viewer
def list_corrections(request: ViewerRequest) -> HttpResponse:
    """How much each supplier was asked and has made; one supplier's lines where it is chosen."""
    supplier = request.GET.get("supplier", "")
    found = values.list_corrections(by=request.viewer, at=request.at, supplier=supplier)
    name = next((each[1] for each in found.suppliers if each[0] == supplier), "")
    context = {"found": found, "supplier": supplier if name else "", "name": name}
    return render(request, "review/corrections.html", context)


@require_safe
@for_viewer
def download(request: ViewerRequest) -> HttpResponse:
    """One supplier's list as CSV: its own references and values, nobody else's (SUP-6)."""
    supplier = request.GET.get("supplier", "")
    found = values.list_corrections(by=request.viewer, at=request.at, supplier=supplier or "-")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["your_reference", "field", "your_value", "asked_on", "state", "made_on"])
    for each in found.asked:
        made = each.made_on.isoformat() if each.made_on else ""
        line = [each.reference, each.field, each.value, each.asked_on.isoformat()]
        writer.writerow([_plain(part) for part in (*line, "made" if each.is_made else "asked", made)])
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="corrections.csv"'
    return answer


def _plain(part: str) -> str:
    return f"'{part}" if part.startswith(FORMULA) else part
