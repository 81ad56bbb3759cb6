"""A data manager decides doubtful matches page by page; Charlie, a practitioner, does not."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from contactpoint.access.models import Account
from contactpoint.access.roles import Role, Sector
from tests.children import DATABASES
from tests.factories import make_organisation
from tests.feeds import AMY, ask, load_rows
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import Walker
from tests.reviews import TWIN, make_across, make_doubt, make_manager, work

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
_CHILD = re.compile(r'name="child" value="([\w-]+)"')


@pytest.fixture
def dana(now: datetime, walk: MakeWalker) -> Walker:
    home = make_organisation(
        at=now, code="TEAM", name="ContactPoint team", sector=Sector.AUTHORITY, authority="352"
    )
    return walk(name="Dana Kowalska", organisation=home, roles=[Role.DATA_MANAGER])


def answer(walker: Walker, page: str, said: str, row: int) -> tuple[int, str]:
    (child,) = _CHILD.findall(page)
    return walker.post(f"/matches/{row}/", {"answer": said, "child": child})


def test_from_the_counts_to_a_decision_and_back(tmp_path: Path, now: datetime, dana: Walker) -> None:
    row = make_doubt(tmp_path, at=now)
    assert "1 row waits for a person" in dana.get("/matches/")
    page = dana.get("/matches/next/")
    assert "Is this the same child?" in page
    assert "AMY" in page
    assert "1 YORK ROAD" in page
    assert "The same as a table" in page
    status, page = answer(dana, page, "same", row)
    assert status == 200
    assert "Recorded: the same child." in page
    assert "Nothing else waits for you" in page
    assert "Being carried out" in dana.get("/matches/decided/")
    work(at=now)
    ((decision,),) = ask("SELECT id FROM hidden.match_decision")
    assert "Undo" in dana.get("/matches/decided/")
    status, page = dana.post(f"/matches/decided/{decision}/undo/")
    assert status == 200
    work(at=now)
    assert "Is this the same child?" in dana.get("/matches/next/")
    assert [kind for kind in dana.kinds() if kind.startswith("match")] == ["match-decided", "match-undone"]
    assert "hidden-opened" in dana.kinds()


def test_the_row_joins_within_the_worker_and_shows_on_the_record(
    tmp_path: Path, now: datetime, dana: Walker
) -> None:
    row = make_doubt(tmp_path, at=now)
    answer(dana, dana.get(f"/matches/{row}/"), "same", row)
    jobs = ask(
        "SELECT task_name, args::text FROM procrastinate_jobs WHERE task_name LIKE '%%carry_out_match'"
    )
    ((decision,),) = ask("SELECT id FROM hidden.match_decision")
    assert jobs == [("contactpoint.casework.tasks.carry_out_match", f'{{"decision": {decision}}}')]
    work(at=now)
    assert ask("SELECT count(DISTINCT supplier_id) FROM directory_suppliedrow GROUP BY child_id ORDER BY 1")[
        -1
    ] == (2,)


def test_the_second_of_two_is_told(tmp_path: Path, now: datetime, dana: Walker) -> None:
    row = make_doubt(tmp_path, at=now)
    kim = Walker(Account.objects.get(pk=make_manager(at=now, name="Kim Lee").account_id), at=now)
    first = dana.get(f"/matches/{row}/")
    second = kim.get(f"/matches/{row}/")
    assert "Dana Kowalska has this open too" in second
    answer(dana, first, "same", row)
    status, page = answer(kim, second, "different", row)
    assert status == 409
    assert "decided in the meantime" in page
    assert kim.kinds()[-1] == "change-refused refused"


def test_sending_to_the_other_authority(tmp_path: Path, now: datetime, dana: Walker) -> None:
    row = make_across(tmp_path, at=now)
    page = dana.get(f"/matches/{row}/")
    assert "Send to Birmingham" in page
    _, page = answer(dana, page, "pass", row)
    assert "Sent to the other authority" in page
    assert "0 rows wait" in dana.get("/matches/")


def test_charlie_reaches_no_question(tmp_path: Path, now: datetime, walk: MakeWalker) -> None:
    row = make_doubt(tmp_path, at=now)
    charlie = walk(name="Charlie Stone")
    for address in ("/matches/", "/matches/next/", f"/matches/{row}/", "/matches/decided/"):
        assert charlie.status(address) == 403, address
    status, _ = charlie.post(f"/matches/{row}/", {"answer": "leave"})
    assert status == 403
    status, _ = charlie.post("/matches/decided/1/undo/")
    assert status == 403
    assert charlie.kinds() == ["hidden-opened refused"] * 4 + ["change-refused refused"] * 2
    assert 'href="/matches/"' not in charlie.get("/")


def test_bad_input_changes_nothing(tmp_path: Path, now: datetime, dana: Walker) -> None:
    row = make_doubt(tmp_path, at=now)
    before = ask("SELECT id, candidates, decision FROM hidden.waiting_row")
    assert dana.post(f"/matches/{row}/", {"answer": "burn"})[0] == 400
    assert dana.post(f"/matches/{row}/", {"answer": "same", "child": "forged"})[0] == 404
    assert dana.status("/matches/999999/") == 404
    assert ask("SELECT id, candidates, decision FROM hidden.waiting_row") == before


def test_a_sensitive_service_is_not_named_as_source(tmp_path: Path, now: datetime, dana: Walker) -> None:
    make_doubt(tmp_path, at=now)
    row = {
        "PatientRef": "P1",
        "Forename": "Amy",
        "Surname": "Hargreaves",
        "BirthDate": "20160524",
        "Postcode": "M19 2EQ",
        "TeamCode": "T9",
        "ReferralStart": "20260101",
        "ConsentBasis": "HARM",
    }
    load_rows(tmp_path, [row], at=now, supplier="camhs")
    ((waiting,),) = ask("SELECT id FROM hidden.waiting_row WHERE supplier_id = 'camhs'")
    page = dana.get(f"/matches/{waiting}/")
    assert "A row from health" in page
    for hint in ("camhs", "CAMHS", "mental", "T9", "sensitive"):
        assert hint not in page, hint


def test_nothing_of_a_shielded_child_is_on_any_page(tmp_path: Path, now: datetime, dana: Walker) -> None:
    make_doubt(tmp_path, at=now)
    with_shield = {**TWIN, "ref": "C1", "pername1": "ZELDA", "dob_year": "2012", "enumcap": "9 SECRET WAY"}
    load_rows(tmp_path, [AMY, TWIN, with_shield], at=now)
    page = dana.get("/matches/next/")
    assert "SECRET WAY" not in page
