"""Where somebody is signed in: told to them, to nobody else, and forgotten in time (ACC-5)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from contactpoint.access.actions.tidying import warn_and_tidy
from contactpoint.access.browsers import name_browser
from contactpoint.access.factors import find_current_code
from contactpoint.access.models import Account, PastSession, SignIn
from contactpoint.access.roles import Role
from contactpoint.audit.queries import find_events_of_account
from contactpoint.audit.records import Actor
from tests.factories import PASSWORD, SECRET, make_cleared_account
from tests.journeys.walker import Walker

pytestmark = pytest.mark.django_db
PAGE = "/accounts/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.0 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
    " Safari/537.36 Edg/140.0.0.0"
)


@pytest.fixture
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def jo(now: datetime, clock: time_machine.Traveller) -> Account:
    return make_cleared_account(at=now, name="Jo Bloggs", password=PASSWORD, totp_secret=SECRET)


def sign_in(account: Account, *, agent: str, address: str) -> Client:
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    client.post("/accounts/login/", {"login": account.email, "password": PASSWORD})
    answer = client.post("/accounts/2fa/authenticate/", {"code": find_current_code(account_id=account.pk)})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    return client


def test_the_newer_place_is_told_of_the_older_and_the_older_is_refused(
    jo: Account, now: datetime, clock: time_machine.Traveller
) -> None:
    older = sign_in(jo, agent=FIREFOX, address="192.0.2.7")
    clock.move_to(now + timedelta(minutes=5))
    newer = sign_in(jo, agent=SAFARI, address="198.51.100.9")
    told = newer.get("/").content.decode()
    assert "still signed in elsewhere (Firefox on Windows)" in told
    assert "Important" in told
    assert "Success" not in told
    page = newer.get(PAGE).content.decode()
    here, before = page.split("Before</h2>")
    assert "Safari on iPhone" in here
    assert "198.51.100.9" in here
    assert "Firefox on Windows" in before
    assert "192.0.2.7" in before
    assert "you signed in somewhere else" in before
    assert older.get(PAGE)["Location"].startswith("/accounts/login/?ended=elsewhere")
    events = list(find_events_of_account(account_id=jo.pk, since=now - timedelta(days=1)))
    assert [event.kind for event in reversed(events)] == ["signed-in", "session-ended", "signed-in"]
    assert [event.facts for event in events if event.kind == "session-ended"] == [{"why": "elsewhere"}]


def test_one_that_ran_out_unnoticed_is_said_to_have_and_nobody_is_alarmed(
    jo: Account, now: datetime, clock: time_machine.Traveller
) -> None:
    sign_in(jo, agent=FIREFOX, address="192.0.2.7")
    clock.move_to(now + timedelta(hours=3))
    newer = sign_in(jo, agent=EDGE, address="192.0.2.7")
    assert "still signed in elsewhere" not in newer.get("/").content.decode()
    assert "nothing was done for 15 minutes" in newer.get(PAGE).content.decode()
    past = PastSession.objects.get(account=jo)
    assert past.ended_at == past.last_seen_at + timedelta(minutes=15)


def test_nobody_else_is_shown_from_where_somebody_signs_in(
    jo: Account, now: datetime, client: Client
) -> None:
    sign_in(jo, agent=FIREFOX, address="192.0.2.7")
    sign_in(jo, agent=SAFARI, address="198.51.100.9")
    manager = Walker(
        make_cleared_account(
            at=now, name="Manager", roles=[Role.ACCOUNT_MANAGER], organisation=jo.organisation
        ),
        at=now,
    )
    assert "Jo Bloggs" not in manager.get(PAGE)
    seen = manager.client.get(f"/people/{jo.pk}/").content.decode()
    assert "192.0.2.7" not in seen
    assert "Firefox" not in seen
    assert client.get(PAGE)["Location"].startswith("/accounts/login/"), "a stranger is sent to sign in"


def test_places_are_forgotten_after_ninety_days(
    jo: Account, now: datetime, clock: time_machine.Traveller
) -> None:
    sign_in(jo, agent=FIREFOX, address="192.0.2.7")
    sign_in(jo, agent=SAFARI, address="198.51.100.9")
    later = now + timedelta(days=90, seconds=1)
    clock.move_to(later)
    page = sign_in(jo, agent=EDGE, address="203.0.113.4").get(PAGE).content.decode()
    assert "192.0.2.7" not in page, "even before the night's run"
    warn_and_tidy(by=Actor(None, None, "worker"), at=later)
    assert [row.address for row in PastSession.objects.all()] == ["198.51.100.9"]
    SignIn.objects.update(last_seen_at=now)
    warn_and_tidy(by=Actor(None, None, "worker"), at=later)
    assert SignIn.objects.get(account=jo).address == ""


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on iPhone"),
        (EDGE, "Edge on Windows"),
        ("", "Another browser"),
        ("<script>alert(1)</script>", "Another browser"),
        ("curl/8.5.0", "Another browser"),
    ],
)
def test_a_browser_is_kept_in_words_of_ours_alone(agent: str, words: str) -> None:
    assert name_browser(agent) == words
