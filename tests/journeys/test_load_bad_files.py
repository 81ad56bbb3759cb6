"""Files that are of no use: each is refused with a sentence and logged, and what was held stays held."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import LazySettings

from contactpoint.errors import Invalid
from contactpoint.intake.profiles import get_profile
from contactpoint.intake.receipts import get_receipts
from tests.feeds import AMY, DATABASES, NHS, ask, contents, load, load_rows, write_file

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
LATER = timedelta(days=1)
COLUMNS = list(get_profile(name="nhs_demographics").columns)
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


def workbook(path: Path, rows: list[list[str]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def bomb(path: Path) -> None:
    workbook(path, [COLUMNS])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/x", b" " * (64 << 20))


def parquet(path: Path, **changes: object) -> None:
    pq.write_table(pa.table({name: changes.get(name, ["x"]) for name in COLUMNS}), path)


def cut(path: Path) -> None:
    parquet(path)
    path.write_bytes(path.read_bytes()[:-20])


def text(content: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(content)


def octets(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


HEADER = ",".join(COLUMNS) + "\n"
PUPIL = "<CTfile><CTFpupilData><Pupil><UPN>&b;</UPN></Pupil></CTFpupilData></CTfile>"
SLOTS = json.dumps({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Slot"}}]})
LOCKED = b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le")
NHSD, FHIR, CTF = "nhs_demographics", "fhir_patient", "common_transfer_file"
BAD = {
    "empty": (octets(b""), NHSD, "is empty"),
    "binary": (octets(bytes(range(256)) * 9), NHSD, "is binary"),
    "a picture": (octets(b"\x89PNG\r\n" * 9), NHSD, "is a picture"),
    "wrong encoding": (octets(f"{HEADER}Zoë\n".encode("cp1252")), NHSD, "Line 2 is not UTF-8"),
    "columns of another system": (text("a,b\n1,2\n"), NHSD, "lacks the columns"),
    "only a header": (text(HEADER), NHSD, "header and no rows"),
    "a workbook with a password": (octets(LOCKED), NHSD, "protected by a password"),
    "a zip bomb": (bomb, NHSD, "as a zip bomb does"),
    "a workbook without the columns": (
        lambda path: workbook(path, [["a"], ["b"]]),
        NHSD,
        "lacks the columns",
    ),
    "a cut-off Parquet file": (cut, NHSD, "Parquet file is cut off"),
    "lists in a Parquet file": (lambda path: parquet(path, TOWN=[["a"]]), NHSD, "hold lists"),
    "JSON that ends in the middle": (text(SLOTS[:-9]), FHIR, "cut off"),
    "a Bundle of other things": (text(SLOTS), FHIR, "no FHIR Patient"),
    "text where FHIR should be": (text("id,name\n1,A\n"), FHIR, "expects FHIR in JSON"),
    "billion laughs": (text(LAUGHS + PUPIL), CTF, "billion laughs"),
    "XML that ends in the middle": (text(PUPIL.replace("&b;", "")[:-20]), CTF, "cut off"),
    "XML of another kind": (text("<Invoice/>"), CTF, "no element"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_file_that_is_of_no_use_is_refused_and_nothing_is_lost(
    bad: str, tmp_path: Path, now: datetime
) -> None:
    make, supplier, told = BAD[bad]
    load_rows(tmp_path, [AMY], at=now)
    load_rows(tmp_path, [NHS], at=now, supplier="nhs_demographics")
    before = contents()
    path = tmp_path / "file.dat"
    make(path)
    with pytest.raises(Invalid, match=told) as refusal:
        load(path, at=now + LATER, supplier=supplier)
    assert "Nothing was" in str(refusal.value)
    assert contents() == before
    assert ask("SELECT state, refused_why FROM intake_load ORDER BY id DESC LIMIT 1") == [
        ("refused", str(refusal.value))
    ]
    assert ask("SELECT kind, refused FROM audit_event ORDER BY id DESC LIMIT 1") == [("feed-refused", True)]
    assert list((tmp_path / "data" / "scratch").iterdir()) == []
    # The next file, a good one, is taken as if nothing had been.
    again = load_rows(tmp_path, [{**NHS, "TOWN": "Salford"}], at=now + 2 * LATER, supplier="nhs_demographics")
    assert (again.received, again.replaced) == (1, 1)


def test_columns_in_another_order_change_nothing_and_values_in_the_wrong_ones_are_told(
    tmp_path: Path, now: datetime
) -> None:
    first = write_file(tmp_path / "a.csv", [NHS], supplier="nhs_demographics")
    load(first, at=now, supplier="nhs_demographics")
    lines = [line.split(",") for line in first.read_text().splitlines()]
    turned = tmp_path / "b.csv"
    turned.write_text("".join(",".join(reversed(cells)) + "\n" for cells in lines))
    assert load(turned, at=now + LATER, supplier="nhs_demographics").unchanged == 1

    swapped = {
        **NHS,
        "BIRTH_DATE": NHS["POSTCODE"],
        "POSTCODE": NHS["BIRTH_DATE"],
        "GENDER": NHS["NHS_NUMBER"],
    }
    swapped |= {"NHS_NUMBER": NHS["GENDER"], "RECORD_ID": "N2"}
    report = load_rows(tmp_path, [swapped], at=now + 2 * LATER, supplier="nhs_demographics")
    assert report.received == 1
    told = get_receipts(load_id=report.load_id).read_text()
    for column in ("BIRTH_DATE", "POSTCODE", "GENDER", "NHS_NUMBER"):
        assert f"{column}: is " in told
    assert "M19" not in told


def test_a_new_code_is_left_out_told_and_costs_nothing_else(tmp_path: Path, now: datetime) -> None:
    """The sender reads which column and what became of it, and never the value."""
    load_rows(tmp_path, [NHS], at=now, supplier="nhs_demographics")
    new = {**NHS, "GENDER": "Q7", "ADDRESS_1": "9 New Road"}
    report = load_rows(tmp_path, [new], at=now + LATER, supplier="nhs_demographics")
    assert (report.received, report.refused, report.replaced) == (1, 0, 1)
    assert report.problems == (("GENDER: is not a known code; it was left out", 1),)
    told = get_receipts(load_id=report.load_id).read_text()
    assert "GENDER: is not a known code; it was left out" in told
    assert "Q7" not in told
    ((gender, line),) = ask(
        "SELECT content ->> 'gender', content #>> '{addresses,0,lines,0}' FROM directory_suppliedrow"
    )
    assert (gender or "", line) == ("", "9 New Road")


@pytest.mark.long
def test_a_line_of_2_gb_refuses_its_row_alone_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n" + b"1,2\n" * 20_000)
        file.seek(2 << 30, 1)  # a hole: no space on the disk
        file.write(b"\n3,4\n")
    steps = (
        "import resource, sys; from pathlib import Path;"
        " from contactpoint.intake.readers.csv import open_csv;"
        "chunks = list(open_csv(path=Path(sys.argv[1]), wanted=['a', 'b'], delimiter=',',"
        " encoding='auto').chunks(100_000));"
        "print(sum(c.frame.height for c in chunks), [(b.row, b.problem) for c in chunks for b in c.broken],"
        " resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 300_000)"
    )
    command = [sys.executable, "-c", steps, str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said == "20001 [(20002, 'too-long')] True\n"


def test_the_same_children_in_a_workbook_and_in_parquet_say_nothing_new(
    tmp_path: Path, now: datetime
) -> None:
    rows = [
        NHS,
        {**NHS, "RECORD_ID": "N2", "GIVEN_NAMES": "Zachary", "BIRTH_DATE": "2012-01-09", "NHS_NUMBER": ""},
    ]
    load_rows(tmp_path, rows, at=now, supplier="nhs_demographics")
    said = [[row.get(name, "") for name in COLUMNS] for row in rows]
    path = workbook(tmp_path / "children.xlsx", [COLUMNS, *said])
    assert load(path, at=now + LATER, supplier="nhs_demographics").unchanged == 2
    pq.write_table(
        pa.table(dict(zip(COLUMNS, map(list, zip(*said, strict=True)), strict=True))), tmp_path / "c"
    )
    assert load(tmp_path / "c", at=now + LATER, supplier="nhs_demographics").unchanged == 2
