"""AUD-4: who sees whose events; each look is logged; an export needs a reason; who watches cannot search."""

from datetime import datetime

import pytest

from contactpoint.access.roles import Role, Sector
from contactpoint.audit.queries import find_events_of_account
from tests.children import AMINA, DATABASES, make_child
from tests.factories import make_organisation
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import AMINA_TYPED

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)


def test_each_sees_whom_they_answer_for(walk: MakeWalker, now: datetime) -> None:
    make_child(AMINA, at=now)
    school = make_organisation(at=now)
    here = walk(name="Jo Here", organisation=school)
    there = walk(name="Zoe There", organisation=make_organisation(at=now, authority="340"))
    for walker in (here, there):
        walker.search()
    seen = {
        Role.LINE_MANAGER: ({"Jo Here"}, {"organisation": school}),
        Role.AUDITOR: ({"Jo Here"}, {}),
        Role.NATIONAL_AUDITOR: (
            {"Jo Here", "Zoe There"},
            {"organisation": make_organisation(at=now, sector=Sector.NATIONAL)},
        ),
    }
    for role, (names, details) in seen.items():
        watcher = walk(name=f"Watcher {role}", roles=(role,), **details)
        page = watcher.post("/log/", {"kind": "searched"})[1]
        for name in ("Jo Here", "Zoe There"):
            assert (name in page) is (name in names), (role, name)
        assert "Amina" not in page
        assert watcher.kinds() == ["log-read"]


def test_by_user_child_kind_and_refusal(walk: MakeWalker, now: datetime) -> None:
    child = make_child(AMINA, at=now)
    jo, auditor = walk(name="Jo Here"), walk(name="Ada Auditor", roles=(Role.AUDITOR,))
    jo.search()
    jo.status("/people/")
    for asked, expected in (
        ({"email": jo.account.email}, ("Searched", "Action refused")),
        ({"child": str(child)}, ("Searched",)),
        ({"refused": "on"}, ("(refused)",)),
        ({"email": "nobody@nowhere.example"}, ("There are no such events",)),
    ):
        page = auditor.post("/log/", asked)[1].split("<main")[1]
        for words in expected:
            assert words in page, (asked, words)
    status, page = auditor.post("/log/", {"child": "123"})
    assert (status, "not a possible one" in page) == (400, True)
    asked_about = [event.children for event in auditor.log()]
    assert sum(bool(children) for children in asked_about) == 1


def test_an_export_needs_a_reason_which_is_sealed(walk: MakeWalker, now: datetime) -> None:
    jo = walk(name="=cmd()|Jo")
    jo.status("/people/")
    auditor = walk(name="Ada Auditor", roles=(Role.AUDITOR,))
    assert auditor.post("/log/export/")[0] == 400
    answer = auditor.client.post("/log/export/", {"reason": "Case 12"})
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/csv")
    assert "'=cmd()|Jo" in text
    (event,) = [
        event
        for event in find_events_of_account(account_id=auditor.account.pk, since=auditor.since, typed=True)
        if event.kind == "log-exported"
    ]
    assert event.typed == {"reason": "Case 12"}


def test_who_watches_cannot_search_and_who_searches_cannot_watch(walk: MakeWalker, now: datetime) -> None:
    """ACC-8."""
    auditor, charlie = walk(roles=(Role.AUDITOR,)), walk(name="Charlie")
    assert auditor.post("/", AMINA_TYPED)[0] == 403
    assert auditor.kinds() == ["search-refused refused"]
    assert charlie.status("/log/") == 403
    assert charlie.kinds() == ["action-refused refused"]
