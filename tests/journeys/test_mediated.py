"""ACC-6: a mediator looks for a practitioner who is on the telephone, and each who must be refused is."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core import mail

from contactpoint.access import actions
from contactpoint.access.actions.ending_visit import end_overdue_visits
from contactpoint.access.actions.sessions import Ended
from contactpoint.access.models import Account, MediatedVisit, SignIn
from contactpoint.access.roles import Role
from contactpoint.access.tasks import WORKER
from contactpoint.directory import limits
from contactpoint.directory.limits import Limit, Look
from tests.children import AMINA, DATABASES, make_child
from tests.factories import make_cleared_account, make_founders, make_organisation
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import AMINA_TYPED, Walker

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
CODE, RANG = "/mediated/code/", {"rang": "on"}


@pytest.fixture
def mel(walk: MakeWalker, now: datetime) -> Walker:
    helpdesk = make_organisation(at=now, name="Helpdesk of the authority")
    return walk(name="Mel Stone", roles=[Role.MEDIATOR], organisation=helpdesk)


@pytest.fixture
def priya(now: datetime) -> Account:
    """The caller."""
    return make_cleared_account(at=now, name="Priya Shah", email="priya@bridgelane.example")


def send_code(mel: Walker, caller: Account) -> str:
    """Rings back; gives what the caller would read out of the letter."""
    mail.outbox.clear()
    status, page = mel.post(f"/mediated/callers/{caller.pk}/", RANG)
    assert (status, "read out?" in page) == (200, True), page
    (letter,) = mail.outbox
    assert letter.to == [caller.email]
    found = re.search(r"(\d{4}) (\d{4})", letter.body)
    assert found
    return found[1] + found[2]


def begin(mel: Walker, caller: Account) -> None:
    status, page = mel.post(CODE, {"code": send_code(mel, caller)})
    assert (status, f"For {caller.name}" in page, "Find a child" in page) == (200, True, True)


def test_a_caller_is_served_and_both_people_are_on_every_event(
    now: datetime, mel: Walker, priya: Account, stopped_clock: time_machine.Traveller
) -> None:
    make_child(AMINA, at=now)
    assert "Who is calling?" in mel.get("/")  # nothing to look at in their own right
    status, page = mel.post("/mediated/", {"words": "PRIYA@bridgelane.example"})
    assert (status, "0121 496 0000" in page, f"/mediated/callers/{priya.pk}/" in page) == (200, True, True)
    status, page = mel.post(f"/mediated/callers/{priya.pk}/")
    assert (status, "Ring the number first" in page) == (400, True)
    begin(mel, priya)
    token, page = mel.open()
    assert "What to read out" in page
    assert "For Priya Shah" in page
    for words in (
        "I work with this child",
        "Request a shield",
        "Say which value is wrong",
        "My involvements",
    ):
        assert words not in page
    mail.outbox.clear()
    stopped_clock.shift(timedelta(minutes=2))
    status, page = mel.post("/mediated/end/")
    assert (status, "The visit has ended" in page) == (200, True)
    (letter,) = mail.outbox
    assert letter.to == [priya.email]
    assert "used ContactPoint for you on 5 October 2026 from 10:30 until 10:32" in letter.body
    assert "Amina" not in letter.subject + letter.body
    assert mel.status(f"/record/{token}/") in (403, 404)
    events = mel.log()
    assert [event.kind for event in events][:6] == [
        "caller-looked-up",
        "mediated-code-sent",
        "mediated-visit-began",
        "searched",
        "record-opened",
        "mediated-visit-ended",
    ]
    for event in events[:6]:
        assert (event.actor.account_id, event.actor.on_behalf_of) == (mel.account.pk, priya.pk), event.kind
    for event in events[1:6]:
        assert event.actor.organisation_id == priya.organisation_id
    assert [event.actor.door for event in events[3:5]] == ["mediated"] * 2


def test_being_served_counts_as_using_the_account(now: datetime, mel: Walker, priya: Account) -> None:
    """ACC-5: who only telephones is not suspended for disuse."""
    long_ago = now - timedelta(days=80)
    token = actions.begin_session(account_id=priya.pk, actor=WORKER, at=long_ago, method="password")
    actions.end_session(account_id=priya.pk, token=token, actor=WORKER, at=long_ago, why=Ended.SIGNED_OUT)
    SignIn.objects.filter(account=priya).update(used_at=long_ago)
    begin(mel, priya)
    assert SignIn.objects.get(account=priya).used_at == now


def test_who_watches_sees_both_names(now: datetime, mel: Walker, priya: Account, walk: MakeWalker) -> None:
    """ACC-6, AUD-4: the caller's manager, the mediator's manager and the caller's own line in the log."""
    make_child(AMINA, at=now)
    begin(mel, priya)
    mel.search(**AMINA_TYPED)
    for organisation in (priya.organisation, mel.account.organisation):
        manager = walk(organisation=organisation, roles=[Role.LINE_MANAGER])
        page = manager.get("/log/")
        assert "Mel Stone for Priya Shah" in page
        page = manager.post("/log/", {"email": priya.email, "kind": "searched"})[1]
        assert page.count("Mel Stone for Priya Shah") == 1


