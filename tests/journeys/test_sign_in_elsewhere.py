"""Signing in by an OpenID provider, which runs on 127.0.0.1 and lies where a test makes it (ACC-4)."""

import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from contactpoint.access import actions
from contactpoint.access.actions.provider_links import find_links, link_own
from contactpoint.access.factors import find_current_code
from contactpoint.access.models import Account
from contactpoint.access.providers import get_provider
from contactpoint.access.queries import get_viewer
from contactpoint.audit.models import Event
from contactpoint.audit.records import Actor
from tests.factories import PASSWORD, SECRET, make_account, make_cleared_account, make_founders
from tests.lying_provider import CLIENT, CLIENT_KEY, OTHER_KEY, Provider, running_provider
from tests.lying_provider import SECRET as CLIENT_SECRET

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.journeys.probe_urls")]
START, BACK = "/accounts/with/nhs-cis2/", "/accounts/with/nhs-cis2/back/"
STRONG = {"acr": "AAL3_ANY", "id_assurance_level": 3}
CONFIG = """
[nhs-cis2]
name = "NHS CIS2"
issuer = "{issuer}"
client_id = "{client}"
client_secret = "{secret}"
ask = {{ acr_values = "AAL2_OR_AAL3_ANY" }}
demanded = {{ id_assurance_level = ["3"] }}
two_factors = {{ acr = ["AAL2_OR_AAL3_ANY", "AAL3_ANY"] }}
"""


@pytest.fixture
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cis2(tmp_path: Path, settings: Any, clock: object) -> Iterator[Provider]:
    """Running, and configured."""
    cache.clear()
    with running_provider() as provider:
        path = tmp_path / "providers.toml"
        path.write_text(CONFIG.format(issuer=provider.issuer, client=CLIENT, secret=CLIENT_SECRET))
        settings.SIGN_IN_PROVIDERS = str(path)
        provider.claims = dict(STRONG)
        provider.at = lambda: datetime.now().timestamp()  # noqa: DTZ005  the stopped clock's
        yield provider


@pytest.fixture
def jo(now: datetime, cis2: Provider) -> Account:
    """Cleared, with password and authenticator, and linked."""
    account = make_cleared_account(at=now, name="Jo Bloggs", password=PASSWORD, totp_secret=SECRET)
    link(account, now)
    return account


def link(account: Account, now: datetime, subject: str = "910000000001") -> None:
    actor = Actor(account.pk, account.organisation_id, "web")
    link_own(
        account_id=account.pk, provider=get_provider(key="nhs-cis2"), subject=subject, actor=actor, at=now
    )


def passed_on(answer: Any) -> str:
    """Where a page of ours sends the browser on."""
    found = re.search(r'content="0; url=([^"]+)"', answer.content.decode())
    assert found, answer.content.decode()
    return html.unescape(found.group(1))


def go(client: Client, provider: Provider, *, start: str = START, then: str = "") -> str:
    """As far as the address by which the browser comes back."""
    away = passed_on(client.post(start, {"next": then} if then else {}))
    assert away.startswith(provider.issuer)
    return provider.authorize(away)


def come_back(client: Client, address: str) -> Any:
    """Over the page that goes on to itself, with our cookies."""
    parts = urlsplit(address)
    onwards = passed_on(Client().get(parts.path, dict(parse_qsl(parts.query))))
    return client.get(onwards)


def sign_in(client: Client, provider: Provider, **ways: str) -> Any:
    return come_back(client, go(client, provider, **ways))


def refusals() -> list[str]:
    rows = Event.objects.filter(kind="sign-in-refused", refused=True).order_by("id")
    return re.findall(r'"why":"([^"]+)"', "".join(bytes(row.body).decode() for row in rows))


