"""Every address that somebody who is signed in can go to, found in the service's own list of addresses."""

import re
from collections.abc import Iterator

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

_LINKS = re.compile(r'href="/record/([\w-]+)/reason/"')
_PART = re.compile(r"<(?:\w+:)?(\w+)>")
# Pages of signing in show nothing of a child, and one of them ends the session that the machine goes on with.
LEFT_OUT = ("accounts/",)


def _find(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _find(pattern, route)
        elif isinstance(pattern, URLPattern) and not route.startswith(LEFT_OUT):
            yield f"/{route}"


def fill(address: str, *, token: str, number: int) -> str:
    """The address with a token where a text stands in it, and a small number where a number does."""
    return _PART.sub(lambda part: token if part.group(1) == "token" else str(number), address)


def find_tokens(results: HttpResponse) -> list[str]:
    """Of the children on a page of results."""
    return _LINKS.findall(results.content.decode())


RECORD = "/record/<str:token>/"
ADDRESSES = sorted(_find(get_resolver()))
