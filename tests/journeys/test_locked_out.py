"""ACC-4: nobody keeps somebody else from signing in, and nobody guesses for long either."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client

from contactpoint.access.attempts import COOKIE
from contactpoint.access.factors import find_current_code
from contactpoint.access.models import Account
from contactpoint.access.tasks import NOBODY, tell_of_guesses
from contactpoint.audit.models import Event
from tests.factories import PASSWORD, SECRET, make_cleared_account

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.journeys.probe_urls")]
LOGIN, CODE = "/accounts/login/", "/accounts/2fa/authenticate/"
WRONG = "wrong"
STOPPED = b"Too many attempts"


@pytest.fixture
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def jo(clock: time_machine.Traveller, now: datetime) -> Account:
    return make_cleared_account(at=now, name="Jo Bloggs", password=PASSWORD, totp_secret=SECRET)


def guess(place: Client, email: str, password: str = WRONG) -> bytes:
    return place.post(LOGIN, {"login": email, "password": password}).content


def at_address(number: int) -> Client:
    return Client(REMOTE_ADDR=f"198.51.{number // 250}.{number % 250 + 1}")


def sign_in(place: Client, account: Account) -> int:
    place.post(LOGIN, {"login": account.email, "password": PASSWORD})
    return place.post(CODE, {"code": find_current_code(account_id=account.pk)}).status_code


def test_who_guesses_is_stopped_and_the_owner_is_not(jo: Account) -> None:
    elsewhere = at_address(1)
    assert [STOPPED in guess(elsewhere, jo.email) for _ in range(6)] == [False] * 5 + [True]
    assert STOPPED in guess(elsewhere, jo.email, PASSWORD), "the right password helps no more"
    assert '"why":"too-many"' in bytes(Event.objects.latest("id").body).decode()
    assert sign_in(Client(), jo) == 302


def test_guesses_from_everywhere_slow_new_places_and_never_the_browser_one_uses(jo: Account) -> None:
    own, new = Client(), at_address(7)
    assert sign_in(own, jo) == 302
    own.post("/accounts/logout/")
    for number in range(100, 131):
        guess(at_address(number), jo.email)
    assert guess(new, jo.email).count(STOPPED) == 0, "one try in five minutes stays"
    assert STOPPED in guess(new, jo.email, PASSWORD)
    assert own.post(LOGIN, {"login": jo.email, "password": PASSWORD})["Location"].startswith(CODE)
    assert STOPPED not in guess(own, jo.email)


def test_the_owner_is_told_once_a_day(jo: Account, clock: time_machine.Traveller, now: datetime) -> None:
    for number in range(100, 135):
        guess(at_address(number), jo.email)
    assert told() == [jo.pk]
    clock.move_to(now + timedelta(days=1, minutes=1))
    for number in range(200, 235):
        guess(at_address(number), jo.email)
    assert told() == [jo.pk, jo.pk]


def test_an_address_without_an_account_is_counted_alike_and_nobody_is_told(jo: Account) -> None:
    said = [
        [STOPPED in guess(at_address(number // 6), email) for number in range(48)]
        for email in (jo.email, "nobody@example.org")
    ]
    assert said[0] == said[1]
    assert told() == [jo.pk, NOBODY]


def told() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (args ->> 'account')::bigint FROM procrastinate_jobs WHERE task_name = %s ORDER BY id",
            [tell_of_guesses.name],
        )
        return [account for (account,) in cursor.fetchall()]


def test_one_address_guesses_at_ten_accounts_a_minute_at_most(now: datetime, jo: Account) -> None:
    place = at_address(3)
    stopped = [STOPPED in guess(place, f"person{number}@example.org") for number in range(11)]
    assert stopped == [False] * 10 + [True]


def test_who_knows_the_password_cannot_use_up_the_owners_codes(jo: Account) -> None:
    own, thief = Client(), at_address(9)
    assert sign_in(own, jo) == 302
    own.post("/accounts/logout/")
    thief.post(LOGIN, {"login": jo.email, "password": PASSWORD})
    pages = [thief.post(CODE, {"code": "000000"}).content for _ in range(6)]
    assert [STOPPED in page for page in pages] == [False] * 5 + [True]
    assert '"why":"too-many-codes"' in bytes(Event.objects.latest("id").body).decode()
    own.post(LOGIN, {"login": jo.email, "password": PASSWORD})
    assert STOPPED not in own.post(CODE, {"code": "000000"}).content


def test_a_browsers_mark_counts_for_its_own_account_only_and_cannot_be_made_up(
    jo: Account, now: datetime
) -> None:
    ann = make_cleared_account(at=now, name="Ann Other", password=PASSWORD, totp_secret=SECRET)
    place = at_address(5)
    assert sign_in(place, ann) == 302
    mark = place.cookies[COOKIE]
    assert ann.email not in mark.value
    assert (mark["httponly"], mark["samesite"], mark["path"]) == (True, "Strict", "/accounts/")
    for value in (mark.value, mark.value[:-2] + "xx", "made-up"):
        other = at_address(5)
        other.cookies[COOKIE] = value
        for _ in range(5):
            guess(other, jo.email)
        assert STOPPED in guess(other, jo.email)
