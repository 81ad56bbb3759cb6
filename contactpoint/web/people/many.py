"""Inviting many from a file: upload, then a receipt for each row, as a page or a file."""

import csv
import io
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.access.actions.inviting_many import Receipt, invite_many
from contactpoint.access.queries.log import neutralise
from contactpoint.access.queries.organisations import find_inviting_organisations
from contactpoint.errors import Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages.fields import add_refusal
from contactpoint.web.people.steps import site_of

KEPT = "invited"
LARGEST = 200_000


class FileForm(forms.Form):
    """One CSV file."""

    file = forms.FileField(error_messages={"required": "Choose a file", "empty": "The file is empty"})

    def clean_file(self) -> str:
        given: UploadedFile[Any] = self.cleaned_data["file"]
        if (given.size or 0) > LARGEST:
            raise forms.ValidationError("The file is larger than 200 kilobytes")
        try:
            return bytes(given.read()).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError("The file is not UTF-8 text: save it as “CSV UTF-8”") from None


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def upload(request: ViewerRequest) -> HttpResponse:
    """The file; each row is judged alone."""
    find_inviting_organisations(by=request.viewer, at=request.at)  # only for those who may invite
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_valid():
        try:
            receipts = invite_many(
                text=form.cleaned_data["file"], site=site_of(request), by=request.viewer, at=request.at
            )
            request.session[KEPT] = [_row(receipt) for receipt in receipts]
            return redirect("invited_many")
        except Invalid as refusal:
            add_refusal(form, refusal)
    return render(request, "people/invite_many.html", {"form": form}, status=400 if form.errors else 200)


def _row(receipt: Receipt) -> list[str]:
    return [str(receipt.row), receipt.email, receipt.problem or "Invited", str(receipt.account_id or "")]


@require_safe
@for_viewer
def receipts(request: ViewerRequest) -> HttpResponse:
    """What became of each row of the last file."""
    rows = request.session.get(KEPT, [])
    if request.GET.get("as") != "csv":
        invited = sum(bool(row[3]) for row in rows)
        return render(request, "people/invited_many.html", {"rows": rows, "invited": invited})
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["row", "email", "what became of it"])
    writer.writerows([neutralise(cell) for cell in row[:3]] for row in rows)
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="receipts.csv"'
    return answer
