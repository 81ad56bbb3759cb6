"""Brokered contact from the line on the record to the contact and its end (SEN-3 to SEN-5, SEN-7)."""

import re
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core import mail

from contactpoint.access.models import Organisation
from contactpoint.access.roles import Role, Sector
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory.sensitive.actions import record_sensitive_involvement
from contactpoint.directory.sensitive.records import Consent
from tests.children import DATABASES, make_child
from tests.factories import make_organisation, make_viewer
from tests.feeds import ask
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import Walker

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
CLINIC, LINE = "Lantern House", "A sensitive service is involved."
CONSENT = Consent("child", "mental_health_practitioner", date(2026, 9, 20), date(2027, 3, 20))
WHY = {"text": "She has missed\nthree lessons."}
REACHED = {"ask_for": "Duty desk", "telephone": "0121 496 0555", "email": ""}


@pytest.fixture
def clinic(now: datetime) -> Organisation:
    return make_organisation(
        at=now, name=CLINIC, sector=Sector.HEALTH, kind="team", sensitive_service="camhs"
    )


@pytest.fixture
def noor(clinic: Organisation, walk: MakeWalker) -> Walker:
    """Of the clinic."""
    return walk(name="Noor Ahmed", organisation=clinic)


@pytest.fixture
def sam(walk: MakeWalker) -> Walker:
    """A practitioner, who may ask."""
    return walk(name="Sam Okafor")


@pytest.fixture
def bea(walk: MakeWalker) -> Walker:
    """The broker."""
    return walk(name="Bea Lind", roles=[Role.BROKER])


@pytest.fixture
def mel(walk: MakeWalker) -> Walker:
    """Reads records in a role that may not ask: always refused."""
    return walk(name="Mel Stone", roles=[Role.CASE_MANAGEMENT_SYSTEM])


@pytest.fixture
def amina(now: datetime, clinic: Organisation) -> ChildNumber:
    """The clinic works with her, by her own consent."""
    child = make_child(at=now)
    record_entry(child, clinic, now)
    return child


def record_entry(child: ChildNumber, clinic: Organisation, at: datetime) -> int:
    who = make_viewer(at=at, name="Una Frost", organisation=clinic)
    return record_sensitive_involvement(
        by=who,
        child=child,
        role="mental_health_practitioner",
        started_on=date(2026, 9, 21),
        basis="consent",
        consent=CONSENT,
        at=at,
    )


def ask_contact(sam: Walker) -> str:
    """Ask from the record; gives the record's address."""
    token, _ = sam.open()
    status, page = sam.post(f"/record/{token}/ask-contact/", WHY)
    assert (status, "Your request was received" in page) == (200, True), page
    return f"/record/{token}/"


def the_case(bea: Walker) -> str:
    (case,) = set(re.findall(r'href="(/brokering/\d+/)"', bea.get("/brokering/")))
    return case


def ask_clinic(bea: Walker) -> str:
    """Take the only case and ask its only service; gives the case's address."""
    case = the_case(bea)
    assert "The case is yours." in bea.post(f"{case}take/", {"seen": ""})[1]
    assert "The service is asked." in bea.post(f"{case}ask/", {"place": "0"})[1]
    return case


def the_question(noor: Walker) -> str:
    (question,) = set(re.findall(r'href="(/our-questions/\d+/)"', noor.get("/our-questions/")))
    return question


def accept(noor: Walker) -> None:
    status, page = noor.post(f"{the_question(noor)}accept/", REACHED)
    assert (status, "The contact is given" in page) == (200, True), page


def own_contact(sam: Walker) -> str:
    (address,) = set(re.findall(r'href="(/my-requests/\d+/)"', sam.get("/my-requests/")))
    return address


def test_from_the_line_to_the_contact(
    now: datetime, amina: ChildNumber, sam: Walker, bea: Walker, noor: Walker
) -> None:
    token, page = sam.open()
    assert LINE in page
    assert f'href="/record/{token}/ask-contact/"' in page
    for words in (CLINIC, "mental", "Una Frost"):
        assert words not in page
    address = ask_contact(sam)
    assert "Received" in sam.get("/my-requests/")
    queue = bea.get("/brokering/")
    assert "Sam Okafor" in queue
    assert CLINIC not in queue
    case = the_case(bea)
    page = bea.get(case)
    for words in (CLINIC, "Una Frost", "She has missed<br>three lessons.", "Take this case"):
        assert words in page, words
    assert "/ask/" not in page, "nobody asks before taking the case"
    ask_clinic(bea)
    assert "Service asked" in bea.get("/brokering/")
    question = the_question(noor)
    page = noor.get(question)
    for words in ("Sam Okafor", "Amina Rose Khan", "three lessons."):
        assert words in page
    for words in ("12 Canal Street", "Sara Khan"):
        assert words not in page
    assert CLINIC not in sam.get("/my-requests/"), "nothing is told before it accepts"
    accept(noor)
    page = sam.get(own_contact(sam))
    for words in (CLINIC, "Duty desk", "0121 496 0555", "19 October 2026"):
        assert words in page, words
    assert CLINIC not in sam.get(address)
    assert "None waits" in bea.get("/brokering/")
    assert "None waits" in noor.get("/our-questions/")


