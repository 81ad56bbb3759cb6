"""What we draw by hand has the marks of GOV.UK's macros, so that their style sheet and readers' tools fit."""

import re
from typing import Any

import pytest
from django.template import engines
from markupsafe import Markup

ROWS = [
    {"key": {"text": "Who & where"}, "value": {"text": "<b>Ada</b>"}},
    {"key": {"text": "Telephone"}, "value": {"html": Markup('<a href="tel:1">1</a>')}},
]
OPEN = {"text": "Open record", "href": "/record/a&b/"}
LISTS: list[dict[str, Any]] = [
    {"rows": ROWS},
    {"rows": ROWS, "classes": "govuk-!-margin-bottom-3"},
    {"rows": ROWS, "card": {"title": {"text": "O'Neil", "headingLevel": 3}}, "classes": "app-summary--tight"},
    {"rows": ROWS, "card": {"title": {"text": "Amy"}, "actions": {"items": []}}},
    {"rows": ROWS, "card": {"title": {"text": "Amy"}, "actions": None}},
    {"rows": ROWS, "card": {"title": {"html": Markup("Amy <em>x</em>")}, "actions": {"items": [OPEN]}}},
    {"rows": ROWS[:1], "card": {"title": {"text": "Amy"}, "actions": {"items": [OPEN, OPEN]}}},
]


def draw(source: str, **values: Any) -> str:
    """HTML without the blanks at which no browser breaks a word."""
    page = engines["jinja2"].from_string(source).render(values)
    return re.sub(r"\s+(?=<)|(?<=>)\s+", "", re.sub(r"\s+", " ", page))


@pytest.mark.parametrize("params", LISTS)
def test_a_summary_list_is_that_of_the_macro(params: dict[str, Any]) -> None:
    theirs = draw(
        '{% from "govuk_frontend_jinja/components/summary-list/macro.html" import govukSummaryList %}'
        "{{ govukSummaryList(params) }}",
        params=params,
    )
    ours = draw('{% from "parts/plain.html" import summary_list %}{{ summary_list(params) }}', params=params)
    assert ours == theirs
    assert "govuk-summary-list__row" in ours


def test_details_are_those_of_the_macro() -> None:
    values = {
        "summary": Markup('Source<span class="govuk-visually-hidden">: name</span>'),
        "told": Markup("<ul></ul>"),
    }
    theirs = draw(
        '{% from "govuk_frontend_jinja/components/details/macro.html" import govukDetails %}'
        '{{ govukDetails({"summaryHtml": summary, "html": told, "classes": "app-details--quiet"}) }}',
        **values,
    )
    ours = draw(
        '{% from "parts/plain.html" import details %}{{ details(summary, told, "app-details--quiet") }}',
        **values,
    )
    assert ours == theirs
