"""From an organisation's application to its first practitioner's search, through two people's approvals.

Charlie, a practitioner, is refused at each door, and every refusal is in the log.
"""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client

from contactpoint.access.factors import find_current_code
from contactpoint.access.models import Account, Organisation
from contactpoint.access.roles import Role
from contactpoint.audit.models import Event
from tests.factories import PASSWORD, make_cleared_account, make_organisation
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import Walker

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "match", "owner"])
NEW_PASSWORD = "violet-anchor-teapot-92"


@pytest.fixture
def managers(walk: MakeWalker, now: datetime) -> tuple[Walker, Walker]:
    """Two account managers of one authority's team."""
    team = make_organisation(at=now, code="TEAM", name="ContactPoint team", kind="authority")
    ada, ben = (
        walk(organisation=team, name=name, roles=(Role.ACCOUNT_MANAGER,))
        for name in ("Ada Moss", "Ben Ortiz")
    )
    return ada, ben


@pytest.fixture
def charlie(walk: MakeWalker) -> Walker:
    return walk(name="Charlie")


def on(name: str, day: datetime) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def link_to(email: str) -> str:
    letter = [each for each in mail.outbox if each.to == [email]][-1]
    found = re.search(r"http://testserver(/accounts/welcome/\S+/)", letter.body)
    assert found, letter.body
    return found.group(1)


def test_from_application_to_the_first_search(
    managers: tuple[Walker, Walker], charlie: Walker, now: datetime, stopped_clock: time_machine.Traveller
) -> None:
    ada, ben = managers
    status, page = ada.post(
        "/organisations/new/",
        {
            "name": "Oak Hill School",
            "code": "123456",
            "kind": "school",
            "sector": "education",
            "authority": "330",
            "telephone": "0121 496 0777",
            "secure_email": "office@oakhill.example",
        },
    )
    assert status == 200, page
    school = Organisation.objects.get(code="123456")
    home = f"/organisations/{school.pk}/"
    shown = {
        "security_certificate": "Cyber Essentials Plus",
        **on("security_certificate_expires_on", now + timedelta(days=300)),
        "safeguarding_lead": "Head of safeguarding",
        "email_domains": "oakhill.example",
    }
    ada.post(f"{home}evidence/", shown)
    assert "A disciplinary procedure is needed" in ben.get(home)
    ada.post(f"{home}evidence/", {**shown, "disciplinary_procedure": "on"})
    until = on("expires_on", now + timedelta(days=200))
    status, page = ada.post(f"{home}accredit/", until)
    assert (status, "somebody else has to decide" in page) == (403, True)
    assert charlie.status(f"{home}accredit/") == 403
    assert "The organisation is accredited" in ben.post(f"{home}accredit/", until)[1]

    status, page = ada.post(
        "/people/invite/",
        {
            "name": "Jo Teacher",
            "email": "jo@oakhill.example",
            "job_title": "Head",
            "organisation": str(school.pk),
        },
    )
    assert "an invitation was sent" in page, page
    jo = Account.objects.get(email="jo@oakhill.example")
    person = f"/people/{jo.pk}/"
    yesterday = now - timedelta(days=1)
    ada.post(f"{person}identity/", on("on", yesterday))
    ada.post(f"{person}dbs/", {"level": "enhanced", **on("on", yesterday)})
    ada.post(
        f"{person}training/", {**on("passed_on", yesterday), **on("expires_on", now + timedelta(days=300))}
    )
    status, page = ben.post(f"{person}approve/")
    assert (status, "checks of this account are not complete" in page) == (403, True)

    browser = Client()
    enrol(browser, link_to("jo@oakhill.example"), "jo@oakhill.example")
    assert "You have not signed the user agreement" in browser.get("/").content.decode()
    browser.post("/accounts/agreement/", {"agreed": "on"})

    status, page = ada.post(f"{person}approve/")
    assert (status, "Somebody other than the person who invited" in page) == (403, True)
    ben.post(f"{person}approve/")
    ben.post(f"{person}role/", {"role": "practitioner"})
    assert "search" in ada.get(person)
    answer = browser.post(
        "/", {"family_name": "Kahn", "given_name": "Amina", "birth_date-year": "2016"}, follow=True
    )
    assert answer.status_code == 200
    assert "No child found" in answer.content.decode() or "no match" in answer.content.decode().lower()
    assert Event.objects.filter(kind="searched", account_id=jo.pk).count() == 1
    assert "action-refused refused" in ada.kinds()
    assert charlie.kinds() == ["action-refused refused"]