def test_every_step_is_in_the_log_by_ids_and_the_provider_sealed(
    amina: ChildNumber, clinic: Organisation, sam: Walker, bea: Walker, noor: Walker
) -> None:
    """SEN-5, AUD-8."""
    ask_contact(sam)
    ask_clinic(bea)
    accept(noor)
    sam.get(own_contact(sam))
    for walker, kinds in (
        (sam, ("contact-asked", "own-requests-listed", "contact-seen")),
        (bea, ("contact-case-read", "contact-case-taken", "contact-provider-asked")),
        (noor, ("contact-questions-listed", "contact-answered")),
    ):
        events = walker.log()
        assert set(kinds) <= {event.kind for event in events}
        for event in events:
            said = str((event.facts, event.typed))
            assert clinic.code not in said
            assert CLINIC not in said
            if event.kind in kinds:
                assert event.children == (), event.kind
    (seen,) = [event for event in sam.log() if event.kind == "contact-seen"]
    from contactpoint.directory.keeping.child_keys import get_child_key

    key = get_child_key(child=decode(amina) or 0)
    assert key.decrypt(str(seen.facts["providers"]).encode()) == f'["{clinic.code}"]'.encode()
    told = " ".join(each.subject + each.body for each in mail.outbox)
    assert len(mail.outbox) == 4  # the broker twice, the service, who asked
    for words in ("Amina", "Khan", CLINIC, "Sam", "sensitive"):
        assert words not in told


def test_the_contact_is_for_the_requester_alone_and_for_a_time(
    now: datetime,
    amina: ChildNumber,
    sam: Walker,
    bea: Walker,
    noor: Walker,
    walk: MakeWalker,
    stopped_clock: time_machine.Traveller,
) -> None:
    ask_contact(sam)
    ask_clinic(bea)
    accept(noor)
    address = own_contact(sam)
    colleague = walk(name="Charlie")
    assert colleague.status(address) == 404
    assert colleague.kinds()[-1] == "change-refused refused"
    assert "You have asked for none" in colleague.get("/my-requests/")
    later = now + timedelta(days=14, minutes=1)
    stopped_clock.move_to(later)
    sam = Walker(sam.account, at=later)
    page = sam.get(address)
    assert CLINIC not in page
    assert "can no longer be seen" in page
    assert address not in sam.get("/my-requests/")


def test_declined_and_closed_look_alike_and_say_nothing(
    now: datetime, amina: ChildNumber, sam: Walker, bea: Walker, noor: Walker
) -> None:
    """SEN-3: as where there never was a service."""
    ask_contact(sam)
    case = ask_clinic(bea)
    status, page = noor.post(f"{the_question(noor)}decline/")
    assert (status, "Declined" in page) == (200, True)
    assert "Received" in sam.get("/my-requests/")
    assert "Declined" in bea.get(case)
    assert "The case is closed." in bea.post(f"{case}close/")[1]
    declined = sam.get("/my-requests/").split("<main")[1]
    assert "closed without a contact" in declined
    with_none = make_child(at=now)
    assert with_none
    second = walk_second(sam)
    case = the_case(bea)
    assert "There is no sensitive service on this record" in bea.get(case)
    bea.post(f"{case}take/", {"seen": ""})
    assert bea.post(f"{case}close/")[0] == 200
    states = re.findall(r"<strong class=\"govuk-tag.*?</dd>", sam.get("/my-requests/"), re.DOTALL)
    assert len(states) == 2
    assert states[0] == states[1]
    assert second


def walk_second(sam: Walker) -> str:
    """Asks about the other child of that name, on whose record there is no line."""
    for which in (0, 1):
        token = sam.choose(which)
        sam.post(f"/record/{token}/reason/", {"purpose": "coordinating"})
        if LINE not in sam.get(f"/record/{token}/"):
            status, page = sam.post(f"/record/{token}/ask-contact/", WHY)
            assert (status, "Your request was received" in page) == (200, True)
            return token
    raise AssertionError("both have the line")


def test_asked_twice_is_sent_once(amina: ChildNumber, sam: Walker, bea: Walker) -> None:
    address = ask_contact(sam)
    status, page = sam.post(f"{address}ask-contact/", WHY)
    assert (status, "Nothing was sent twice" in page) == (409, True)
    assert the_case(bea)
    assert sam.kinds()[-1] == "change-refused refused"


