"""An adopted child, of whom suppliers go on sending what they had: nothing of it is ever open again (SHI-7).

The same updates as of a shielded child (`test_unshielded_copies`), after she was given a new identity.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connections

from contactpoint.access.roles import Role
from contactpoint.casework.identity.carrying_out import tend
from contactpoint.casework.identity.giving import give_identity
from contactpoint.casework.identity.records import NewIdentity
from contactpoint.codes.child_number import encode
from contactpoint.directory.values import Address, SuppliedValues
from tests.factories import make_viewer
from tests.feeds import DATABASES, US, ask, load_rows
from tests.protection.test_unshielded_copies import AWAY, BENEFIT, CENSUS, LOCAL, NHS, OTHER, UPDATES

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
LATER = timedelta(days=4)
FRESH = SuppliedValues(
    given_names="Katherine",
    family_name="Lindgren",
    birth_date="2016-05-24",
    gender="F",
    addresses=(Address(lines=("7 Quay Road",), town="Newcastle", postcode="NE1 4ST"),),
)
NEW_CENSUS = {
    **CENSUS, "Surname": "Lindgren", "Address1": "7 Quay Road", "Town": "Newcastle", "Postcode": "NE1 4ST",
}  # fmt: skip
GIVEN = [
    f"{first}{last}"
    for first in ("Ol", "Mar", "Jun", "Ter", "Bram", "Eli", "Sor", "Dag")
    for last in ("a", "o", "is", "en", "ulf")
]
FAMILY = [
    f"{first}{last}"
    for first in ("Ash", "Birk", "Crow", "Dun", "Elm", "Fen")
    for last in ("ford", "by", "well", "ton", "more")
]
# What tells both at once.
MIXED = [
    ("the new name with the former surname beside it", "school_census", {**NEW_CENSUS, "FormerSurname": "Hargreaves"}),
    ("both surnames in one", "school_census", {**NEW_CENSUS, "Surname": "Hargreaves-Lindgren"}),
    ("both surnames in one, the other way round", "school_census", {**NEW_CENSUS, "Surname": "Lindgren Hargreaves"}),
    ("the new name with the former number", "local_services",
     {**LOCAL, "LastName": "Lindgren", "AddressLine1": "7 Quay Road", "Postcode": "NE1 4ST"}),
    ("the former name at the new address", "school_census", {**NEW_CENSUS, "Surname": "Hargreaves"}),
]  # fmt: skip
# What is about the new identity alone.
NEW = [
    ("by the census", "school_census", NEW_CENSUS),
    ("under the reference that the former one had", "child_benefit",
     {**BENEFIT, "CHILD_SURNAME": "LINDGREN", "ADDR_LINE_1": "7 QUAY ROAD", "POST_TOWN": "NEWCASTLE", "POSTCODE": "NE1 4ST"}),
    ("with a slip", "school_census", {**NEW_CENSUS, "Surname": "Lindgreen"}),
    ("without an address", "child_benefit",
     {**BENEFIT, "CHILD_SURNAME": "LINDGREN", "ADDR_LINE_1": "", "POST_TOWN": "", "POSTCODE": ""}),
]  # fmt: skip


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def fresh(tmp_path: Path, now: datetime) -> int:
    """She was known to two suppliers, and has had another name for some days."""
    load_rows(tmp_path, [NHS], at=now, supplier="nhs_demographics")
    load_rows(tmp_path, [BENEFIT], at=now, supplier="child_benefit")
    ((former,),) = ask("SELECT id FROM directory_child")
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE directory_child SET authority = '330'")
    officer = make_viewer(at=now, name="Sol Hughes", roles=[Role.SHIELDING_OFFICER])
    identity = NewIdentity(replace(FRESH), is_shielded=False)
    give_identity(by=officer, child=encode(former), identity=identity, ground="adoption", at=now)
    tend(by=US, at=now)
    tend(by=US, at=now + LATER)
    ((number,),) = ask("SELECT id FROM directory_child WHERE birth_date <> ''")
    return int(number)


def insist_sealed(fresh: int, *, rows: int) -> None:
    """One record that anybody can find, and nothing of the former identity beside it, open or hidden."""
    ((shown, name),) = ask("SELECT id, upper(family_name) FROM directory_child WHERE birth_date <> ''")
    assert (shown, name) in [(fresh, "LINDGREN"), (fresh, "LINDGREEN")]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(rows,)]
    for table in ("directory_suppliedrow", "hidden.supplied_row", "hidden.waiting_row", "directory_name"):
        said = " ".join(text for (text,) in ask(f"SELECT lower(t::text) FROM {table} t"))
        assert not [word for word in ("hargreaves", "whitcombe", "9434765919") if word in said], table


@pytest.mark.parametrize(("case", "supplier", "row"), UPDATES, ids=[case for case, _, _ in UPDATES])
def test_an_update_of_the_former_identity_never_comes_out(
    tmp_path: Path, now: datetime, fresh: int, case: str, supplier: str, row: dict[str, str]
) -> None:
    report = load_rows(tmp_path, [row], at=now + 2 * LATER, supplier=supplier)
    assert (report.received, report.refused) == (1, 0)
    insist_sealed(fresh, rows=1)
    kept = ask(
        "SELECT (SELECT count(*) FROM hidden.sealed_arrival) + (SELECT count(*) FROM hidden.sealed_question)"
    )
    assert kept == [(1,)], case


@pytest.mark.parametrize(("case", "supplier", "row"), MIXED, ids=[case for case, _, _ in MIXED])
def test_what_tells_both_waits_for_the_custodian(
    tmp_path: Path, now: datetime, fresh: int, case: str, supplier: str, row: dict[str, str]
) -> None:
    load_rows(tmp_path, [row], at=now + 2 * LATER, supplier=supplier)
    insist_sealed(fresh, rows=1)
    held = ask("SELECT count(*) FROM hidden.sealed_question")
    joined = ask("SELECT count(*) FROM hidden.sealed_arrival")
    assert (held[0][0] + joined[0][0], case) == (1, case)


@pytest.mark.parametrize(("case", "supplier", "row"), NEW, ids=[case for case, _, _ in NEW])
def test_an_update_of_the_new_identity_never_meets_the_former_one(
    tmp_path: Path, now: datetime, fresh: int, case: str, supplier: str, row: dict[str, str]
) -> None:
    load_rows(tmp_path, [row], at=now + 2 * LATER, supplier=supplier)
    waiting = ask("SELECT count(*) FROM hidden.waiting_row")[0][0]  # an ordinary question, of open records
    insist_sealed(fresh, rows=2 - waiting)
    assert ask("SELECT count(*) FROM hidden.sealed_question") == [(0,)], case
    assert ask("SELECT count(*) FROM hidden.sealed_arrival") == [(0,)], case


def test_the_feed_says_the_same_figures_as_of_an_ordinary_child(
    tmp_path: Path, now: datetime, fresh: int
) -> None:
    """SHI-3: joining the sealed side counts as joining a record."""
    first = load_rows(tmp_path, [CENSUS, OTHER], at=now + 2 * LATER, supplier="school_census")
    assert (first.received, first.unchanged, first.made, first.linked) == (2, 0, 1, 1)
    again = load_rows(tmp_path, [CENSUS, OTHER], at=now + 3 * LATER, supplier="school_census")
    assert (again.received, again.made) == (2, 0)
    assert ask("SELECT count(*) FROM hidden.sealed_arrival") == [(1,)]


def test_a_large_file_goes_by_the_same_rules(tmp_path: Path, now: datetime, fresh: int) -> None:
    """Compared by the engine: the former identity's row among 1,200 others, and the new one's."""
    others = [
        {
            **CENSUS, "PupilRef": f"T{number}", "Forename": f"{GIVEN[number % 40]}", "Postcode": f"LS{number % 9 + 1} 2AB",
            "Surname": f"{FAMILY[number // 40]}", "DOB": f"{number % 28 + 1:02}/{number % 12 + 1:02}/{2010 + number % 9}",
            "Address1": f"{number} Long Lane", "Town": "Leeds",
        }
        for number in range(1200)
    ]  # fmt: skip
    rows = [*others[:600], {**CENSUS, **AWAY}, *others[600:], {**NEW_CENSUS, "PupilRef": "S77"}]
    load_rows(tmp_path, rows, at=now + 2 * LATER, supplier="school_census")
    kept = ask(
        "SELECT (SELECT count(*) FROM hidden.sealed_arrival) + (SELECT count(*) FROM hidden.sealed_question)"
    )
    assert kept == [(1,)]
    assert ask("SELECT child_id FROM directory_suppliedrow WHERE reference = 'S77'") == [(fresh,)]
    for table in ("directory_suppliedrow", "hidden.supplied_row", "hidden.waiting_row"):
        said = " ".join(text for (text,) in ask(f"SELECT lower(t::text) FROM {table} t"))
        assert "hargreaves" not in said, table
