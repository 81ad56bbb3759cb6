"""Signing in, from HTTP to the database and back: who gets in, who is refused, and what the log has of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client

from contactpoint.access import actions
from contactpoint.access.factors import find_current_code
from contactpoint.access.models import Account
from contactpoint.audit.models import Event
from contactpoint.audit.queries import find_events_of_account
from contactpoint.audit.records import Event as LoggedEvent
from tests.factories import (
    PASSWORD,
    SECRET,
    make_account,
    make_cleared_account,
    make_founders,
    make_organisation,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.journeys.probe_urls")]
LOGIN, CODE, ENROL = "/accounts/login/", "/accounts/2fa/authenticate/", "/accounts/2fa/enrol/"


@pytest.fixture
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    """The time of the whole process, moved by the tests."""
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def jo(now: datetime, clock: time_machine.Traveller) -> Account:
    """Cleared, with a password and an authenticator."""
    return make_cleared_account(at=now, name="Jo Bloggs", password=PASSWORD, totp_secret=SECRET)


def give_password(client: Client, account: Account, password: str = PASSWORD) -> HttpResponse:
    return client.post(LOGIN, {"login": account.email, "password": password})  # type: ignore[return-value]


def sign_in(client: Client, account: Account) -> HttpResponse:
    give_password(client, account)
    return client.post(CODE, {"code": find_current_code(account_id=account.pk)})  # type: ignore[return-value]


def log_of(account: Account, now: datetime) -> list[LoggedEvent]:
    return list(find_events_of_account(account_id=account.pk, since=now - timedelta(days=1)))


def refusals() -> list[str]:
    rows = Event.objects.filter(kind="sign-in-refused", refused=True).order_by("id")
    return [bytes(row.body).decode() for row in rows]


def test_password_and_code_let_jo_in_and_the_log_has_it(client: Client, jo: Account, now: datetime) -> None:
    assert give_password(client, jo)["Location"] == CODE
    assert client.get("/")["Location"].startswith(LOGIN)
    assert sign_in(client, jo)["Location"] == "/"
    assert client.get("/").content == b"Jo Bloggs may look"
    (event,) = log_of(jo, now)
    assert (event.kind, event.actor.address, event.facts) == (
        "signed-in",
        "127.0.0.1",
        {"method": "password mfa"},
    )


def test_pages_are_never_cached(client: Client, jo: Account) -> None:
    sign_in(client, jo)
    for address in ("/", LOGIN, "/privacy/", "/nowhere/"):
        assert "no-store" in client.get(address)["Cache-Control"], address


def test_a_wrong_password_is_refused_and_logged_without_naming_an_actor(client: Client, jo: Account) -> None:
    answer = give_password(client, jo, "not the password")
    assert b"The e-mail address or the password is not correct" in answer.content
    unknown = client.post(LOGIN, {"login": "nobody@nowhere.example", "password": PASSWORD})
    assert b"The e-mail address or the password is not correct" in unknown.content
    known_body, unknown_body = refusals()
    assert f'"account":{jo.pk}' in known_body
    assert '"account":null' in unknown_body
    assert jo.email not in known_body
    assert "nobody@nowhere.example" not in unknown_body


def test_a_wrong_code_is_refused_and_logged(client: Client, jo: Account) -> None:
    give_password(client, jo)
    assert b"The code is not correct" in client.post(CODE, {"code": "000000"}).content
    assert '"why":"code"' in refusals()[0]
    assert client.get("/")["Location"].startswith(LOGIN)


def test_a_code_works_once_for_as_long_as_it_is_valid(
    client: Client, jo: Account, clock: time_machine.Traveller
) -> None:
    """ACC-4."""
    code = find_current_code(account_id=jo.pk)
    give_password(client, jo)
    assert client.post(CODE, {"code": code})["Location"] == "/"
    client.post("/accounts/logout/")
    clock.shift(31)
    give_password(client, jo)
    assert b"was used before" in client.post(CODE, {"code": code}).content


def test_without_a_second_factor_there_is_no_session_until_one_is_enrolled(
    client: Client, now: datetime, clock: time_machine.Traveller
) -> None:
    """ACC-4."""
    account = make_cleared_account(at=now, name="New Person", password=PASSWORD)
    assert give_password(client, account)["Location"] == ENROL
    assert client.get("/")["Location"].startswith(LOGIN)
    page = client.get(ENROL)
    assert b"data:image/svg+xml" in page.content
    secret = client.session["mfa.totp.secret"]
    assert " ".join(secret[i : i + 4] for i in range(0, 32, 4)).encode() in page.content
    assert b"The code is not correct" in client.post(ENROL, {"code": "123456"}).content
    codes = client.post(ENROL, {"code": _code_of(secret)})
    assert codes.content.count(b"<li>") >= 10
    assert client.get(ENROL)["Location"] == "/"
    assert client.get("/").content == b"New Person may look"
    stored = str(Authenticator.objects.get(user=account, type="totp").data)
    assert secret not in stored


def test_who_only_knows_the_password_cannot_replace_an_enrolled_factor(client: Client, jo: Account) -> None:
    """ACC-4."""
    Authenticator.objects.filter(user=jo).delete()
    give_password(client, jo)
    client.get(ENROL)
    secret = client.session["mfa.totp.secret"]
    owner = Client()
    give_password(owner, jo)
    owner.get(ENROL)
    owner.post(ENROL, {"code": _code_of(owner.session["mfa.totp.secret"])})
    before = Authenticator.objects.get(user=jo, type="totp").data
    assert client.post(ENROL, {"code": _code_of(secret)})["Location"] == LOGIN
    assert Authenticator.objects.get(user=jo, type="totp").data == before
    assert client.get("/")["Location"].startswith(LOGIN)


def test_a_recovery_code_works_once(client: Client, jo: Account) -> None:
    code = Authenticator.objects.get(user=jo, type="recovery_codes").wrap().get_unused_codes()[0]
    give_password(client, jo)
    assert client.post(CODE, {"code": code})["Location"] == "/"
    client.post("/accounts/logout/")
    give_password(client, jo)
    assert b"The code is not correct" in client.post(CODE, {"code": code}).content


def test_charlie_who_has_no_role_is_refused_and_the_refusal_is_in_the_log(
    client: Client, now: datetime, clock: time_machine.Traveller
) -> None:
    """ACC-8, AUD-1."""
    charlie = make_cleared_account(at=now, name="Charlie", roles=(), password=PASSWORD, totp_secret=SECRET)
    sign_in(client, charlie)
    answer = client.get("/")
    assert answer.status_code == 403
    assert b"Your account has not been given a role." in answer.content
    refused, signed_in = log_of(charlie, now)
    assert (refused.kind, refused.refused, refused.facts) == ("access-refused", True, {"parts": "no-role"})
    assert signed_in.kind == "signed-in"


def test_what_is_missing_is_told_only_after_both_factors(
    client: Client, now: datetime, clock: time_machine.Traveller
) -> None:
    """ACC-3."""
    from contactpoint.access.factors import enrol_authenticator

    organisation = make_organisation(at=now)
    account = make_account(at=now, organisation=organisation, password=PASSWORD)
    founder, _ = make_founders(at=now)
    enrol_authenticator(account_id=account.pk, secret=SECRET, actor=founder.actor, at=now)
    before = give_password(client, account, "wrong").content + client.get(LOGIN).content
    give_password(client, account)
    before += client.get(CODE).content
    for word in (b"DBS", b"training", b"identity"):
        assert word not in before
    sign_in(client, account)
    after = client.get("/")
    assert after.status_code == 403
    for word in (b"DBS", b"training", b"identity", b"agreement", b"approved", b"role"):
        assert word in after.content


def test_access_ends_the_moment_training_lapses(
    client: Client, jo: Account, clock: time_machine.Traveller, now: datetime
) -> None:
    """ACC-3."""
    from contactpoint.access.models import Clearance

    sign_in(client, jo)
    assert client.get("/").status_code == 200
    Clearance.objects.filter(account=jo).update(training_expires_on=now.date() - timedelta(days=1))
    assert b"Your mandatory training has expired." in client.get("/").content


@pytest.mark.parametrize(
    ("minutes", "ended"), [(14, None), (16, "idle")], ids=["fourteen minutes", "sixteen minutes"]
)
def test_an_idle_session_ends(
    client: Client, jo: Account, clock: time_machine.Traveller, now: datetime, minutes: int, ended: str | None
) -> None:
    """ACC-5."""
    sign_in(client, jo)
    clock.shift(timedelta(minutes=minutes))
    answer = client.get("/")
    if ended is None:
        assert answer.status_code == 200
        return
    assert answer["Location"] == f"{LOGIN}?ended=idle&next=%2F"
    assert b"did nothing for 15 minutes" in client.get(answer["Location"]).content
    assert log_of(jo, now)[0].facts == {"why": "idle"}
    assert client.get("/")["Location"].startswith(f"{LOGIN}?next=")


def test_a_session_ends_after_eight_hours_however_busy(
    client: Client, jo: Account, clock: time_machine.Traveller
) -> None:
    """ACC-5."""
    sign_in(client, jo)
    for _ in range(48):
        clock.shift(timedelta(minutes=10))
        assert client.get("/").status_code == 200
    clock.shift(timedelta(minutes=1))
    assert "ended=absolute" in client.get("/")["Location"]


def test_a_clock_put_back_ends_the_session(
    client: Client, jo: Account, clock: time_machine.Traveller, now: datetime
) -> None:
    sign_in(client, jo)
    clock.move_to(now - timedelta(hours=2))
    assert "ended=clock" in client.get("/")["Location"]
    clock.move_to(now + timedelta(minutes=1))
    assert client.get("/")["Location"].startswith(LOGIN)


def test_the_newest_sign_in_wins_and_the_older_is_told(
    client: Client, jo: Account, clock: time_machine.Traveller, now: datetime
) -> None:
    """ACC-5."""
    sign_in(client, jo)
    other = Client()
    sign_in(other, jo)
    assert other.get("/").status_code == 200
    answer = client.get("/")
    assert "ended=elsewhere" in answer["Location"]
    assert b"signed in somewhere else" in client.get(answer["Location"]).content
    assert other.get("/").status_code == 200
    assert [event.kind for event in log_of(jo, now)] == ["signed-in", "session-ended", "signed-in"]


def test_suspending_ends_the_session_at_once(
    client: Client, jo: Account, clock: time_machine.Traveller, now: datetime
) -> None:
    """ACC-5."""
    sign_in(client, jo)
    founder, _ = make_founders(at=now)
    actions.suspend_account(account_id=jo.pk, by=founder, at=now)
    answer = client.get("/")
    assert "ended=suspended" in answer["Location"]
    clock.shift(60)
    sign_in(client, jo)
    assert b"Your account has been suspended." in client.get("/").content


def test_a_closed_account_is_refused_like_a_wrong_password(
    client: Client, jo: Account, now: datetime
) -> None:
    founder, _ = make_founders(at=now)
    actions.close_account(account_id=jo.pk, by=founder, at=now)
    assert b"The e-mail address or the password is not correct" in give_password(client, jo).content
    assert '"why":"closed"' in refusals()[0]


def test_signing_out_is_a_form_and_is_logged(client: Client, jo: Account, now: datetime) -> None:
    sign_in(client, jo)
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/")["Location"].startswith(LOGIN)
    assert log_of(jo, now)[0].kind == "signed-out"


def test_a_new_password_keeps_the_session_and_is_logged(client: Client, jo: Account, now: datetime) -> None:
    sign_in(client, jo)
    new = "three-other-random-words"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert client.get("/").status_code == 200
    assert log_of(jo, now)[0].kind == "password-changed"


def test_too_many_wrong_passwords_are_stopped(client: Client, jo: Account) -> None:
    for _ in range(5):
        give_password(client, jo, "wrong")
    assert b"Too many attempts" in give_password(client, jo).content
    assert '"why":"too-many"' in refusals()[-1]


def test_nobody_can_sign_up_or_take_a_factor_away(client: Client, jo: Account) -> None:
    sign_in(client, jo)
    for address in ("signup/", "email/", "password/reset/", "2fa/totp/deactivate/", "2fa/webauthn/"):
        assert client.get(f"/accounts/{address}").status_code == 404


def test_codes_are_shown_only_after_proving_it_again(client: Client, jo: Account) -> None:
    sign_in(client, jo)
    answer = client.get("/accounts/2fa/recovery-codes/")
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    client.post(answer["Location"], {"password": PASSWORD})
    assert client.get("/accounts/2fa/recovery-codes/").content.count(b"<li>") >= 10


def test_a_new_telephone_takes_the_old_ones_place(
    client: Client, jo: Account, clock: time_machine.Traveller
) -> None:
    sign_in(client, jo)
    address = "/accounts/2fa/replace/"
    client.post(client.get(address)["Location"], {"password": PASSWORD})
    client.get(address)
    secret = client.session["mfa.totp.secret"]
    assert b"recovery-codes" in client.post(address, {"code": _code_of(secret)}).content
    old = find_current_code(account_id=jo.pk)
    assert old
    clock.shift(60)
    other = Client()
    give_password(other, jo)
    assert other.post(CODE, {"code": _code_of(secret)})["Location"] == "/"


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("not-allowed", 403, b"Your role does not allow this."),
        ("not-found", 404, b"There is no such record."),
        ("invalid", 400, b"Give a date of birth."),
        ("conflict", 409, b"Somebody else changed this."),
        ("database-down", 503, b"The database does not answer"),
        ("mistake", 500, b"Something went wrong on our side."),
    ],
)
def test_errors_become_pages_without_internals(
    client: Client, clock: time_machine.Traveller, kind: str, status: int, words: bytes
) -> None:
    client.raise_request_exception = False
    answer = client.get(f"/trouble/{kind}/")
    assert answer.status_code == status
    assert words in answer.content
    assert b"10.0.0.1" not in answer.content
    assert b"inner detail" not in answer.content
    assert "no-store" in answer["Cache-Control"]


def test_a_database_that_stops_before_the_view_is_a_page_too(
    client: Client, jo: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contactpoint.web import middleware

    def stopped(**_: object) -> None:
        raise OperationalError("server closed the connection: secret detail")

    sign_in(client, jo)
    monkeypatch.setattr(middleware, "continue_session", stopped)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 503
    assert b"The database does not answer" in answer.content
    assert b"secret detail" not in answer.content


def test_a_form_without_its_token_is_refused(jo: Account) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(LOGIN, {"login": jo.email, "password": PASSWORD})
    assert answer.status_code == 403
    assert b"This page was open for too long" in answer.content


def _code_of(secret: str) -> str:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    return str(format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1])))