def test_two_factors_there_let_jo_in_here(client: Client, cis2: Provider, jo: Account) -> None:
    assert b"Sign in with NHS CIS2" in client.get("/accounts/login/").content
    assert sign_in(client, cis2)["Location"] == "/"
    assert client.get("/").content == b"Jo Bloggs may look"
    (event,) = Event.objects.filter(kind="signed-in", account_id=jo.pk)
    assert b'"method":"nhs-cis2"' in bytes(event.body)
    asked = cis2.asked[0]
    assert (asked["acr_values"], asked["max_age"], asked["scope"]) == ("AAL2_OR_AAL3_ANY", "900", "openid")
    assert asked["code_challenge_method"] == "S256"


def test_this_service_proves_itself_by_a_key_of_its_own(
    client: Client, cis2: Provider, jo: Account, tmp_path: Path, settings: Any
) -> None:
    (tmp_path / "key.pem").write_bytes(CLIENT_KEY.as_pem(private=True))
    key = f'private_key_file = "{tmp_path}/key.pem"\nprivate_key_id = "ours"'
    config = CONFIG.format(issuer=cis2.issuer, client=CLIENT, secret=CLIENT_SECRET)
    path = tmp_path / "with-a-key.toml"
    path.write_text(config.replace(f'client_secret = "{CLIENT_SECRET}"', key))
    settings.SIGN_IN_PROVIDERS = str(path)
    assert sign_in(client, cis2)["Location"] == "/"
    path = tmp_path / "with-a-wrong-secret.toml"
    path.write_text(config.replace(CLIENT_SECRET, "wrong"))
    settings.SIGN_IN_PROVIDERS = str(path)
    assert sign_in(Client(), cis2).status_code == 403
    assert refusals() == ["provider-code"]


@pytest.mark.parametrize(
    "said",
    [{"acr": "AAL1_USERPW"}, {"auth_time": 0}, {"auth_time": None}, {"acr": ["other"]}],
    ids=["weak", "asked long ago", "does not say when", "another context"],
)
def test_otherwise_our_own_second_factor_follows(
    client: Client, cis2: Provider, jo: Account, said: dict[str, Any]
) -> None:
    cis2.claims |= said
    assert sign_in(client, cis2)["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/").status_code == 302
    code = {"code": find_current_code(account_id=jo.pk)}
    assert client.post("/accounts/2fa/authenticate/", code)["Location"] == "/"
    (event,) = Event.objects.filter(kind="signed-in", account_id=jo.pk)
    assert b'"method":"nhs-cis2 mfa"' in bytes(event.body)


def test_who_has_no_factor_here_enrols_one_first(client: Client, cis2: Provider, now: datetime) -> None:
    newcomer = make_cleared_account(at=now, name="New Comer", password=PASSWORD)
    link(newcomer, now)
    del cis2.claims["acr"]
    assert sign_in(client, cis2)["Location"] == "/accounts/2fa/enrol/"
    assert client.get("/").status_code == 302


def test_a_strong_sign_in_there_does_not_spare_the_code_after_a_password_here(
    client: Client, cis2: Provider, jo: Account
) -> None:
    sign_in(client, cis2)
    client.post("/accounts/logout/")
    answer = client.post("/accounts/login/", {"login": jo.email, "password": PASSWORD})
    assert answer["Location"] == "/accounts/2fa/authenticate/"


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "wrong audience": ({"claims": {"aud": "another-service"}}, "provider-aud"),
    "wrong audience, our name beside it": (
        {"claims": {"aud": "another-service", "azp": CLIENT}},
        "provider-aud",
    ),
    "wrong issuer": ({"claims": {"iss": "https://another.example"}}, "provider-iss"),
    "wrong nonce": ({"claims": {"nonce": "another"}}, "provider-nonce"),
    "no nonce": ({"left_out": {"nonce"}}, "provider-nonce"),
    "expired": ({"claims": {"exp": 1}}, "provider-expired"),
    "no expiry": ({"left_out": {"exp"}}, "provider-exp"),
    "not valid yet": ({"claims": {"nbf": 4102444800}}, "provider-nbf"),
    "another’s signature": ({"key": OTHER_KEY}, "provider-signature"),
    "no signature": ({"alg": "none"}, "provider-signature"),
    "no subject": ({"left_out": {"sub"}}, "provider-sub"),
    "a subject that is no text": ({"claims": {"sub": 910000000001}}, "provider-sub"),
    "an empty subject": ({"claims": {"sub": " "}}, "provider-sub"),
    "identity not assured": ({"claims": {"id_assurance_level": 1}}, "provider-assurance"),
    "assurance not said": ({"left_out": {"id_assurance_level"}}, "provider-assurance"),
    "somebody unknown": ({"subject": "910000000002"}, "provider-unknown"),
    "somebody unknown with Jo’s e-mail address": (
        {"subject": "910000000002", "claims": {"email": "jo@bridgelane.example", "email_verified": True}},
        "provider-unknown",
    ),
}


