"""What each role finds first after signing in, and what the navigation offers on every page (ACC-8)."""

import re
from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from contactpoint.access import actions
from contactpoint.access.roles import Role
from contactpoint.web.navigation import TEAM_PAGES, TeamPage
from tests.factories import make_founders
from tests.journeys.conftest import MakeWalker

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "match", "owner"])
NEXT = {
    Role.PRACTITIONER: "Find a child",
    Role.DATA_MANAGER: "what waits for you in your team",
    Role.SHIELDING_OFFICER: "what waits for you in your team",
    Role.BROKER: "what waits for you in your team",
    Role.INVESTIGATOR: "Shielded records that somebody opened",
    Role.SEALED_CUSTODIAN: "Rows that may be about somebody with a new identity",
    Role.ACCOUNT_MANAGER: "Accounts not approved yet",
    Role.LINE_MANAGER: "People to confirm",
    Role.NATIONAL_AUDITOR: "The log of what people did",
    Role.NATIONAL_DATA_QUALITY: "Files that are held",
}
OPENINGS = TeamPage(Role.DATA_MANAGER, "Openings", "openings", "openings")
_ITEMS = re.compile(r'govuk-service-navigation__link" href="([^"]+)"')


@pytest.mark.parametrize("role", list(NEXT), ids=str)
def test_the_first_page_says_what_to_do_next(role: Role, walk: MakeWalker) -> None:
    walker = walk(roles=(role,))
    page = walker.get("/")
    assert NEXT[role] in page
    for address in _ITEMS.findall(page):
        assert walker.status(address) in (200, 302), address


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_what_the_navigation_has_no_room_for_stands_on_the_teams_page(role: Role, walk: MakeWalker) -> None:
    walker = walk(roles=(role,))
    offered = _ITEMS.findall(walker.get("/"))
    assert len(offered) <= 7, offered  # with one's own name
    team = walker.get("/team/") if "/team/" in offered else ""
    for page in (*TEAM_PAGES, OPENINGS):
        if page.role is role:
            address = reverse(page.address)
            assert address in offered or f'href="{address}"' in team, address


def test_who_has_two_roles_is_offered_a_page_of_both_once(walk: MakeWalker) -> None:
    walker = walk(roles=(Role.DATA_MANAGER, Role.SHIELDING_OFFICER))
    offered = _ITEMS.findall(walker.get("/"))
    assert len(offered) == len(set(offered)) == 7
    team = walker.get("/team/")
    assert team.count(f'href="{reverse("moves")}"') == 1


@pytest.mark.parametrize("role", list(NEXT), ids=str)
def test_the_page_about_ones_account_offers_the_same_as_every_other(role: Role, walk: MakeWalker) -> None:
    walker = walk(roles=(role,))
    assert _ITEMS.findall(walker.get("/accounts/")) == _ITEMS.findall(walker.get("/"))


def test_who_may_not_act_now_is_offered_nothing_that_would_be_refused(
    walk: MakeWalker, now: datetime
) -> None:
    walker = walk(roles=(Role.PRACTITIONER,))
    founder, _ = make_founders(at=now)
    lately = now.date() - timedelta(days=1)
    actions.record_training(
        account_id=walker.account.pk, passed_on=lately, expires_on=lately, by=founder, at=now
    )
    assert walker.status("/") == 403
    assert _ITEMS.findall(walker.get("/accounts/")) == ["/accounts/"]


@pytest.mark.parametrize("address", ["/nowhere/", "/people/", "/people/999999/", "/record/x/"])
def test_each_refusal_says_that_nothing_was_changed_and_what_to_do(address: str, walk: MakeWalker) -> None:
    walker = walk(roles=(Role.PRACTITIONER,))
    page = walker.client.get(address).content.decode()
    words = re.sub(r"<[^>]+>", " ", page[page.index("<main") :])
    assert "Nothing was changed" in words
    assert re.search(r"check that it is correct|ask the ContactPoint team|Go back|Search again", words), words
