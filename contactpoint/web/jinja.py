"""The Jinja environment of the pages: GOV.UK macros, addresses, assets, dates, watermark.

Templates reach no database: they get frozen values, and these functions.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, PrefixLoader, Template
from markupsafe import Markup

from contactpoint.web import practice
from contactpoint.web.navigation import Item, find_navigation
from contactpoint.web.pages.words import FILTERS
from contactpoint.web.sessions import format_time, seconds_left

BUILT = Path(__file__).parent / "static" / "built"
OWN = "\x00own\x00"  # stands in a frame where a person's own items go; no page has such characters
Choices = tuple[tuple[str, str], ...]
ENGLAND = ZoneInfo("Europe/London")


class AssetsNotBuiltError(RuntimeError):
    """The style sheet was never built."""


class _Page(Template):
    """Keeps what it imports: a page imports thirty macros, and none of our templates has globals of its own,
    for which Jinja would look at each import (measured: a seventh of the time of a page).
    """

    def _get_default_module(self, ctx: Any = None) -> Any:
        return super()._get_default_module()


def environment(**options: Any) -> Environment:
    """Called once by Django with the loader of our own templates."""
    options["undefined"] = ChainableUndefined  # the GOV.UK macros ask for what was not given
    options["loader"] = ChoiceLoader(
        [options["loader"], PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})]
    )
    options |= {"trim_blocks": True, "lstrip_blocks": True}
    made = Environment(**options)  # noqa: S701  Django asks for autoescape
    made.template_class = _Page
    made.globals.update(
        url=_url,
        asset=asset,
        notices_of=_notices,
        navigation=find_navigation,
        navigation_frame=_framing(made),
        drawn=_drawing(made),
        watermark=watermark,
        seconds_left=seconds_left,
        warning_seconds=int(settings.SESSION_WARNING.total_seconds()),
        is_demo=settings.DEMO,
        demo_people=practice.find_people,
        demo_code=practice.find_code,
    )
    made.filters.update(day=format_day, moment=format_moment, time=format_time, **FILTERS)
    return made


@dataclass(frozen=True, slots=True)
class Frame:
    """The navigation's HTML, apart where a person's own items go."""

    before: Markup
    after: Markup


def _framing(made: Environment) -> Callable[[tuple[Item, ...]], Frame]:
    """The macro takes a twelfth of a page's time and few lists of items exist: each is drawn once."""

    @lru_cache(maxsize=512)
    def frame(items: tuple[Item, ...]) -> Frame:
        page = made.get_template("parts/navigation_frame.html")
        before, after = page.render(items=[asdict(item) for item in items], own=OWN).split(OWN)
        return Frame(before=Markup(before), after=Markup(after))  # noqa: S704  the template escaped it

    return frame


def _drawing(made: Environment) -> Callable[..., Markup]:
    """For parts that hold nothing of a person, a child or a request: they are given choices and no more."""

    @lru_cache(maxsize=64)
    def draw(name: str, choices: Choices) -> Markup:
        return Markup(made.get_template(name).render(choices=choices))  # noqa: S704  the template escaped it

    return lambda name, choices=(): draw(name, tuple(choices))


def with_one_token(request: HttpRequest) -> dict[str, Any]:
    """The page's forms carry the same token against forged requests; the framework masks it anew for each."""
    return {"csrf_input": SimpleLazyObject(lambda: csrf_input(request))}


def _url(name: str, *args: object, **kwargs: object) -> str:
    if args or kwargs:
        return reverse(name, args=args or None, kwargs=kwargs or None)
    return _fixed_url(name)


@cache
def _fixed_url(name: str) -> str:
    """The dozen addresses that every page has in its frame."""
    return reverse(name)


@lru_cache(maxsize=1)
def _manifest() -> dict[str, str]:
    try:
        return dict(json.loads((BUILT / "manifest.json").read_text()))
    except FileNotFoundError:
        raise AssetsNotBuiltError("The pages' style sheet is not built: run `make assets`.") from None


def asset(name: str) -> str:
    """The address of a built file; its name carries its digest, so it may be cached for ever."""
    return static(f"built/{_manifest()[name]}")


def _notices(request: HttpRequest) -> list[dict[str, str]]:
    """What a banner takes: a warning is called important, all else a success."""
    return [
        {"text": str(said), "type": "" if said.level_tag == "warning" else "success"}
        for said in messages.get_messages(request)
    ]


def format_day(value: date | datetime) -> str:
    """5 October 2026."""
    if isinstance(value, datetime):
        value = value.astimezone(ENGLAND).date()
    return f"{value.day} {value:%B %Y}"


def format_moment(value: datetime) -> str:
    """5 October 2026 at 10:30."""
    local = value.astimezone(ENGLAND)
    return f"{format_day(local)} at {local:%H:%M}"


def watermark(who: str, where: str, at: datetime) -> str:
    """A picture with who looks and when, repeated over the page, as a data address.

    A picture, because a strict policy allows no style that a request computes.
    """
    words = escape(f"{who} · {where} · {format_moment(at)}")
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="2400"><defs>'
        '<pattern id="p" width="620" height="240" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(-24)">'
        f'<text x="10" y="60" font-family="arial,sans-serif" font-size="15" fill="#0b0c0c">{words}</text>'
        '</pattern></defs><rect width="100%" height="100%" fill="url(#p)"/></svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode()
