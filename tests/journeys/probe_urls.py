"""The service's addresses, with the start page replaced by the least that needs a cleared viewer."""

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from contactpoint.errors import Conflict, Invalid, NotAllowed, NotFound
from contactpoint.web.access import ViewerRequest, for_viewer

handler400 = "contactpoint.web.errors.bad_request"
handler403 = "contactpoint.web.errors.not_allowed"
handler404 = "contactpoint.web.errors.not_found"
handler500 = "contactpoint.web.errors.server_error"

TROUBLES: dict[str, Exception] = {
    "not-allowed": NotAllowed("Your role does not allow this."),
    "not-found": NotFound("There is no such record."),
    "invalid": Invalid("Give a date of birth."),
    "conflict": Conflict("Somebody else changed this."),
    "database-down": OperationalError("connection to server at 10.0.0.1 failed: secret detail"),
    "mistake": RuntimeError("an inner detail"),
}


@for_viewer
def probe(request: ViewerRequest) -> HttpResponse:
    """Says who is asking."""
    return HttpResponse(f"{request.viewer.name} may look")


def trouble(request: HttpRequest, kind: str) -> HttpResponse:
    """Raises what is asked for."""
    raise TROUBLES[kind]


urlpatterns = [
    path("", probe),
    path("trouble/<kind>/", trouble),
    path("", include("contactpoint.urls")),
]
