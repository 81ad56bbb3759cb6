"""The navigation is drawn once for a list of items; what is a person's own never gets into it."""

from django.template.loader import get_template
from django.utils.module_loading import import_string

from contactpoint.access.models import Account
from contactpoint.settings import AUTHENTICATION_BACKENDS
from contactpoint.web.jinja import OWN
from contactpoint.web.navigation import Item

ITEMS = (Item("Find <a> child", "/", True), Item("Team", "/team/", False))


def test_items_are_escaped_and_marked_and_nothing_stands_where_ones_own_goes() -> None:
    frame = get_template("layout.html").backend.env.globals["navigation_frame"]
    drawn = frame(ITEMS)
    assert "Find &lt;a&gt; child" in drawn.before
    assert 'aria-current="true"' in drawn.before or 'aria-current="page"' in drawn.before
    assert "</ul>" in drawn.after
    assert OWN not in drawn.before + drawn.after
    assert frame(ITEMS) is drawn


def test_nobody_signs_in_by_a_number_that_is_no_account(db: None) -> None:
    backend = import_string(AUTHENTICATION_BACKENDS[0])()
    assert backend.get_user(0) is None
    assert Account.objects.filter(pk=0).first() is None


def test_a_part_is_drawn_once_for_its_choices_and_escaped() -> None:
    drawn = get_template("layout.html").backend.env.globals["drawn"]
    page = drawn("pages/parts/reasons.html", [("a", "<b>")])
    assert "&lt;b&gt;" in page
    assert drawn("pages/parts/reasons.html", [("a", "<b>")]) is page
    assert "Other" in drawn("pages/parts/reasons.html", [("a", "Other")])
