"""Training passed elsewhere, from a file: upload, then a receipt for each row, as a page or a file."""

import csv
import io

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.access.actions.importing_training import TrainingReceipt, import_training
from contactpoint.access.queries.log import neutralise
from contactpoint.access.queries.organisations import find_inviting_organisations
from contactpoint.access.training.modules import MODULES
from contactpoint.errors import Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.pages.fields import add_refusal
from contactpoint.web.people.many import FileForm

KEPT = "training"


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def upload(request: ViewerRequest) -> HttpResponse:
    """The file; each row is judged alone."""
    find_inviting_organisations(by=request.viewer, at=request.at)  # only for those who may invite
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_valid():
        try:
            receipts = import_training(text=form.cleaned_data["file"], by=request.viewer, at=request.at)
            request.session[KEPT] = [_row(receipt) for receipt in receipts]
            return redirect("training_receipts")
        except Invalid as refusal:
            add_refusal(form, refusal)
    context = {"form": form, "modules": MODULES.values()}
    return render(request, "people/import_training.html", context, status=400 if form.errors else 200)


def _row(receipt: TrainingReceipt) -> list[str]:
    return [str(receipt.row), receipt.email, receipt.module, receipt.outcome]


@require_safe
@for_viewer
def receipts(request: ViewerRequest) -> HttpResponse:
    """What became of each row of the last file."""
    rows = request.session.get(KEPT, [])
    if request.GET.get("as") != "csv":
        recorded = sum(row[3].startswith("Recorded") for row in rows)
        return render(request, "people/training_receipts.html", {"rows": rows, "recorded": recorded})
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["line", "email", "module", "what became of it"])
    writer.writerows([neutralise(cell) for cell in row] for row in rows)
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="training-receipts.csv"'
    return answer
