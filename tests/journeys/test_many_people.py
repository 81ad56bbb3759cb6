"""Many people at once: invitations from a file; what the nightly run warns of and tidies."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from contactpoint.access import actions
from contactpoint.access.actions.tidying import warn_and_tidy
from contactpoint.access.models import Account
from contactpoint.access.queries import get_viewer
from contactpoint.access.queries.team import list_queues
from contactpoint.access.roles import Role
from contactpoint.audit.models import Event
from contactpoint.audit.records import Actor
from tests.factories import make_account, make_cleared_account, make_founders, make_organisation
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import Walker

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "match", "owner"])
WORKER = Actor(None, None, "worker")
DAY = timedelta(days=1)

FILE = """name,email,job_title,organisation
Jo One,one@bridgelane.example,Head,123456
Jo Two,one@bridgelane.example,Head,123456
=cmd(),three@bridgelane.example,Head,123456
Jo Four,four@elsewhere.example,Head,123456
Jo Five,five@bridgelane.example,Head,999999
,six@bridgelane.example,Head,123456
Jo Seven,seven@other.example,Head,340340
"""


def send(walker: Walker, text: str) -> str:
    file = SimpleUploadedFile("people.csv", text.encode())
    answer = walker.client.post("/people/invite-many/upload/", {"file": file}, follow=True)
    return str(answer.content.decode())


def test_each_row_of_a_file_is_judged_alone(walk: MakeWalker, now: datetime) -> None:
    make_organisation(at=now, code="123456")
    make_organisation(at=now, code="340340", authority="340")
    manager = walk(name="Ada Moss", roles=(Role.ACCOUNT_MANAGER,))
    page = send(manager, FILE)
    assert "1 of 7 were invited" in page
    assert list(Account.objects.filter(name__startswith="Jo ").values_list("name", flat=True)) == ["Jo One"]
    for words in (
        "The same e-mail address is in the file before.",
        "A cell begins like a formula",
        "not accredited for e-mail addresses of this domain",
        "No organisation with this code",
        "Missing: name.",
        "You may do this for your own authority only.",
    ):
        assert words in page, words
    receipts = manager.client.get("/people/invite-many/receipts/?as=csv").content.decode()
    assert receipts.splitlines()[1] == "2,one@bridgelane.example,Invited"
    assert [letter.to for letter in mail.outbox] == [["one@bridgelane.example"]]
    again = send(manager, FILE)
    assert "0 of 7 were invited" in again
    assert "exists already" in again


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name;email\n", "The file needs the columns"),
        ("name,email,job_title,organisation\n", "must have from 1 to 500 rows"),
        ("name,email,job_title,organisation\n" + "a,b,c,d\n" * 501, "must have from 1 to 500 rows"),
    ],
)
def test_a_file_that_cannot_be_used(walk: MakeWalker, text: str, words: str) -> None:
    assert words in send(walk(roles=(Role.ACCOUNT_MANAGER,)), text)


def test_charlie_may_not_invite(walk: MakeWalker) -> None:
    charlie = walk(name="Charlie")
    assert "Your role does not allow this" in send(charlie, FILE)
    assert charlie.kinds() == ["action-refused refused"]


def test_warnings_go_out_once_at_each_distance_and_name_nobody(now: datetime) -> None:
    account = make_cleared_account(at=now, name="Jo Bloggs", email="jo@bridgelane.example")
    founder, _ = make_founders(at=now)
    training = {"passed_on": now.date(), "expires_on": now.date() + 40 * DAY}
    actions.record_training(account_id=account.pk, by=founder, at=now, **training)
    mail.outbox.clear()
    counts = [warn_and_tidy(by=WORKER, at=now + days * DAY).warned for days in (5, 10, 11, 33, 34)]
    assert counts == [0, 1, 0, 1, 0]
    assert [letter.to for letter in mail.outbox] == [["jo@bridgelane.example"]] * 2
    assert "Jo Bloggs" not in mail.outbox[0].body + mail.outbox[0].subject
    assert Event.objects.filter(kind="lapse-told").count() == 5


def test_what_a_year_saw_nobody_use_is_closed(now: datetime) -> None:
    account = make_cleared_account(at=now, name="Jo Bloggs")
    assert warn_and_tidy(by=WORKER, at=now + 365 * DAY).closed == 0
    assert warn_and_tidy(by=WORKER, at=now + 366 * DAY).closed >= 1
    assert Account.objects.get(pk=account.pk).closed_at == now + 366 * DAY
    assert Event.objects.filter(kind="account-closed").exists()


def test_the_nation_is_counted_until_there_are_enough(
    walk: MakeWalker, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A national manager waits for no count of all England's accounts; an authority's is exact."""
    home = make_organisation(at=now)
    manager = walk(name="Ada Moss", organisation=home, roles=(Role.ACCOUNT_MANAGER,))
    for number in range(3):
        make_account(at=now, name=f"New {number}", organisation=home)
    (national, _) = make_founders(at=now)
    for most, shown, more in ((1_000, 3, False), (2, 2, True)):
        monkeypatch.setattr("contactpoint.access.queries.people.MOST_COUNTED", most)
        monkeypatch.setattr("contactpoint.access.queries.team.MOST_COUNTED", most)
        for by in (get_viewer(account_id=manager.account.pk, at=now), national):
            waiting = next(queue for queue in list_queues(by=by, at=now) if queue.name == "waiting")
            assert (waiting.count, waiting.or_more) == (shown, more), (by.authority, most)