def enrol(browser: Client, link: str, email: str) -> None:
    """The person alone: password, sign in, authenticator app, recovery codes."""
    short = browser.post(link, {"password": "short", "again": "short"})
    assert "too short" in short.content.decode()
    stolen = browser.post(link, {"password": "q1w2e3r4t5y6", "again": "q1w2e3r4t5y6"})
    assert stolen.status_code == 400, "a password of the lists of stolen ones"
    done = browser.post(link, {"password": NEW_PASSWORD, "again": NEW_PASSWORD})
    assert done["Location"] == "/accounts/login/"
    assert browser.get(link).status_code == 404, "a link works once"
    sent = browser.post("/accounts/login/", {"login": email, "password": NEW_PASSWORD})
    assert sent["Location"] == "/accounts/2fa/enrol/"
    page = browser.get("/accounts/2fa/enrol/").content.decode()
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    assert found
    secret = found.group(1).replace(" ", "")
    code = format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1]))
    page = browser.post("/accounts/2fa/enrol/", {"code": code}).content.decode()
    assert "Keep your recovery codes" in page
    browser.get("/accounts/2fa/enrol/")


def test_a_forgotten_password_tells_nobody_who_has_an_account(now: datetime, stopped_clock: object) -> None:
    """ACC-4: same words, same statements, and the second factor is still asked for."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from procrastinate.contrib.django import app

    known = make_cleared_account(at=now, password=PASSWORD, totp_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    answers, counts = [], []
    for email in (known.email, "nobody@nowhere.example"):
        Client().post("/accounts/forgotten/", {"email": "warm@up.example"})
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answers.append(Client().post("/accounts/forgotten/", {"email": email}).content)
        counts.append(len(asked))
    strip = re.compile(rb'nonce="[^"]*"|value="[^"]{60,}"')
    assert strip.sub(b"", answers[0]) == strip.sub(b"", answers[1])
    assert counts[0] == counts[1]
    assert not mail.outbox
    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
        working.run_worker(wait=False, concurrency=1)
    assert [letter.to for letter in mail.outbox] == [[known.email]]
    browser = Client()
    browser.post(link_to(known.email), {"password": NEW_PASSWORD, "again": NEW_PASSWORD})
    sent = browser.post("/accounts/login/", {"login": known.email, "password": NEW_PASSWORD})
    assert sent["Location"] == "/accounts/2fa/authenticate/"
    assert find_current_code(account_id=known.pk)


def test_a_lost_key_is_no_easier_than_being_new(
    managers: tuple[Walker, Walker], walk: MakeWalker, now: datetime
) -> None:
    ada, ben = managers
    jo = walk(name="Jo Teacher")
    assert jo.status("/") == 200
    ben.post(f"/people/{jo.account.pk}/lost-key/")
    assert jo.status("/") == 302
    assert link_to(jo.account.email)
    ada.post(f"/people/{jo.account.pk}/identity/", on("on", now))
    status, _ = ben.post(f"/people/{jo.account.pk}/approve/")
    assert status == 403, "who began it anew does not approve it"
    assert "Not approved yet" in ada.get("/people/?show=waiting")
    ada.post(f"/people/{jo.account.pk}/approve/")
    assert "Nothing" in ada.get("/people/?words=jo+teacher")


def test_suspending_an_organisation_signs_its_people_out_at_once(
    managers: tuple[Walker, Walker], walk: MakeWalker, now: datetime
) -> None:
    ada, ben = managers
    jo = walk(name="Jo Teacher")
    address = f"/organisations/{jo.account.organisation_id}/"
    ada.post(f"{address}suspend/")
    assert "/accounts/login/?ended=suspended" in jo.client.get("/")["Location"]
    assert ada.post(f"{address}reinstate/")[0] == 403
    assert ben.post(f"{address}reinstate/")[0] == 200


def test_a_team_page_has_what_is_theirs(
    managers: tuple[Walker, Walker], walk: MakeWalker, charlie: Walker, now: datetime
) -> None:
    ada, _ = managers
    assert "Accounts not approved yet" in ada.get("/")
    manager = walk(name="Line Manager", roles=(Role.LINE_MANAGER,))
    page = manager.get("/team/")
    assert "People to confirm" in page
    assert "Accounts not approved yet" not in page
    assert "No list of work here is for your roles" in charlie.get("/team/")


def test_an_account_manager_sees_nobody_of_another_authority(
    managers: tuple[Walker, Walker], now: datetime
) -> None:
    ada, _ = managers
    elsewhere = make_organisation(at=now, authority="340", name="Elsewhere")
    stranger = make_cleared_account(at=now, name="Zoe Stranger", organisation=elsewhere)
    assert "Zoe Stranger" not in ada.get("/people/")
    assert ada.status(f"/people/{stranger.pk}/") == 403
    assert ada.status(f"/organisations/{elsewhere.pk}/") == 403
    assert ada.kinds() == ["action-refused refused"] * 2