def test_only_looking_is_allowed_in_a_visit(now: datetime, priya: Account, walk: MakeWalker) -> None:
    """ACC-6: whatever else the mediator may do in their own right waits until the visit ends."""
    make_child(AMINA, at=now)
    both = walk(name="Mel Stone", roles=[Role.MEDIATOR, Role.PRACTITIONER])
    own, _ = both.open()
    begin(both, priya)
    assert both.status(f"/record/{own}/") == 404  # found in their own name
    token, _ = both.open()
    refused = ["/my-involvements/", "/add-child/", "/my-requests/", "/accounts/profile/", "/log/"]
    refused += [f"/record/{token}/{each}/" for each in ("involvement", "assessment", "request-shield")]
    tried = [address for address in refused if both.status(address) != 404]
    assert len(tried) >= 6
    assert [both.status(address) for address in tried] == [403] * len(tried)
    assert both.kinds().count("action-refused refused") == 2 * len(tried)
    both.post("/mediated/end/")
    assert both.status("/my-involvements/") == 200
    assert both.status(f"/record/{token}/") == 404  # what the visit found went with it


def test_a_shielded_record_is_not_read_out(now: datetime, mel: Walker, priya: Account) -> None:
    """ACC-6, SHI-2."""
    make_child(AMINA, at=now, supplier="nhs_demographics", restricted=True)
    begin(mel, priya)
    page = mel.open()[1]
    assert "This record cannot be read out" in page
    assert "Pass a message" not in page


def test_shielded_children_met_in_a_visit_count_for_the_caller(
    now: datetime, mel: Walker, priya: Account, walk: MakeWalker
) -> None:
    """ACC-6, AUD-5: a mediator serves many, and is not taken for somebody who looks for hidden children."""
    for _ in range(3):
        make_child(replace(AMINA, nhs="", upn=""), at=now, restricted=True)
    begin(mel, priya)
    mel.search()
    page = walk(name="Ines Romero", roles=[Role.INVESTIGATOR]).get("/investigations/")
    assert ("Priya Shah" in page, "Mel Stone" in page) == (True, False)


@pytest.mark.parametrize(
    "trouble",
    [
        "suspended caller",
        "suspended organisation",
        "a role that cannot search",
        "mediator as caller",
        "nobody",
    ],
)
def test_who_may_not_be_served_is_refused(now: datetime, mel: Walker, priya: Account, trouble: str) -> None:
    """ACC-6."""
    founder, _ = make_founders(at=now)
    caller = priya
    if trouble == "suspended caller":
        actions.suspend_account(account_id=priya.pk, by=founder, at=now)
    elif trouble == "suspended organisation":
        actions.suspend_organisation(organisation_id=priya.organisation_id, by=founder, at=now)
    elif trouble == "a role that cannot search":
        caller = make_cleared_account(at=now, roles=[Role.AUDITOR])
    elif trouble == "mediator as caller":
        caller = mel.account
    number = 999_999 if trouble == "nobody" else caller.pk
    assert mel.status(f"/mediated/callers/{number}/") == 403
    assert mel.post(f"/mediated/callers/{number}/", RANG)[0] == 403
    if trouble != "nobody":
        assert mel.post("/mediated/", {"words": caller.email})[0] == 403
    assert set(mel.kinds()) == {"caller-looked-up refused"}
    assert not mail.outbox
    assert not MediatedVisit.objects.exists()


def test_a_wrong_code_five_times_and_a_used_one_begin_nothing(mel: Walker, priya: Account) -> None:
    """ACC-6."""
    code = send_code(mel, priya)
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    for left in (4, 3, 2, 1):
        status, page = mel.post(CODE, {"code": wrong})
        assert (status, f"{left} more" in page or "once more" in page) == (400, True)
    assert mel.post(CODE, {"code": wrong})[0] == 409
    assert mel.post(CODE, {"code": code})[0] == 409  # right, and too late
    begin(mel, priya)
    assert MediatedVisit.objects.get(ended_at=None).code_digest == ""
    mel.post("/mediated/end/")
    assert mel.post(CODE, {"code": code})[0] == 409
    assert mel.kinds().count("mediated-code-refused refused") == 7
    assert mel.kinds().count("mediated-visit-began") == 1


def test_a_used_code_begins_no_second_visit_and_a_new_one_voids_the_old(mel: Walker, priya: Account) -> None:
    """ACC-6."""
    old = send_code(mel, priya)
    new = send_code(mel, priya)
    assert mel.post(CODE, {"code": old})[0] == (200 if old == new else 400)
    assert mel.post(CODE, {"code": f" {new[:4]} {new[4:]} "})[0] == 200
    assert mel.post(CODE, {"code": new})[0] == 409
    assert mel.post(f"/mediated/callers/{priya.pk}/", RANG)[0] == 409  # in a visit
    assert mel.kinds()[-2:] == ["mediated-code-refused refused", "mediated-code-sent refused"]


