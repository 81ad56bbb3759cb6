"""Signing in, by somebody who means harm: other sites, planted sessions, guessed codes, wrong clocks."""

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.hashers import get_hasher
from django.test import Client

from contactpoint.access.factors import find_current_code
from contactpoint.access.models import Account
from tests.factories import PASSWORD, SECRET, make_cleared_account

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.journeys.probe_urls")]
LOGIN, CODE = "/accounts/login/", "/accounts/2fa/authenticate/"
COOKIE = "contactpoint"


@pytest.fixture
def jo(now: datetime) -> Iterator[Account]:
    """Cleared, with a password and an authenticator; the clock stands still."""
    with time_machine.travel(now, tick=False):
        yield make_cleared_account(at=now, name="Jo Bloggs", password=PASSWORD, totp_secret=SECRET)


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_another_site_after_signing_in(client: Client, jo: Account, elsewhere: str) -> None:
    client.post(LOGIN, {"login": jo.email, "password": PASSWORD, "next": elsewhere})
    answer = client.post(CODE, {"code": find_current_code(account_id=jo.pk), "next": elsewhere})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_a_page_of_our_own_is_still_reached_after_signing_in(client: Client, jo: Account) -> None:
    client.post(LOGIN, {"login": jo.email, "password": PASSWORD, "next": "/accounts/"})
    answer = client.post(CODE, {"code": find_current_code(account_id=jo.pk)})
    assert answer["Location"] == "/accounts/"


def test_another_host_is_not_answered_and_a_forwarded_one_not_believed(client: Client) -> None:
    client.raise_request_exception = False
    assert client.get(LOGIN, HTTP_HOST="evil.example").status_code == 400
    answer = client.get(LOGIN, HTTP_X_FORWARDED_HOST="evil.example")
    assert answer.status_code == 200
    assert b"evil.example" not in answer.content


def test_no_other_site_can_frame_the_page(client: Client) -> None:
    answer = client.get(LOGIN)
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_a_session_from_before_signing_in_is_worth_nothing_after(client: Client, jo: Account) -> None:
    """Who planted it, or read it, has no part in what is signed in."""
    client.post(LOGIN, {"login": jo.email, "password": PASSWORD})
    planted = client.cookies[COOKIE].value
    client.post(CODE, {"code": find_current_code(account_id=jo.pk)})
    assert client.get("/").status_code == 200
    other = Client()
    other.cookies[COOKIE] = planted
    assert other.get("/")["Location"].startswith(LOGIN)


@pytest.mark.parametrize(("steps", "is_let_in"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephones_clock_may_differ_by_half_a_minute(
    client: Client, jo: Account, steps: int, is_let_in: bool
) -> None:
    """One step of thirty seconds, early or late."""
    current = list(yield_hotp_counters_from_time())[1]
    client.post(LOGIN, {"login": jo.email, "password": PASSWORD})
    answer = client.post(CODE, {"code": format_hotp_value(hotp_value(SECRET, current + steps))})
    assert (answer.status_code == 302) is is_let_in


def test_guessing_codes_is_stopped(client: Client, jo: Account) -> None:
    client.post(LOGIN, {"login": jo.email, "password": PASSWORD})
    pages = [client.post(CODE, {"code": "000000"}).content for _ in range(6)]
    assert [b"Too many attempts" in page for page in pages] == [False] * 5 + [True]


def test_a_wrong_password_and_no_such_account_look_and_cost_the_same(
    jo: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same words, and the one slow hash each: the answer's time tells nobody who has an account."""
    hashed: list[str] = []
    hasher = type(get_hasher())
    encode = hasher.encode

    def counted(self: object, password: str, *rest: object, **more: object) -> object:
        hashed.append(password)
        return encode(self, password, *rest, **more)

    monkeypatch.setattr(hasher, "encode", counted)
    answers = []
    for email in (jo.email, "nobody@example.org"):
        hashed.clear()
        page = Client().post(LOGIN, {"login": email, "password": "wrong"})
        answers.append((page.status_code, re.sub(rb'(value|nonce)="[^"]*"', b"", page.content), len(hashed)))
    assert answers[0] == answers[1]
    assert answers[0][2] == 1