@pytest.mark.parametrize("lie", list(LIES), ids=str)
def test_a_lie_lets_nobody_in(client: Client, cis2: Provider, now: datetime, lie: str) -> None:
    """Refused in plain words, with the other ways in, and the refusal is in the log."""
    jo = make_cleared_account(at=now, name="Jo Bloggs", email="jo@bridgelane.example", password=PASSWORD)
    link(jo, now)
    changes, why = LIES[lie]
    for name, value in changes.items():
        setattr(cis2, name, {**STRONG, **value} if name == "claims" else value)
    answer = sign_in(client, cis2)
    assert answer.status_code == 403
    assert b"You were not signed in with NHS CIS2" in answer.content
    assert b"Other ways to sign in" in answer.content
    assert client.get("/").status_code == 302
    assert refusals() == [why]


def test_a_provider_that_is_down_says_so_and_the_password_still_works(
    client: Client, cis2: Provider, jo: Account
) -> None:
    cis2.is_down = True
    answer = client.post(START)
    assert answer.status_code == 503
    assert b"NHS CIS2 does not answer at the moment" in answer.content
    assert refusals() == ["provider-down"]
    client.post("/accounts/login/", {"login": jo.email, "password": PASSWORD})
    code = {"code": find_current_code(account_id=jo.pk)}
    assert client.post("/accounts/2fa/authenticate/", code)["Location"] == "/"


def test_a_provider_that_goes_down_meanwhile_or_says_it_is_another(
    client: Client, cis2: Provider, jo: Account
) -> None:
    address = go(client, cis2)
    cis2.is_down = True
    assert come_back(client, address).status_code in (403, 503)
    cis2.is_down, cis2.issuer_said = False, "https://another.example"
    cache.clear()
    assert client.post(START).status_code == 503
    assert len(refusals()) == 2


def test_an_answer_counts_once_in_its_own_browser_and_in_time(
    client: Client, cis2: Provider, jo: Account, clock: time_machine.Traveller
) -> None:
    first = go(client, cis2)
    assert come_back(Client(), first).status_code == 403  # somebody else's browser
    assert come_back(client, first)["Location"] == "/"
    client.post("/accounts/logout/")
    assert come_back(client, first).status_code == 403  # replayed
    second = go(client, cis2)
    assert come_back(client, second.replace("state=", "state=x")).status_code == 403
    assert come_back(client, second).status_code == 403  # a wrong answer uses it up
    third = go(client, cis2)
    clock.shift(timedelta(minutes=11))
    assert come_back(client, third).status_code == 403
    assert refusals() == ["provider-state"] * 5


def test_somebody_who_turns_back_at_the_provider(client: Client, cis2: Provider, jo: Account) -> None:
    state = dict(parse_qsl(urlsplit(go(client, cis2)).query))["state"]
    answer = come_back(client, f"{BACK}?error=access_denied&error_description=<b>x</b>&state={state}")
    assert (answer.status_code, refusals()) == (403, ["provider-declined"])
    assert b"<b>x" not in answer.content


