"""Find a child: the form, and the page of results.

What is typed is posted and kept sealed in the session, so that it stands in no address or history.
Results are never kept: each time their page is shown (again, by Back or by reloading), the search is made,
counted and logged again. The page says so.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contactpoint.access.roles import Action
from contactpoint.directory.queries import search_children
from contactpoint.directory.records import SearchResult
from contactpoint.errors import Invalid
from contactpoint.web.access import ViewerRequest, for_viewer
from contactpoint.web.navigation import find_team_pages
from contactpoint.web.pages import visit
from contactpoint.web.pages.fields import add_refusal
from contactpoint.web.pages.forms import SearchForm
from contactpoint.web.team_work import is_searcher


@require_http_methods(["GET", "HEAD", "POST"])
@for_viewer
def find_child(request: ViewerRequest) -> HttpResponse:
    """The form. What can be read is kept for the results page; what cannot is said beside its field."""
    if request.method != "POST" and not is_searcher(request.viewer):
        return redirect("mediated" if request.viewer.may(Action.MEDIATE) else "team")
    if request.method != "POST":
        return _form(request, SearchForm(viewer=request.viewer))
    form = SearchForm(request.POST, viewer=request.viewer)
    if not form.is_valid():
        return _form(request, form, status=400)
    visit.begin_search(request.session, typed=form.typed())
    return redirect("results")


@require_safe
@for_viewer
def change_search(request: ViewerRequest) -> HttpResponse:
    """The form with what was typed last."""
    return _form(request, SearchForm(visit.get_typed(request.session), viewer=request.viewer))


@require_safe
@for_viewer
def show_results(request: ViewerRequest) -> HttpResponse:
    """Search now, and show who was found; a refusal shows the form again with what to add.

    A session that ended has forgotten what was typed: then the page says so above an empty form.
    """
    typed = visit.get_typed(request.session)
    form = SearchForm(typed or None, viewer=request.viewer)
    if not form.is_valid():
        return _form(request, form, is_forgotten=not typed, status=400 if typed else 200)
    try:
        result = search_children(viewer=request.viewer, query=form.query(), at=request.at)
    except Invalid as refusal:
        add_refusal(form, refusal)
        return _form(request, form, status=400)
    return _results(request, form, result)


def _results(request: ViewerRequest, form: SearchForm, result: SearchResult) -> HttpResponse:
    names = [(found.number, f"{found.given_names} {found.family_name}".strip()) for found in result.found]
    tokens = visit.answer_search(request.session, names)
    may_add = request.viewer.may(Action.ADD_CHILD)
    context = {"result": result, "tokens": tokens, "query": form.query(), "may_add": may_add}
    return render(request, "pages/results.html", context)


def _form(
    request: HttpRequest, form: SearchForm, *, is_forgotten: bool = False, status: int = 200
) -> HttpResponse:
    viewer = request.viewer  # type: ignore[attr-defined]
    context = {
        "form": form,
        "may_search": viewer.may(Action.SEARCH),
        "is_forgotten": is_forgotten,
        "has_team_pages": bool(find_team_pages(viewer)),
    }
    return render(request, "pages/find_child.html", context, status=status)
