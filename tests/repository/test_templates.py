"""Templates are given frozen values and never reach the database; each stays small enough to read."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.template.backends.jinja2 import Template

from contactpoint.directory.values import SuppliedValues
from tests.children import AMINA, DATABASES, make_child
from tests.factories import make_cleared_account
from tests.journeys.test_pages_own_work import record_mine
from tests.journeys.walker import Walker

HOME = Path(__file__).parents[2] / "contactpoint" / "web" / "templates"
REACHES = re.compile(r"\.objects\b|\.(filter|all|select_related|query|save|delete)\(|_set\b|\bcursor\b")


class ReachedDatabase(AssertionError):
    """A template asked the database."""


def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    raise ReachedDatabase(sql)


@pytest.fixture
def blocked_while_rendering(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the templates that were rendered with the database out of reach."""
    ordinary = Template.render
    rendered: list[str] = []

    def render(self: Template, context: Any = None, request: Any = None) -> Any:
        rendered.append(str(self.template.name))
        with connections["default"].execute_wrapper(refuse), connections["match"].execute_wrapper(refuse):
            return ordinary(self, context, request)

    monkeypatch.setattr(Template, "render", render)
    return rendered


@pytest.mark.django_db(transaction=True, databases=DATABASES)
def test_no_page_of_the_journey_asks_the_database_while_it_is_drawn(
    blocked_while_rendering: list[str],
) -> None:
    now = datetime.now(UTC)
    make_child(AMINA, at=now)
    make_child(SuppliedValues(given_names="Ben", family_name="Low", birth_date="2015"), at=now)
    sam = Walker(make_cleared_account(at=now), at=now)
    token, entry = record_mine(sam)
    for address in (
        "/",
        "/change-search/",
        "/results/",
        "/my-involvements/",
        "/add-child/",
        "/children-i-added/",
    ):
        sam.get(address)
    for page in ("", "reason/", "involvement/", "assessment/"):
        sam.get(f"/record/{token}/{page}")
    for page in ("", "end/", "take-back/", "lead/", "stop-lead/"):
        sam.get(entry + page)
    for address in ("/help/", "/for-children/", "/privacy/", "/who-can-see-what/", "/add-child/received/"):
        sam.get(address)
    sam.status("/nowhere/")
    assert len(set(blocked_while_rendering)) >= 20


def test_the_block_would_be_noticed(db: None) -> None:
    with connections["default"].execute_wrapper(refuse), pytest.raises(ReachedDatabase):
        connections["default"].cursor().execute("SELECT 1")


def test_no_template_spells_a_query() -> None:
    found = [path.name for path in HOME.rglob("*.html") if REACHES.search(path.read_text())]
    assert not found


def test_templates_stay_small() -> None:
    for path in HOME.rglob("*.html"):
        most = 100 if path.name == "layout.html" else 80
        assert len(path.read_text().splitlines()) <= most, path.name


def test_nothing_supplied_is_marked_as_safe_markup() -> None:
    allowed = {"layout.html"}  # the aria-current of our own navigation
    for path in HOME.rglob("*.html"):
        assert "| safe" not in path.read_text() or path.name in allowed, path.name
