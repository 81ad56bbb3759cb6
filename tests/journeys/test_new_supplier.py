"""A new supplier's file goes from the sender's desk to a practitioner's search without a line of code."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.conf import LazySettings

from contactpoint.access.roles import Role
from contactpoint.directory.opening import open_record
from contactpoint.directory.records import Purpose, SearchQuery
from contactpoint.directory.searching import search_children
from contactpoint.errors import NotAllowed
from contactpoint.intake.profiles import get_profile
from contactpoint.jobs.commands import load, profile
from tests.factories import make_viewer
from tests.feeds import DATABASES, ask, contents, open_everywhere
from tests.unit.intake.test_suggesting import as_csv, children

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)


@pytest.fixture(autouse=True)
def our_database(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def is_up() -> Iterator[None]:
        yield

    settings.DATA_DIR = tmp_path / "data"
    monkeypatch.setattr(load, "database", is_up)


def run(command: object, *arguments: object) -> str:
    said = CliRunner().invoke(command, [str(each) for each in arguments], catch_exceptions=False)  # type: ignore[arg-type]
    assert said.exit_code == 0, said.output
    return said.output


def test_from_file_to_searchable(tmp_path: Path) -> None:
    rows = children()
    path = tmp_path / "Sunny Nursery.csv"
    path.write_bytes(as_csv(rows, ";").replace("ễ", "e").encode("cp1252"))
    draft = tmp_path / "sunny.toml"
    told = run(profile.command, "suggest", path, "--out", draft)
    told += run(profile.command, "check", path, "--profile", draft)
    assert "0 would be refused" in told
    told += run(load.command, path, "--supplier", draft)
    assert "20 values of ethnicity" in told
    for row in rows:
        assert row["Last Name"] not in told
        assert row["Post Code"] not in told
    assert "CANARY" not in told + str(contents())

    now = datetime.now(UTC)
    open_everywhere(at=now)
    later = now + timedelta(minutes=1)
    viewer = make_viewer(at=now)
    query = SearchQuery(given_name="Zoe", family_name="ONeill", birth_date="2021-02-02")
    (found,) = search_children(viewer=viewer, query=query, at=later).found
    record = open_record(
        viewer=viewer, child=found.number, purpose=Purpose.ASSESSMENT, reference="", at=later
    )
    (carer,) = record.carers
    assert (carer.relationship, carer.telephone) == ("mother", "07700 900001")
    assert {source.name for source in carer.sources} == {get_profile(name=str(draft)).name}

    operator = make_viewer(at=now, roles=[Role.SERVICE_OPERATOR])
    with pytest.raises(NotAllowed):
        search_children(viewer=operator, query=query, at=later)
    ((kind, was_refused),) = ask(
        "SELECT kind, refused FROM audit_event WHERE account_id = %s ORDER BY id DESC LIMIT 1",
        operator.account_id,
    )
    assert (kind, was_refused) == ("search-refused", True)


def test_samples_of_published_formats_are_made_checked_and_loaded(tmp_path: Path) -> None:
    for name in ("common_transfer_file.xml", "school_census_xml.xml", "fhir_patient.ndjson"):
        path = tmp_path / name
        run(profile.command, "sample", name, "--out", path, "--children", 20)
        supplier = name.partition(".")[0]
        told = run(profile.command, "check", path, "--profile", supplier)
        assert "Dropped unread" in told
        draft = tmp_path / f"{supplier}.toml"
        run(profile.command, "suggest", path, "--out", draft)
        assert get_profile(name=str(draft)).mapped == get_profile(name=supplier).mapped
        assert "Made a new record" in run(load.command, path, "--supplier", draft)
    assert ask("SELECT count(*) > 20 FROM directory_child") == [(True,)]
