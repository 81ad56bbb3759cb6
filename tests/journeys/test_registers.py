"""Schools and practices from the public registers, and what a record and a receipt make of their codes."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.conf import LazySettings

from contactpoint.access.models import Organisation
from contactpoint.directory.opening import open_record
from contactpoint.directory.records import Purpose, SearchQuery
from contactpoint.directory.searching import search_children
from contactpoint.intake.models import PlaceCode
from contactpoint.intake.readers.table import UnreadableFile, WrongColumns
from contactpoint.intake.receipts import get_receipts
from contactpoint.intake.registers import UnusableRegister, load_gias, load_ods
from contactpoint.jobs.commands import reference
from contactpoint.synthetic.england import make_england
from contactpoint.synthetic.published import write_sample
from tests.factories import make_viewer
from tests.feeds import DATABASES, NHS, US, ask, load_rows, open_everywhere

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
HEADER = (
    "URN,LA (code),EstablishmentNumber,EstablishmentName,EstablishmentStatus (code),CloseDate,UKPRN,Street,"
    "Locality,Address3,Town,Postcode,TelephoneNum,HeadLastName"
)
SCHOOLS = [
    "100001,330,4001,St Mary’s School,1,,10012345,1 High St,,,Leeds,LS1 1AA,0113 496 0000,CANARY",
    "100000,330,4001,St Mary's School,2,31-08-2019,10012344,1 High St,,,Leeds,LS1 1AA,0113 496 0009,CANARY",
    "99999,201,3614,Aldgate School,3,,,,,,,,,CANARY",
    '100003,681,2000,"Welsh, school",1,,,,,,Cardiff,CF10 1AA,,CANARY',
]
CHILD = {
    "PupilRef": "S1",
    "Surname": "Hargreaves",
    "Forename": "Amy",
    "DOB": "24/05/2016",
    "Postcode": "M19 2EQ",
}


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


def gias(folder: Path, *schools: str, header: str = HEADER) -> Path:
    path = folder / "edubasealldata.csv"
    path.write_bytes("\r\n".join([header, *schools, ""]).encode("cp1252"))
    return path


def ods(folder: Path, *changes: dict[int, str]) -> Path:
    text = io.StringIO()
    for change in changes:
        cells = [
            "A81001",
            "THE DENSHAM SURGERY",
            "Y63",
            "QHM",
            "THE HEALTH CENTRE",
            "LAWSON STREET",
            "STOCKTON",
        ]
        cells += ["", "", "TS18 1HU", "19740401", "", "ACTIVE", "RO76", "16C", "20130401", "", "01642 672351"]
        cells += ["", "", "", "0", "", "16C", "", "4", ""]
        for at, cell in change.items():
            cells[at] = cell
        csv.writer(text, quoting=csv.QUOTE_ALL).writerow(cells)
    path = folder / "epraccur.csv"
    path.write_text(text.getvalue())
    return path


def test_schools_are_entered_as_published(tmp_path: Path, now: datetime) -> None:
    done = load_gias(path=gias(tmp_path, *SCHOOLS), by=US, at=now)
    assert (done.places, done.closed, done.other_codes) == (4, 1, 5)
    school = Organisation.objects.get(code="100001")
    assert (school.name, school.telephone, school.authority) == ("St Mary’s School", "0113 496 0000", "330")
    assert school.address == "1 High St, Leeds, LS1 1AA"
    closed = Organisation.objects.get(code="100000")
    assert (closed.name, closed.telephone) == ("St Mary's School (closed)", "")
    assert Organisation.objects.get(code="100003").authority is None
    codes = dict(PlaceCode.objects.values_list("code", "organisation_code"))
    assert codes["3304001"] == "100001"  # the school that took the other's place
    assert (codes["10012344"], codes["2013614"]) == ("100000", "99999")
    assert "CANARY" not in str(list(Organisation.objects.values()))


def test_a_refreshed_register_keeps_what_it_does_not_speak_for(tmp_path: Path, now: datetime) -> None:
    load_gias(path=gias(tmp_path, SCHOOLS[0]), by=US, at=now)
    Organisation.objects.filter(code="100001").update(secure_email="office@example.org", out_of_hours="07")
    renamed = SCHOOLS[0].replace("St Mary’s", "St Mark's")
    load_gias(path=gias(tmp_path, renamed), by=US, at=now)
    school = Organisation.objects.get()
    assert (school.name, school.secure_email, school.out_of_hours) == (
        "St Mark's School",
        "office@example.org",
        "07",
    )
    assert ask("SELECT count(*) FROM audit_event WHERE kind = 'organisation-registered'") == [(2,)]


def test_practices_are_entered_without_a_header(tmp_path: Path, now: datetime) -> None:
    path = ods(tmp_path, {}, {0: "A81002", 12: "INACTIVE"}, {0: "A81003", 9: "M1 1AE"})
    assert load_ods(path=path, by=US, at=now).closed == 1
    practice = Organisation.objects.get(code="A81001")
    assert (practice.name, practice.telephone) == ("THE DENSHAM SURGERY", "01642 672351")
    assert practice.address == "THE HEALTH CENTRE, LAWSON STREET, STOCKTON, TS18 1HU"
    assert Organisation.objects.get(code="A81003").authority == "352"


@pytest.mark.parametrize(
    ("content", "error", "told"),
    [
        (b"", UnreadableFile, "empty"),
        (b"PK\x03\x04", UnreadableFile, "zip file"),
        (b"URN,Name\r\n1,A\r\n", WrongColumns, "lacks the columns"),
        (f"{HEADER}\r\n".encode(), UnusableRegister, "names no place"),
        (
            f"{HEADER}\r\n{SCHOOLS[0].replace('100001', 'x')}\r\n".encode("cp1252"),
            UnusableRegister,
            "Line 2 has no URN",
        ),
        (f"{HEADER}\r\n{SCHOOLS[2]}\r\n1,2\r\n".encode(), UnusableRegister, "Line 3 cannot be read"),
    ],
)
def test_a_spoilt_register_of_schools_changes_nothing(
    tmp_path: Path, now: datetime, content: bytes, error: type[Exception], told: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(error, match=told):
        load_gias(path=path, by=US, at=now)
    assert not Organisation.objects.exists()


@pytest.mark.parametrize(
    ("change", "told"), [({0: ""}, "Line 2 has no ODS code"), ({1: ""}, "Line 2 has no ODS")]
)
def test_a_spoilt_register_of_practices_changes_nothing(
    tmp_path: Path, now: datetime, change: dict[int, str], told: str
) -> None:
    with pytest.raises(UnusableRegister, match=told):
        load_ods(path=ods(tmp_path, {}, change), by=US, at=now)
    (tmp_path / "short.csv").write_text("A81001,NAME\n")
    with pytest.raises(UnusableRegister, match="Line 1 has 2 columns"):
        load_ods(path=tmp_path / "short.csv", by=US, at=now)
    assert not Organisation.objects.exists()


@pytest.mark.parametrize("written", ["100001", "3304001", "330/4001", "330 4001", "10012345"])
def test_a_school_is_shown_whichever_of_its_codes_a_supplier_writes(
    tmp_path: Path, now: datetime, written: str
) -> None:
    open_everywhere(at=now)
    load_gias(path=gias(tmp_path, *SCHOOLS), by=US, at=now)
    report = load_rows(tmp_path, [{**CHILD, "URN": written}], at=now, supplier="school_census")
    assert report.problems == ()
    viewer, later = make_viewer(at=now), now + timedelta(days=1)
    query = SearchQuery(family_name="Hargreaves", birth_date="2016-05-24")
    (found,) = search_children(viewer=viewer, query=query, at=later).found
    record = open_record(
        viewer=viewer, child=found.number, purpose=Purpose.ASSESSMENT, reference="", at=later
    )
    (school,) = record.schools
    assert (school.contact.name, school.contact.telephone) == ("St Mary’s School", "0113 496 0000")


def test_a_code_in_no_register_is_told_in_the_senders_words_and_kept(tmp_path: Path, now: datetime) -> None:
    load_gias(path=gias(tmp_path, *SCHOOLS), by=US, at=now)
    rows = [{**CHILD, "URN": "123456"}, {**CHILD, "PupilRef": "S2", "Forename": "Zachary", "URN": "100001"}]
    report = load_rows(tmp_path, rows, at=now, supplier="school_census")
    assert (report.received, report.refused) == (2, 0)
    receipts = list(csv.DictReader(get_receipts(load_id=report.load_id).open()))
    assert receipts[0]["problems"].startswith("URN: is in no register of schools that is loaded")
    assert receipts[1]["problems"] == ""
    assert "123456" not in receipts[0]["problems"]
    assert ask("SELECT content->'school'->>'code' FROM directory_suppliedrow WHERE reference = 'S1'") == [
        ("123456",)
    ]
    told = load_rows(tmp_path, [{**NHS, "GP_PRACTICE": "Z9"}], at=now, supplier="nhs_demographics")
    assert "GP_PRACTICE: is in no register of practices" in get_receipts(load_id=told.load_id).read_text()


def test_the_command_takes_the_registers_of_the_made_up_england(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def is_up() -> Iterator[None]:
        yield

    monkeypatch.setattr(reference, "database", is_up)
    make_england(children=20, seed=3, out=tmp_path / "england")
    counts = {}
    for which, name in (("gias", "edubasealldata.csv"), ("ods", "epraccur.csv")):
        path = write_sample(name=name, england=tmp_path / "england", out=tmp_path / name)
        said = CliRunner().invoke(reference.command, ["load", which, str(path)], catch_exceptions=False)
        assert (said.exit_code, "places are registered" in said.output) == (0, True)
        counts[which] = Organisation.objects.count()
    assert counts["ods"] > counts["gias"] > 100
    said = CliRunner().invoke(
        reference.command, ["load", "folder", str(tmp_path / "england")], catch_exceptions=False
    )
    assert "organisations are registered" in said.output
    assert Organisation.objects.get(code="900000").secure_email
