"""A data manager decides doubtful matches page by page; Charlie, a practitioner, does not."""

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from contactpoint.access.models import Account
from contactpoint.access.roles import Role, Sector
from contactpoint.casework.review.moving import carry_out_change
from contactpoint.codes.child_number import decode, format_child_number
from tests.children import AMINA, DATABASES, make_child
from tests.factories import make_organisation
from tests.feeds import AMY, ask, load_rows
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import Walker
from tests.reviews import TWIN, WORKER, make_across, make_doubt, make_manager, work

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
BORN = {"birth_date-day": "24", "birth_date-month": "5", "birth_date-year": "2016", "family_name": "Khan"}
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
    assert ("contactpoint.casework.tasks.carry_out_match", f'{{"decision": {decision}}}') in jobs
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
        "TeamCode": "TEAM-NINE",
        "ReferralStart": "20260101",
        "ConsentBasis": "HARM",
    }
    load_rows(tmp_path, [row], at=now, supplier="camhs")
    ((waiting,),) = ask("SELECT id FROM hidden.waiting_row WHERE supplier_id = 'camhs'")
    page = dana.get(f"/matches/{waiting}/")
    assert "A row from health" in page
    for hint in ("camhs", "CAMHS", "mental", "TEAM-NINE", "sensitive"):
        assert hint not in page, hint


def test_nothing_of_a_shielded_child_is_on_any_page(tmp_path: Path, now: datetime, dana: Walker) -> None:
    make_doubt(tmp_path, at=now)
    with_shield = {**TWIN, "ref": "C1", "pername1": "ZELDA", "dob_year": "2012", "enumcap": "9 SECRET WAY"}
    load_rows(tmp_path, [AMY, TWIN, with_shield], at=now)
    page = dana.get("/matches/next/")
    assert "SECRET WAY" not in page


@pytest.fixture
def brum(now: datetime, walk: MakeWalker) -> Walker:
    return walk(name="Dana Kowalska", roles=[Role.DATA_MANAGER])


def carry_out(now: datetime) -> None:
    for (change,) in ask("SELECT id FROM hidden.record_change WHERE done_at IS NULL AND given @> needs"):
        carry_out_change(change=change, by=WORKER, at=now)


def test_joining_two_records_and_undoing_it(now: datetime, brum: Walker, walk: MakeWalker) -> None:
    first = make_child(at=now)
    second = make_child(replace(AMINA, given_names="Zainab", nhs="", upn=""), at=now, supplier="pds")
    practitioner = walk(name="Sam Okafor")
    old_token, _ = practitioner.open(given_name="Zainab", **BORN)
    token, record = brum.open(given_name="Amina", **BORN)
    assert f"/record/{token}/join/" in record
    assert brum.post(f"/record/{token}/join/", {"other": "nonsense"})[0] == 400
    status, page = brum.post(f"/record/{token}/join/", {"other": str(second)})
    assert status == 200
    assert "Are these one child?" in page
    assert "Zainab" in page
    assert brum.post(f"/record/{token}/join/", {"other": str(second), "sure": "yes"})[0] == 400
    status, page = brum.post(
        f"/record/{token}/join/", {"other": str(second), "sure": "yes", "known_by": "checked"}
    )
    assert status == 200
    assert "The two records are to be one. It is carried out within a minute." in page
    carry_out(now)
    assert "Zainab" in practitioner.get(f"/record/{old_token}/")
    assert format_child_number(first) in practitioner.get(f"/record/{old_token}/")
    ((change,),) = ask("SELECT id FROM hidden.record_change")
    assert "It is taken back" in brum.post(f"/record-changes/{change}/undo/")[1]
    carry_out(now)
    assert format_child_number(second) in practitioner.get(f"/record/{old_token}/")
    kinds = [kind for kind in brum.kinds() if kind.startswith(("record-change", "change"))]
    assert kinds == ["record-change-proposed", "record-change-proposed"]


def test_parting_a_record(now: datetime, brum: Walker) -> None:
    child = make_child(at=now)
    other = replace(AMINA, given_names="Zelda", birth_date="2012-01-02", nhs="", upn="")
    make_child(other, at=now, supplier="pds", child_id=decode(child))
    token, _ = brum.open(given_name="Amina", **BORN)
    page = brum.get(f"/record/{token}/part/")
    ((row,),) = ask("SELECT id FROM directory_suppliedrow WHERE supplier_id = 'pds'")
    assert f"row-{row}" in page
    assert brum.post(f"/record/{token}/part/", {"known_by": "checked"})[0] == 400
    assert brum.post(f"/record/{token}/part/", {"known_by": "checked", "pieces": "row-x"})[0] == 400
    status, page = brum.post(f"/record/{token}/part/", {"known_by": "checked", "pieces": f"row-{row}"})
    assert status == 200
    assert "becomes a record of its own" in page
    carry_out(now)
    assert "Zelda" in brum.search(
        given_name="Zelda",
        **{**BORN, "birth_date-year": "2012", "birth_date-month": "1", "birth_date-day": "2"},
    )


def test_an_officer_agrees_and_charlie_reaches_nothing(now: datetime, brum: Walker, walk: MakeWalker) -> None:
    first = make_child(at=now)
    second = make_child(replace(AMINA, given_names="Zainab"), at=now, supplier="pds", restricted=True)
    token, _ = brum.open(given_name="Amina", **BORN)
    page = brum.post(f"/record/{token}/join/", {"other": str(second)})[1]
    assert "This record is shielded" in page
    assert "Somebody else is responsible for one of the two" in page
    for hidden in ("Canal Street", "B1 1AA", "Sara Khan", "9434765919"):
        assert hidden not in page
    brum.post(f"/record/{token}/join/", {"other": str(second), "sure": "yes", "known_by": "number"})
    ((change,),) = ask("SELECT id FROM hidden.record_change")
    charlie = walk(name="Charlie Stone")
    assert charlie.post(f"/record-changes/{change}/agree/")[0] == 403
    assert charlie.status("/record-changes/") == 403
    assert charlie.kinds() == ["change-refused refused", "hidden-opened refused"]
    sol = walk(name="Sol Hughes", roles=[Role.SHIELDING_OFFICER])
    assert "Waits for agreement" in sol.get("/record-changes/")
    assert (
        "You have agreed. It is carried out within a minute."
        in sol.post(f"/record-changes/{change}/agree/")[1]
    )
    carry_out(now)
    assert ask("SELECT number_id, child_id FROM directory_redirect") == [(decode(first), decode(second))]
