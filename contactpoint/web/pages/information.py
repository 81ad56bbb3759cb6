"""Pages for everybody that read nothing of anybody: help, and the notice that children can read (FAM-3)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def show_help(request: HttpRequest) -> HttpResponse:
    """How to search, what the words mean, whom to ask."""
    return render(request, "pages/help.html")


@require_safe
def for_children(request: HttpRequest) -> HttpResponse:
    """What ContactPoint is, for children and young people."""
    return render(request, "pages/for_children.html")
