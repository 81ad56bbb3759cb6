"""The commands around a feed, as an operator and an analyst meet them."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.conf import LazySettings

from contactpoint.access.models import Organisation
from contactpoint.directory.records import SearchQuery
from contactpoint.directory.searching import search_children
from contactpoint.intake.models import Entry
from contactpoint.intake.receiving import receive_entry
from contactpoint.intake.reference import UnusableReference, load_reference
from contactpoint.jobs.commands import link, load, receipts, worker
from tests.factories import make_viewer
from tests.feeds import AMY, DATABASES, US, ask, write_file
from tests.journeys.test_entry import KOFI

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
CHILDREN = [
    AMY,
    {**AMY, "ref": "A2", "pername1": "ZACHARY", "pername2": "OKONKWO", "dob_year": "2012"},
    {**AMY, "ref": "A3", "dob_year": "2031"},
]


@pytest.fixture(autouse=True)
def our_database(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands find the tests' database up already."""

    @contextmanager
    def is_up() -> Iterator[None]:
        yield

    settings.DATA_DIR = tmp_path / "data"
    for module in (load, worker):
        monkeypatch.setattr(module, "database", is_up)


def run(module: object, *arguments: str) -> Result:
    return CliRunner().invoke(module.command, list(arguments), catch_exceptions=False)  # type: ignore[attr-defined]


def test_load_says_what_became_of_the_rows_and_receipts_follow(tmp_path: Path) -> None:
    path = write_file(tmp_path / "file.csv", CHILDREN)
    said = run(load, str(path), "--supplier", "ess-list-a")
    assert said.exit_code == 0
    assert "Made a new record" in said.output
    assert "HARGREAVES" not in said.output
    assert "1 row: dob_day, dob_mon, dob_year: is in the future" in said.output
    ((load_id,),) = ask("SELECT id FROM intake_load")
    out = tmp_path / "receipts.csv"
    assert run(receipts, str(load_id), "--out", str(out)).exit_code == 0
    assert [row["outcome"] for row in csv.DictReader(out.open())] == ["received", "received", "refused"]
    problems = run(receipts, str(load_id), "--refused").output.splitlines()
    assert len(problems) == 2
    assert "dob_day, dob_mon, dob_year: is in the future" in problems[1]


def test_load_asks_for_a_supplier() -> None:
    assert run(load, __file__).exit_code == 2


def test_link_writes_pairs_of_references_without_a_database(tmp_path: Path) -> None:
    first = write_file(tmp_path / "a.csv", CHILDREN)
    second = write_file(tmp_path / "b.csv", [{**row, "ref": f"B{row['ref']}"} for row in CHILDREN[:2]])
    out = tmp_path / "links.csv"
    profiles = ("--profile-a", "ess-list-a", "--profile-b", "ess-list-b")
    said = run(link, str(first), str(second), *profiles, "--out", str(out))
    assert said.exit_code == 0
    rows = list(csv.DictReader(out.open()))
    assert list(rows[0]) == ["ref_a", "ref_b", "probability", "decision"]
    assert {(row["ref_a"], row["ref_b"]) for row in rows} >= {("A2", "BA2")}
    assert ask("SELECT count(*) FROM intake_load") == [(0,)]


def test_the_worker_takes_what_waits(now: datetime) -> None:
    viewer = make_viewer(at=now)
    query = SearchQuery(given_name="Kofi", family_name="Mensah", birth_date="2015-03-02")
    search_children(viewer=viewer, query=query, at=now - timedelta(minutes=1))
    entry = receive_entry(by=viewer, values=replace(KOFI, gender=""), at=now)
    assert run(worker, "--once").exit_code == 0
    assert Entry.objects.get(pk=entry).content is None
    assert ask("SELECT count(*) FROM directory_suppliedrow WHERE reference = %s", f"entry-{entry}") == [(1,)]


def test_reference_data_is_entered_and_refreshed_by_code(tmp_path: Path, now: datetime) -> None:
    header = "urn,laestab,ukprn,name,phase,authority,telephone,secure_email,address,town,postcode\n"
    path = tmp_path / "schools.csv"
    for name in ("Old name", "New name"):
        path.write_text(
            f"{header}100001,,,{name},primary,330,0121 496 0000,a@b.example,1 High St,Leeds,LS1\n"
        )
        assert load_reference(folder=tmp_path, by=US, at=now) == 1
    school = Organisation.objects.get(code="100001")
    assert (school.name, school.sector, school.address) == (
        "New name",
        "education",
        "1 High St, Leeds, LS1",
    )
    path.write_text("urn,name\n1,A\n")
    with pytest.raises(UnusableReference, match=r"schools\.csv, line 2"):
        load_reference(folder=tmp_path, by=US, at=now)