def test_a_code_is_too_old_after_ten_minutes(
    mel: Walker, priya: Account, stopped_clock: time_machine.Traveller
) -> None:
    """ACC-6."""
    code = send_code(mel, priya)
    stopped_clock.shift(timedelta(minutes=10))
    assert mel.post(CODE, {"code": code})[0] == 409
    assert "mediated-code-refused refused" in mel.kinds()


def test_a_caller_gets_five_codes_an_hour(mel: Walker, priya: Account) -> None:
    for _ in range(5):
        send_code(mel, priya)
    assert mel.post(f"/mediated/callers/{priya.pk}/", RANG)[0] == 403
    assert mel.kinds()[-1] == "mediated-code-sent refused"


def test_looks_count_against_the_caller(
    now: datetime, mel: Walker, priya: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ACC-6, SEA-8: the caller's own looks and those of a visit together; never against the mediator."""
    few = {**limits.ORDINARY, Look.SEARCH: (Limit(limits.HOUR, 2, 2),)}
    monkeypatch.setattr(limits, "ORDINARY", few)
    make_child(AMINA, at=now)
    Walker(priya, at=now).search()
    begin(mel, priya)
    mel.search()
    status, page = mel.post("/", AMINA_TYPED)
    assert (status, "reached the most looks" in page) == (403, True)
    assert [event.actor.on_behalf_of for event in mel.log() if event.kind == "limit-reached"] == [priya.pk]
    mel.post("/mediated/end/")
    begin(mel, make_cleared_account(at=now, name="Ruth Evans"))
    mel.search()


@pytest.mark.parametrize(
    "how",
    ["time", "the caller is suspended", "the organisation is suspended", "signed out", "signed in anew"],
)
def test_a_visit_ends_by_itself(
    how: str, now: datetime, mel: Walker, priya: Account, stopped_clock: time_machine.Traveller
) -> None:
    """ACC-6."""
    make_child(AMINA, at=now)
    begin(mel, priya)
    token, _ = mel.open()
    mail.outbox.clear()
    founder, _ = make_founders(at=now)
    if how == "time":
        stopped_clock.shift(timedelta(minutes=14))
        mel.get("/help/")
        assert mel.status("/results/") == 200
        stopped_clock.shift(timedelta(minutes=1))
    elif how == "the caller is suspended":
        actions.suspend_account(account_id=priya.pk, by=founder, at=now)
    elif how == "the organisation is suspended":
        actions.suspend_organisation(organisation_id=priya.organisation_id, by=founder, at=now)
    elif how == "signed out":
        mel.post("/accounts/logout/")
    stopped_clock.shift(timedelta(minutes=1))
    again = Walker(mel.account, at=now + timedelta(minutes=1)) if "signed" in how else mel
    assert again.status(f"/record/{token}/") in (302, 403, 404)
    assert "For Priya Shah" not in again.get("/mediated/")
    assert again.post("/", AMINA_TYPED)[0] == 403
    ended = [event for event in mel.log() if event.kind == "mediated-visit-ended"]
    assert [event.actor.on_behalf_of for event in ended] == [priya.pk]
    assert [letter.subject for letter in mail.outbox] == ["ContactPoint was used for you"]


def test_who_never_comes_back_is_ended_by_the_worker(
    now: datetime, mel: Walker, priya: Account, walk: MakeWalker
) -> None:
    """ACC-6: the caller is told even then."""
    begin(mel, priya)
    mail.outbox.clear()
    assert end_overdue_visits(by=WORKER, at=now + timedelta(minutes=14)) == 0
    assert end_overdue_visits(by=WORKER, at=now + timedelta(minutes=20)) == 1
    assert "until 10:45" in mail.outbox[0].body
    assert end_overdue_visits(by=WORKER, at=now + timedelta(minutes=20)) == 0


@pytest.mark.parametrize("code", ["", "٣" * 8, "1" * 300, "a\x00b", "' OR 1=1"])
def test_what_is_no_code_begins_nothing(mel: Walker, priya: Account, code: str) -> None:
    send_code(mel, priya)
    assert mel.post(CODE, {"code": code})[0] == 400
    assert MediatedVisit.objects.get().began_at is None


def test_a_practitioner_may_not_mediate(priya: Account, walk: MakeWalker) -> None:
    """ACC-6, ACC-8."""
    sam = walk(name="Sam Okafor")
    for address in ("/mediated/", CODE, f"/mediated/callers/{priya.pk}/", "/mediated/end/"):
        assert sam.post(address, {"words": "priya", "code": "1", **RANG})[0] == 403
    assert sam.kinds() == ["action-refused refused"] * 4
    assert not mail.outbox
