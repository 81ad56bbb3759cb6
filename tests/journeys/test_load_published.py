"""Files in the shapes that the Department for Education and HL7 publish; nothing forbidden is kept."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree.ElementTree import ElementTree

import polars as pl
import pytest
from defusedxml.ElementTree import fromstring
from django.conf import LazySettings
from django.db import connections

from contactpoint.directory.opening import open_record
from contactpoint.directory.records import Purpose, SearchQuery
from contactpoint.directory.searching import search_children
from contactpoint.intake.profiles import get_profile
from contactpoint.intake.receipts import get_receipts
from contactpoint.synthetic.england import make_england
from contactpoint.synthetic.published import NoSuchSample, write_sample
from tests.factories import make_viewer
from tests.feeds import DATABASES, ask, contents, load, open_everywhere

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
CANARY = "CANARY"
FORMATS = ("common_transfer_file.xml", "school_census_xml.xml", "fhir_patient.json", "fhir_patient.ndjson")
LATER = timedelta(days=1)


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture(scope="module")
def england(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("england")
    make_england(children=60, seed=7, out=folder)
    return folder


def mapped_names(supplier: str) -> set[str]:
    """The plain dotted names that a profile reads, rules and alternatives resolved."""
    columns = get_profile(name=supplier).columns
    paths = {path.strip().removeprefix("/") for column in columns for path in re.split(r" \| ", column)}
    names = {re.sub(r"\[[^\]]*\]", "", path) for path in paths}
    for path in paths:  # what the rules look at is read as well, and kept nowhere
        for before, rules in re.findall(r"([^\[\]]*)((?:\[[^\]]*\])+)", path):
            start = re.sub(r"\[[^\]]*\]", "", path[: path.index(before + rules) + len(before)])
            looked = [*re.findall(r"\[([A-Za-z.]+)!?=", rules), "period.start", "period.end"]
            names |= {f"{start}.{name}" for name in looked}
    return names


def with_canaries(path: Path, supplier: str) -> int:
    """Put a canary into every value that the profile does not map; gives how many."""
    names = mapped_names(supplier)
    if path.suffix == ".xml":
        return _into_xml(path, names)
    text = path.read_text()
    documents = (
        [json.loads(text)] if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]
    )
    count = 0
    for document in documents:
        for patient in (
            [entry["resource"] for entry in document["entry"]] if "entry" in document else [document]
        ):
            count += _into_json(patient, "", names)
    dumped = [json.dumps(each, indent=2 if path.suffix == ".json" else None) for each in documents]
    path.write_text("".join(f"{each}\n" for each in dumped))
    return count


def _into_xml(path: Path, names: set[str]) -> int:
    root = fromstring(path.read_text())
    count = 0
    for pupil in [*root.iter("Pupil"), *root.iter("PupilOnRoll"), *root.iter("PupilNoLongerOnRoll")]:
        for name, leaf in _leaves(pupil, ""):
            if name not in names:
                leaf.text = CANARY
                count += 1
    ElementTree(root).write(path, encoding="utf-8")
    return count


def _leaves(element, prefix: str) -> Iterator[tuple[str, object]]:  # type: ignore[no-untyped-def]
    for child in element:
        if len(child):
            yield from _leaves(child, f"{prefix}{child.tag}.")
        else:
            yield f"{prefix}{child.tag}", child


def _into_json(node: object, prefix: str, names: set[str]) -> int:
    count = 0
    for key, below in list(node.items()) if isinstance(node, dict) else []:
        name = f"{prefix}{key}"
        items = below if isinstance(below, list) else [below]
        if name in names or key in ("resourceType", "system"):
            continue
        if all(isinstance(item, dict) for item in items):
            count += sum(_into_json(item, f"{name}.", names) for item in items)
        else:
            node[key], count = CANARY, count + 1  # type: ignore[index]
    return count


@pytest.mark.parametrize("name", FORMATS)
def test_what_may_never_be_held_reaches_neither_database_nor_scratch_files(
    name: str, england: Path, tmp_path: Path, now: datetime
) -> None:
    supplier = name.partition(".")[0]
    path = write_sample(name=name, england=england, out=tmp_path / name)
    assert with_canaries(path, supplier) > 100
    seen: list[str] = []

    def look(stage: str, done: int, total: int | None) -> None:
        if stage == "Publishing rows":
            for file in (tmp_path / "data" / "scratch").rglob("*"):
                whole = str(pl.read_parquet(file).to_dicts()) if file.suffix == ".parquet" else ""
                seen.append(whole + (file.read_bytes().decode("latin-1") if file.is_file() else ""))

    report = load(path, at=now, supplier=supplier, progress=look)
    assert report.made > 20
    assert any("family_name" in each for each in seen)
    assert not any(CANARY in each for each in seen)
    receipts = "".join(each.read_text() for each in (tmp_path / "data" / "receipts").iterdir())
    assert CANARY not in receipts
    assert CANARY not in str(contents()) + str(everything())
    if path.suffix == ".xml":
        kinds = dict(report.dropped_kinds)
        assert kinds["ethnicity"] >= report.rows
        assert kinds["special educational needs or disability"] >= report.rows


def everything() -> list[object]:
    """Every row of every table, as its owner sees it."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname IN ('public', 'hidden')"
        )
        tables = [table for (table,) in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t")
            rows += cursor.fetchall()
    return rows


@pytest.mark.parametrize("name", FORMATS)
def test_loading_it_again_changes_nothing(name: str, england: Path, tmp_path: Path, now: datetime) -> None:
    path = write_sample(name=name, england=england, out=tmp_path / name, children=20)
    supplier = name.partition(".")[0]
    load(path, at=now, supplier=supplier)
    before = contents()
    again = load(path, at=now + LATER, supplier=supplier)
    assert (again.made, again.replaced) == (0, 0)
    assert contents()["directory_suppliedrow"] == before["directory_suppliedrow"]


PATIENT = {
    "resourceType": "Patient",
    "id": "P1",
    "identifier": [
        {"system": "https://other.example/Id", "value": "9000000009"},
        {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9434765919"},
    ],
    "name": [
        {"use": "old", "family": "Jones", "given": ["Amy"], "period": {"end": "2020-01-01"}},
        {"use": "official", "family": "Hargreaves", "given": ["Amy", "Jane"], "period": {"start": "2020"}},
    ],
    "gender": "female",
    "birthDate": "2016-05",
    "address": [
        {"use": "home", "line": ["9 Old Lane"], "postalCode": "LS1 1AA", "period": {"end": "2021-03-01"}},
        {"use": "home", "line": ["1 York Road"], "city": "Manchester", "postalCode": "M19 2EQ"},
        {"use": "temp", "line": ["2 Hill View"], "period": {"start": "2026-01-01T00:00:00Z"}},
    ],
    "generalPractitioner": [
        {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "a81001"}}
    ],
    "contact": [
        {"relationship": [{"coding": [{"code": "C"}]}], "name": {"family": "Neighbour"}},
        {
            "relationship": [{"coding": [{"code": "X"}, {"code": "MTH"}]}],
            "name": {"family": "Hargreaves", "given": ["Ann"]},
            "telecom": [{"system": "email", "value": "a@example.org"}, {"system": "phone", "value": "0161"}],
        },
    ],
}  # fmt: skip


def bundle(path: Path, *patients: dict[str, object]) -> Path:
    path.write_text(
        json.dumps({"resourceType": "Bundle", "entry": [{"resource": each} for each in patients]})
    )
    return path


def test_a_patient_is_read_by_use_and_period(tmp_path: Path, now: datetime) -> None:
    load(bundle(tmp_path / "a.json", PATIENT), at=now, supplier="fhir_patient")
    ((said,),) = ask("SELECT content FROM directory_suppliedrow")
    said = said if isinstance(said, dict) else json.loads(said)
    assert (said["given_names"], said["family_name"]) == ("Amy Jane", "Hargreaves")
    assert said["former_names"] == [{"given_names": "Amy", "family_name": "Jones"}]
    assert (said["nhs"], said["birth_date"], said["gender"]) == ("9434765919", "2016-05", "F")
    assert [address["lines"] for address in said["addresses"]] == [
        ["1 York Road"],
        ["2 Hill View"],
        ["9 Old Lane"],
    ]
    assert (said["addresses"][1]["valid_from"], said["addresses"][2]["valid_to"]) == (
        "2026-01-01",
        "2021-03-01",
    )
    assert said["practice"] == {"code": "A81001"}
    assert said["carers"] == [
        {
            "name": "Ann Hargreaves",
            "relationship": "mother",
            "telephone": "0161",
            "email": "a@example.org",
        }
    ]


@pytest.mark.parametrize(
    ("labels", "shielded"),
    [
        ([], False),
        ([{"code": "U"}], False),
        ([{"code": "R"}], True),
        ([{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}], True),
        ([{"code": "U"}, {"code": "R"}], True),
        ([{"code": "REDACTED"}], True),
    ],
)
def test_a_restricted_marker_shields_the_child_at_once(
    tmp_path: Path, now: datetime, labels: list[dict[str, str]], shielded: bool
) -> None:
    open_everywhere(at=now)
    load(
        bundle(tmp_path / "a.json", {**PATIENT, "meta": {"security": labels}}),
        at=now,
        supplier="fhir_patient",
    )
    assert len(ask("SELECT 1 FROM hidden.shield")) == shielded
    viewer = make_viewer(at=now)
    query = SearchQuery(family_name="Hargreaves", given_name="Amy", birth_date="2016")
    (found,) = search_children(viewer=viewer, query=query, at=now + LATER).found
    opened = open_record(
        viewer=viewer, child=found.number, purpose=Purpose.ASSESSMENT, reference="", at=now + LATER
    )
    assert bool(opened.addresses) is not shielded


def test_a_marker_in_a_shape_that_nobody_expects_refuses_the_row(tmp_path: Path, now: datetime) -> None:
    spoilt = {**PATIENT, "id": "P2", "meta": {"security": "R"}}
    report = load(bundle(tmp_path / "a.json", PATIENT, spoilt), at=now, supplier="fhir_patient")
    assert (report.received, report.refused) == (1, 1)


def test_two_nhs_numbers_on_one_patient_are_the_senders_to_settle(tmp_path: Path, now: datetime) -> None:
    system = "https://fhir.nhs.uk/Id/nhs-number"
    current, other = {"system": system, "value": "9434765919"}, {"system": system, "value": "9000000009"}
    patients = [
        {**PATIENT, "id": "P1", "identifier": [current, other]},
        {**PATIENT, "id": "P2", "identifier": [{**other, "use": "old"}, current]},
        {**PATIENT, "id": "P3", "identifier": [{**other, "period": {"end": "2020-01-01"}}, current, current]},
    ]
    report = load(bundle(tmp_path / "a.json", *patients), at=now, supplier="fhir_patient")
    assert (report.received, report.refused) == (2, 1)
    assert "different values where there can be one" in get_receipts(load_id=report.load_id).read_text()
    assert ask("SELECT DISTINCT content->>'nhs' FROM directory_suppliedrow") == [("9434765919",)]


def test_a_reference_twice_with_different_content_is_refused(tmp_path: Path, now: datetime) -> None:
    other = {**PATIENT, "name": [{"use": "official", "family": "Scott"}]}
    report = load(bundle(tmp_path / "a.json", PATIENT, other), at=now, supplier="fhir_patient")
    assert (report.refused, report.made) == (2, 0)


def test_there_is_no_sample_of_an_unknown_name(england: Path, tmp_path: Path) -> None:
    with pytest.raises(NoSuchSample):
        write_sample(name="x.xml", england=england, out=tmp_path / "x.xml")
