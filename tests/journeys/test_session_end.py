"""A page left open: what it says of the session's end, what it may ask, and what it is told (ACC-5)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from contactpoint.access.models import Account
from contactpoint.audit.queries import find_events_of_account
from tests.factories import make_cleared_account
from tests.journeys.walker import Walker

pytestmark = pytest.mark.django_db
LEFT, STAY, OVER = "/accounts/session/", "/accounts/session/stay/", "/accounts/session/over/"


@pytest.fixture
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def jo(now: datetime, clock: time_machine.Traveller) -> Walker:
    return Walker(make_cleared_account(at=now, name="Jo Bloggs"), at=now)


def kinds(account: Account, now: datetime) -> list[str]:
    found = find_events_of_account(account_id=account.pk, since=now - timedelta(days=1))
    return [event.kind for event in reversed(list(found))]


def test_each_page_says_when_the_session_ends_and_goes_then_without_scripts(jo: Walker) -> None:
    page = jo.get("/")
    assert (
        '<noscript><meta http-equiv="refresh" content="903; url=/accounts/session/over/"></noscript>' in page
    )
    assert "If you do nothing, you will be signed out at" in page
    assert 'data-seconds="901" data-warn="180"' in page


def test_a_page_shown_to_a_stranger_warns_of_nothing(client: Client) -> None:
    page = client.get("/accounts/login/").content.decode()
    assert "refresh" not in page
    assert "session-warning" not in page


def test_asking_does_not_put_the_end_off_and_staying_does(
    jo: Walker, now: datetime, clock: time_machine.Traveller
) -> None:
    clock.move_to(now + timedelta(minutes=10))
    assert jo.client.get(LEFT).json()["seconds"] == 301
    assert jo.client.get(OVER).status_code == 200
    assert jo.client.get(LEFT).json()["seconds"] == 301, "nobody is using the service"
    assert jo.client.post(STAY).json()["seconds"] == 901
    clock.move_to(now + timedelta(minutes=24))
    assert jo.client.get(LEFT).json()["seconds"] == 61


def test_nothing_puts_off_the_end_after_eight_hours(
    jo: Walker, now: datetime, clock: time_machine.Traveller
) -> None:
    for minutes in range(10, 480, 10):
        clock.move_to(now + timedelta(minutes=minutes))
        told = jo.client.post(STAY).json()
    assert (told["seconds"], told["can_be_put_off"]) == (601, False)
    page = jo.get("/")
    assert "nobody stays signed in for longer" in page
    assert "Stay signed in" not in page
    clock.move_to(now + timedelta(hours=8, seconds=1))
    assert jo.client.post(STAY).status_code == 401
    assert jo.client.get(OVER)["Location"] == "/accounts/login/?ended=absolute"


def test_who_asks_after_the_end_is_refused_and_the_log_says_that_it_ended(
    jo: Walker, now: datetime, clock: time_machine.Traveller
) -> None:
    clock.move_to(now + timedelta(minutes=15, seconds=2))
    answer = jo.client.post(STAY)
    assert (answer.status_code, answer.content) == (401, b"")
    assert kinds(jo.account, now) == ["signed-in", "session-ended"]
    assert jo.client.get(LEFT).status_code == 401, "signed out stays signed out"
    assert jo.client.get("/")["Location"].startswith("/accounts/login/?ended=idle")


def test_a_page_that_closes_itself_says_why_and_leads_to_no_page_of_before(
    jo: Walker, now: datetime, clock: time_machine.Traveller
) -> None:
    clock.move_to(now + timedelta(minutes=15, seconds=2))
    answer = jo.client.get(OVER, follow=True)
    assert answer.redirect_chain == [("/accounts/login/?ended=idle", 302)]
    assert "you did nothing for 15 minutes. What you had not sent was not kept." in answer.content.decode()
    assert "You are signed out" in jo.get(OVER)


def test_who_signed_in_elsewhere_meanwhile_is_told_so_when_the_old_page_asks(
    jo: Walker, now: datetime
) -> None:
    newer = Walker(jo.account, at=now)
    assert jo.client.get(LEFT).status_code == 401
    assert jo.client.get(OVER)["Location"] == "/accounts/login/?ended=elsewhere"
    assert newer.client.get(LEFT).status_code == 200
    assert kinds(jo.account, now) == ["signed-in", "session-ended", "signed-in"]


def test_nobody_keeps_a_session_alive_from_another_site(jo: Walker) -> None:
    stranger = Client(enforce_csrf_checks=True)
    stranger.cookies = jo.client.cookies
    assert stranger.post(STAY).status_code == 403


def test_what_was_shown_is_kept_by_no_browser(jo: Walker) -> None:
    for address in ("/", "/accounts/", LEFT, OVER):
        assert "no-store" in jo.client.get(address)["Cache-Control"], address
