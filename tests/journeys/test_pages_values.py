"""Where values came from, and asking a supplier to look at one of its own (REC-5, SUP-6)."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections, transaction

from contactpoint.access.roles import Role, Sector
from contactpoint.codes.child_number import decode
from contactpoint.directory.publish import SensitivePart
from contactpoint.directory.publish.shielding import shield_child
from contactpoint.directory.values import Address
from tests.children import AMINA, DATABASES, make_child
from tests.factories import make_organisation
from tests.feeds import AMY, NHS, ask, load_rows, open_everywhere
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import Walker

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
AMY_TYPED = {
    "given_name": "Amy", "family_name": "Hargreaves", "birth_date-day": "24", "birth_date-month": "5",
    "birth_date-year": "2016",
}  # fmt: skip


@pytest.fixture
def dana(now: datetime, walk: MakeWalker) -> Walker:
    home = make_organisation(at=now, code="T", name="Team", sector=Sector.AUTHORITY, authority="352")
    return walk(name="Dana Kowalska", organisation=home, roles=[Role.DATA_MANAGER])


def load_twice(folder: Path, now: datetime) -> None:
    """Two suppliers know Amy; one of them has sent another address since."""
    open_everywhere(at=now)
    load_rows(folder, [NHS], at=now - timedelta(days=60), supplier="nhs_demographics")
    load_rows(folder, [AMY], at=now - timedelta(days=50))
    load_rows(folder, [{**AMY, "enumcap": "3 MILL LANE"}], at=now - timedelta(days=1))


def test_the_history_says_who_said_what_and_when(tmp_path: Path, now: datetime, dana: Walker) -> None:
    load_twice(tmp_path, now)
    token, record = dana.open(**AMY_TYPED)
    assert f"/record/{token}/history/" in record
    page = dana.get(f"/record/{token}/history/")
    assert "3 MILL LANE" in page
    assert "<del>1 YORK ROAD" in page
    assert "replaced 4 October 2026" in page
    assert "joined by the model" in page
    assert "the record was made from it" in page
    assert dana.kinds()[-1] == "hidden-opened"
    assert dana.log()[-1].facts["shown"] == "history"


def test_what_is_hidden_is_not_in_the_history(now: datetime, dana: Walker) -> None:
    open_everywhere(at=now)
    here = replace(AMINA, addresses=(Address(lines=("1 York Road",), postcode="M19 2EQ"),))
    child = make_child(here, at=now)
    part = SensitivePart("camhs", "TEAM-NINE", "significant-harm")
    elsewhere = replace(here, addresses=(Address(lines=("7 Secret Way",), postcode="M19 2ER"),))
    make_child(elsewhere, at=now, supplier="camhs", child_id=decode(child), sensitive=part)
    token, _ = dana.open()
    page = dana.get(f"/record/{token}/history/")
    assert "1 York Road" in page
    for hidden in ("Secret", "camhs", "Camhs", "TEAM-NINE"):
        assert hidden not in page
    with transaction.atomic(using="match"), connections["match"].cursor() as cursor:
        shield_child(
            cursor, child=decode(child) or 0, ground="refuge", requested_by="test", provisional=True,
            applied_by=None, at=now, review_on=now.date() + timedelta(days=90),
        )  # fmt: skip
    assert dana.status(f"/record/{token}/history/") == 404
    assert dana.status(f"/record/{token}/wrong/") == 404
    assert dana.kinds()[-2:] == ["hidden-opened refused", "record-history-read refused"]


def test_a_practitioner_calls_a_value_wrong_and_the_supplier_corrects_it(
    tmp_path: Path, now: datetime, dana: Walker, walk: MakeWalker
) -> None:
    load_twice(tmp_path, now)
    sam = walk(name="Sam Okafor")
    token, _ = sam.open(**AMY_TYPED)
    ((row,),) = ask("SELECT id FROM directory_suppliedrow WHERE supplier_id = 'ess-list-a'")
    assert f"{row}-addresses" in sam.get(f"/record/{token}/wrong/")
    assert sam.post(f"/record/{token}/wrong/", {})[0] == 400
    assert sam.post(f"/record/{token}/wrong/", {"value": f"{row}-nhs"})[0] == 400
    for _ in range(2):
        status, page = sam.post(f"/record/{token}/wrong/", {"value": f"{row}-addresses"})
        assert status == 200
        assert "is asked to look at it" in page
    assert "1 asked, 0 made" in dana.get("/corrections/")
    assert "3 MILL LANE" in dana.get("/corrections/?supplier=ess-list-a")
    lines = dana.get("/corrections/list.csv?supplier=ess-list-a").splitlines()
    assert lines[0] == "your_reference,field,your_value,asked_on,state,made_on"
    assert lines[1] == 'A1,Address,"3 MILL LANE, M19 2EQ",2026-10-05,asked,'
    assert "York" not in "".join(lines)  # the other supplier's address
    load_rows(tmp_path, [AMY], at=now)
    assert "1 asked, 1 made" in dana.get("/corrections/")
    assert dana.get("/corrections/list.csv?supplier=ess-list-a").splitlines()[1].endswith("made,2026-10-05")
    assert "correction-asked" in sam.kinds()


def test_data_quality_counts_what_was_asked_and_made_by_month(
    tmp_path: Path, now: datetime, dana: Walker, walk: MakeWalker
) -> None:
    """For everybody who reads data quality; of their own authority, and of nobody who is hidden."""
    load_twice(tmp_path, now)
    assert "None asked in twelve months" in dana.get("/feeds/quality/")
    token, _ = dana.open(**AMY_TYPED)
    rows = ask("SELECT id, child_id FROM directory_suppliedrow WHERE supplier_id = 'ess-list-a'")
    ((row, child),) = rows
    for field in ("addresses", "gender"):
        dana.post(f"/record/{token}/wrong/", {"value": f"{row}-{field}"})
    assert "Corrections by month. 2026-10: 2 asked, 0 made." in dana.get("/feeds/quality/")
    load_rows(tmp_path, [AMY], at=now)
    page = dana.get("/feeds/quality/")
    assert "Corrections by month. 2026-10: 2 asked, 1 made." in page
    assert "MILL LANE" not in page
    bo = walk(name="Bo Other", roles=[Role.DATA_MANAGER])
    assert "Corrections by month" not in bo.get("/feeds/quality/")
    with transaction.atomic(using="match"), connections["match"].cursor() as cursor:
        shield_child(
            cursor, child=child, ground="refuge", requested_by="test", provisional=True,
            applied_by=None, at=now, review_on=now.date() + timedelta(days=90),
        )  # fmt: skip
    assert "Corrections by month" not in dana.get("/feeds/quality/")
    charlie = walk(name="Charlie Stone")
    assert charlie.status("/feeds/quality/") == 403


def test_no_supplier_gets_anothers_lines(tmp_path: Path, now: datetime, dana: Walker) -> None:
    load_twice(tmp_path, now)
    token, _ = dana.open(**AMY_TYPED)
    for (row,) in ask("SELECT id FROM directory_suppliedrow"):
        dana.post(f"/record/{token}/wrong/", {"value": f"{row}-addresses"})
    listed = {
        supplier: dana.get(f"/corrections/list.csv?supplier={supplier}")
        for supplier in ("ess-list-a", "nhs_demographics", "", "camhs")
    }
    assert "MILL LANE" in listed["ess-list-a"]
    assert "York Road" not in listed["ess-list-a"]
    assert "York Road" in listed["nhs_demographics"]
    assert "MILL LANE" not in listed["nhs_demographics"]
    assert len(listed[""].splitlines()) == len(listed["camhs"].splitlines()) == 1


def test_a_cell_that_a_spreadsheet_would_carry_out_is_plain_text(now: datetime, dana: Walker) -> None:
    open_everywhere(at=now)
    risky = replace(AMINA, family_name="=HYPERLINK(1)", addresses=(Address(postcode="M19 2EQ"),))
    child = make_child(risky, at=now)
    make_child(replace(AMINA, addresses=()), at=now, supplier="pds", child_id=decode(child), supplied_at=now)
    token, _ = dana.open()
    ((row,),) = ask("SELECT id FROM directory_suppliedrow WHERE supplier_id = 'school_census'")
    assert dana.post(f"/record/{token}/wrong/", {"value": f"{row}-family_name"})[0] == 200
    assert ",'=HYPERLINK(1)," in dana.get("/corrections/list.csv?supplier=school_census")


def test_history_and_lists_are_not_for_practitioners(tmp_path: Path, now: datetime, walk: MakeWalker) -> None:
    load_twice(tmp_path, now)
    charlie = walk(name="Charlie Stone")
    token, record = charlie.open(**AMY_TYPED)
    assert f"/record/{token}/history/" not in record
    before = len(charlie.kinds())
    for address in (
        f"/record/{token}/history/",
        "/corrections/",
        "/corrections/list.csv?supplier=ess-list-a",
    ):
        assert charlie.status(address) == 403, address
    assert charlie.kinds()[before:] == ["hidden-opened refused"] * 3
    other = walk(name="Bo Other", roles=[Role.DATA_MANAGER])
    theirs, _ = other.open(**AMY_TYPED)
    assert other.status(f"/record/{theirs}/history/") == 404