def test_of_two_brokers_at_once_the_second_is_told_and_may_take_over(
    amina: ChildNumber, sam: Walker, bea: Walker, noor: Walker, walk: MakeWalker
) -> None:
    ask_contact(sam)
    ben = walk(name="Ben Ash", roles=[Role.BROKER])
    case = ask_clinic(bea)
    assert ben.post(f"{case}take/", {"seen": ""})[0] == 409
    assert ben.post(f"{case}ask/", {"place": "0"})[0] == 409
    assert ben.post(f"{case}close/")[0] == 409
    assert ben.kinds().count("change-refused refused") == 3
    assert "Take over from Bea Lind" in ben.get(case)
    ((bea_id,),) = ask("SELECT claimed_by FROM hidden.contact_request")
    assert "The case is yours." in ben.post(f"{case}take/", {"seen": str(bea_id)})[1]
    assert bea.post(f"{case}close/")[0] == 409
    assert bea.post(f"{case}ask/", {"place": "0"})[0] == 409
    assert ben.post(f"{case}ask/", {"place": "0"})[0] == 409, "a service is asked once"
    assert the_question(noor)


def test_nobody_else_asks_brokers_or_answers(
    amina: ChildNumber, sam: Walker, bea: Walker, noor: Walker, mel: Walker, walk: MakeWalker, now: datetime
) -> None:
    token, page = mel.open()
    assert LINE not in page
    assert "ask-contact" not in page
    assert mel.status(f"/record/{token}/ask-contact/") == 403
    assert mel.post(f"/record/{token}/ask-contact/", WHY)[0] == 403
    assert mel.kinds()[-2:] == ["change-refused refused"] * 2
    ask_contact(sam)
    case = ask_clinic(bea)
    question = the_question(noor)
    for page in (
        "/brokering/",
        case,
        f"{case}close/",
        "/our-questions/",
        question,
        f"{question}accept/",
    ):
        assert (sam.status(page), mel.status(page)) == (403, 403), page
    for page in (f"{case}take/", f"{case}ask/", f"{question}decline/"):
        assert sam.post(page)[0] == 403, page
    elsewhere = make_organisation(at=now, authority="201", kind="authority", name="City of London")
    far = walk(name="Far", roles=[Role.BROKER], organisation=elsewhere)
    assert "None waits" in far.get("/brokering/")
    assert far.status(case) == 404
    other = make_organisation(
        at=now, name="Other", sector=Sector.HEALTH, kind="team", sensitive_service="sexual_health"
    )
    rival = walk(name="Rita", organisation=other)
    assert "None waits" in rival.get("/our-questions/")
    assert rival.status(question) == 404
    assert rival.post(f"{question}accept/", REACHED)[0] == 404
    assert noor.status(case) == 403, "the service is no broker"


def test_bad_input_is_mended_where_it_was_typed(
    amina: ChildNumber, sam: Walker, bea: Walker, noor: Walker
) -> None:
    token, _ = sam.open()
    for text, said in (("", "Enter why you need"), ("x" * 2001, "2,000 characters"), ("a\x00b", "control")):
        status, page = sam.post(f"/record/{token}/ask-contact/", {"text": text})
        assert (status, said in page) == (400, True), said
    assert ask("SELECT count(*) FROM hidden.contact_request") == [(0,)]
    ask_contact(sam)
    case = the_case(bea)
    assert bea.post(f"{case}take/", {"seen": "x"})[0] == 409
    bea.post(f"{case}take/", {"seen": ""})
    for place in ("", "-1", "7", "x"):
        assert bea.post(f"{case}ask/", {"place": place})[0] in (404, 409), place
    bea.post(f"{case}ask/", {"place": "0"})
    question = the_question(noor)
    for given, said in (
        ({**REACHED, "ask_for": ""}, "Enter whom to ask for"),
        ({**REACHED, "telephone": ""}, "Enter a telephone number or an e-mail"),
        ({**REACHED, "telephone": "1" * 300}, "200 characters"),
    ):
        status, page = noor.post(f"{question}accept/", given)
        assert (status, said in page) == (400, True), (said, page)
    accept(noor)
    assert noor.post(f"{question}accept/", REACHED)[0] == 404
    assert noor.post(f"{question}decline/")[0] in (404, 409)


def test_a_shield_that_was_asked_for_is_followed_in_few_words(
    now: datetime, sam: Walker, walk: MakeWalker
) -> None:
    """SHI-3: received or decided; what was decided, the record shows to everybody."""
    make_child(at=now)
    token, _ = sam.open()
    given = {"ground": "refuge", "text": "They moved.", "urgent": "no"}
    assert sam.post(f"/record/{token}/shield/", given)[0] == 200
    page = sam.get("/my-requests/")
    assert "Nobody has decided yet." in page
    sol = walk(name="Sol Hughes", roles=[Role.SHIELDING_OFFICER])
    (case,) = set(re.findall(r'href="(/shielding/requests/\d+/)"', sol.get("/shielding/")))
    assert sol.post(f"{case}refuse/", {"ground": "no-harm"})[0] == 200
    page = sam.get("/my-requests/").split("<main")[1]
    assert "Decided" in page
    for words in ("refuse", "Refuse", "harm", "Sol Hughes", "refuge"):
        assert words not in page
