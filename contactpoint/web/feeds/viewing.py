"""Feeds and how far each has come; receipts to send back; data quality in pictures."""

from typing import cast

from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contactpoint.casework.review.values import count_corrections
from contactpoint.intake import feeds_door
from contactpoint.intake.quality import read_quality
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.feeds.picture import draw_lines, draw_months


@require_safe
@for_viewer
def list_feeds(request: ViewerRequest) -> HttpResponse:
    """Held feeds first, then the latest; beside them the suppliers, the late ones first."""
    page = feeds_door.see_feeds(viewer=request.viewer, at=request.at)
    return render(request, "feeds/list.html", {"page": page})


@require_safe
@for_viewer
def show_feed(request: ViewerRequest, entry: int) -> HttpResponse:
    """One feed's journey, and what can be done about it."""
    feed, is_own = feeds_door.see_feed(viewer=request.viewer, load_id=entry, at=request.at)
    return render(request, "feeds/feed.html", {"feed": feed, "is_own": is_own})


@require_safe
@for_viewer
def download_receipts(request: ViewerRequest, entry: int) -> HttpResponse:
    """The receipts as a file, for the supplier."""
    path = feeds_door.read_receipts(viewer=request.viewer, load_id=entry, at=request.at)
    file = FileResponse(path.open("rb"), as_attachment=True, filename=f"receipts-{entry}.csv")
    return cast("HttpResponse", file)  # streamed: it may be long


@require_safe
@for_viewer
def show_quality(request: ViewerRequest) -> HttpResponse:
    """The league of suppliers with their curves, and children with no school or practice, as counts."""
    league, gaps = read_quality(viewer=request.viewer, at=request.at)
    corrections = count_corrections(by=request.viewer, at=request.at)
    rows = [
        (each, draw_lines(each.points), draw_months(corrections.get(each.supplier.code, ())))
        for each in league
    ]
    return render(request, "feeds/quality.html", {"league": rows, "gaps": gaps})
