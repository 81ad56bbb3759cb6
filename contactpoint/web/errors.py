"""Errors as pages: what happened, what was kept, what to do; never how the service is made.

The only place where an error becomes a response of the web door.
Pages of errors use neither session nor database, for these may be what failed.
"""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from contactpoint.errors import Conflict, Invalid, NotAllowed, NotFound

log = logging.getLogger(__name__)

ASK = "If you need it for your work, ask the ContactPoint team of your authority."
# Error, status, heading, and what to do next.
FAMILIES: tuple[tuple[type[Exception], int, str, str], ...] = (
    (NotAllowed, 403, "You cannot do this", ASK),
    (NotFound, 404, "Not found", "Go back to the page that you came from, reload it, and choose again."),
    (Invalid, 400, "There is a problem with what was entered", "Go back, correct it, and send it again."),
    (Conflict, 409, "This has changed in the meantime", "Go back and reload the page to see how it is now."),
)


def find_response(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """The page for an error of ours or for a database that is down; None for a mistake in our code."""
    for family, status, title, advice in FAMILIES:
        if isinstance(error, family):
            return error_page(request, status=status, title=title, message=str(error), advice=advice)
    if isinstance(error, OperationalError | InterfaceError):
        log.error("The database did not answer (%s).", type(error).__name__)
        return error_page(
            request,
            status=503,
            title="Sorry, the service is not available",
            message="The database does not answer at the moment. Nothing that you entered was saved.",
            advice="Try again in a few minutes. If a child is in danger now, do not wait: call 999.",
        )
    return None


def error_page(
    request: HttpRequest, *, status: int, title: str, message: str, advice: str = ""
) -> HttpResponse:
    """One page for every error: what happened, that nothing was changed unless that was said, what to do."""
    if "Nothing" not in message:
        message = f"{message} Nothing was changed."
    return render(
        request, "error.html", {"heading": title, "message": message, "advice": advice}, status=status
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return error_page(
        request,
        status=400,
        title="There is a problem with what was sent",
        message="The service could not read the request. Nothing was changed.",
        advice="Go back and try again.",
    )


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return error_page(
        request, status=403, title="You cannot do this", message="Your role does not allow this.", advice=ASK
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return error_page(
        request,
        status=404,
        title="Page not found",
        message="There is no page at this address.",
        advice="If you typed it, check that it is correct. If a link led here, it may be too old.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500, which also gets what went wrong before a view was reached."""
    return find_response(request, sys.exc_info()[1]) or error_page(
        request,
        status=500,
        title="Sorry, there is a problem with the service",
        message="Something went wrong on our side. Nothing that you entered was saved.",
        advice="Try again later. If it happens again, tell your authority’s ContactPoint team.",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that does not carry this browser's token: mostly one that stayed open over a sign-in."""
    return error_page(
        request,
        status=403,
        title="This page was open for too long",
        message="You may have signed in again, or cookies are turned off. Nothing was changed.",
        advice="Go back, reload the page and try again.",
    )