@pytest.mark.parametrize(
    ("then", "where"),
    [
        ("/mine/", "/mine/"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\\evil.example", "/"),
    ],
)
def test_it_goes_on_only_within_this_service(
    client: Client, cis2: Provider, jo: Account, then: str, where: str
) -> None:
    assert sign_in(client, cis2, then=then)["Location"] == where


def test_a_suspended_account_is_told_so_and_a_closed_one_is_unknown(
    client: Client, cis2: Provider, jo: Account, now: datetime
) -> None:
    founder, _ = make_founders(at=now)
    actions.suspend_account(account_id=jo.pk, by=founder, at=now)
    sign_in(client, cis2)
    answer = client.get("/")
    assert answer.status_code == 403
    assert Event.objects.filter(kind="access-refused", account_id=jo.pk, refused=True).exists()
    actions.close_account(account_id=jo.pk, by=founder, at=now)
    assert sign_in(Client(), cis2).status_code == 403
    assert refusals() == ["provider-unknown"]
    assert find_links(account_id=jo.pk) == ()


def test_one_session_whichever_way_in(client: Client, cis2: Provider, jo: Account) -> None:
    sign_in(client, cis2)
    elsewhere = Client()
    sign_in(elsewhere, cis2)
    assert client.get("/")["Location"].startswith("/accounts/login/?ended=elsewhere")


def test_linking_is_asked_again_for_and_nobody_is_linked_twice(
    client: Client, cis2: Provider, now: datetime, jo: Account
) -> None:
    other = make_cleared_account(at=now, name="Ann Other", password=PASSWORD, totp_secret=SECRET)
    client.post("/accounts/login/", {"login": other.email, "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": find_current_code(account_id=other.pk)})
    assert client.get(START + "link/")["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = sign_in(client, cis2, start=START + "link/")  # Jo's own sign-in there
    assert (answer.status_code, refusals()) == (403, ["provider-taken"])
    cis2.subject = "910000000003"
    assert sign_in(client, cis2, start=START + "link/")["Location"] == "/accounts/"
    assert find_links(account_id=other.pk) == (("nhs-cis2", "910000000003"),)
    address = go(client, cis2, start=START + "link/")
    assert come_back(Client(), address).status_code == 403  # linking needs the session that began it
    client.post(START + "unlink/")
    assert find_links(account_id=other.pk) == ()


def test_the_only_way_in_is_not_removed(client: Client, cis2: Provider, now: datetime) -> None:
    passwordless = make_cleared_account(at=now, name="New Comer")
    link(passwordless, now)
    sign_in(client, cis2)
    assert client.post(START + "unlink/").status_code == 409
    assert find_links(account_id=passwordless.pk)


def test_who_invites_says_who_they_are_and_a_second_person_approves(
    client: Client, cis2: Provider, now: datetime
) -> None:
    inviter, approver = make_founders(at=now)
    invited = make_account(at=now, name="New Comer")
    provider = get_provider(key="nhs-cis2")
    with pytest.raises(actions.insist.ActionRefused):  # not by who will approve
        actions.link_invited(
            account_id=invited.pk, provider=provider, subject="910000000001", by=approver, at=now
        )
    actions.link_invited(account_id=invited.pk, provider=provider, subject="910000000001", by=inviter, at=now)
    sign_in(client, cis2)
    answer = client.get("/")
    assert answer.status_code == 403  # who they are is proved; that they may is not
    assert Event.objects.filter(kind="access-refused", account_id=invited.pk, refused=True).exists()
    assert get_viewer(account_id=inviter.account_id, at=now)


def test_nothing_of_it_is_there_unless_it_is_configured(client: Client) -> None:
    assert b"Sign in with" not in client.get("/accounts/login/").content
    assert client.post(START).status_code == 404
