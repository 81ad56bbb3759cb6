"""One supplier: what the register says, changing it, and sending a file in their name."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.errors import Conflict, Invalid
from contactpoint.intake import feeds_door
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.feeds.forms import SupplierForm, UploadForm
from contactpoint.web.pages.fields import sent


@require_safe
@for_viewer
def show(request: ViewerRequest, token: str) -> HttpResponse:
    """All that the register says, and the supplier's feeds."""
    supplier, is_own = feeds_door.see_supplier(viewer=request.viewer, supplier=token, at=request.at)
    return render(request, "feeds/supplier.html", {"supplier": supplier, "is_own": is_own})


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def change(request: ViewerRequest, token: str) -> HttpResponse:
    """Timetable, legal basis, contact."""
    supplier, _ = feeds_door.see_supplier(viewer=request.viewer, supplier=token, at=request.at)
    form = SupplierForm(sent(request) or SupplierForm.shown(supplier))
    if request.method == "POST" and form.is_valid():
        try:
            feeds_door.change_supplier(
                viewer=request.viewer, supplier=token, changes=form.changes(), at=request.at
            )
            messages.success(request, "The register is changed.")
            return redirect("supplier", token=token)
        except Invalid as refusal:
            form.add_error(None, str(refusal))
    status = 400 if request.method == "POST" else 200
    return render(request, "feeds/change.html", {"form": form, "supplier": supplier}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def upload(request: ViewerRequest, token: str) -> HttpResponse:
    """Rehearse a file, or hand it to the worker."""
    supplier, _ = feeds_door.see_supplier(viewer=request.viewer, supplier=token, at=request.at)
    form = UploadForm(sent(request), request.FILES if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.given(viewer=request.viewer, supplier=token, at=request.at)
        try:
            if form.cleaned_data["what"] == "rehearse":
                return redirect("rehearsal", entry=feeds_door.rehearse_upload(**given))
            load = feeds_door.upload_file(**given)
            messages.success(
                request, "Received. It is checked and loaded by itself; this page tells how far."
            )
            return redirect("feed", entry=load)
        except (Invalid, Conflict) as refusal:
            form.add_error("file", str(refusal))
    context = {"form": form, "supplier": supplier}
    return render(request, "feeds/upload.html", context, status=400 if form.errors else 200)


@require_safe
@for_viewer
def show_rehearsal(request: ViewerRequest, entry: int) -> HttpResponse:
    """What a load of the file would say, once the worker has rehearsed it."""
    rehearsed = feeds_door.see_rehearsal(viewer=request.viewer, rehearsal_id=entry, at=request.at)
    return render(request, "feeds/rehearsed.html", {"rehearsed": rehearsed, "rehearsal": rehearsed.figures})
