"""A practitioner enters a child who cannot be found: only after a search, then only "received" (SEA-7)."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.audit.queries import find_events_of_account
from contactpoint.audit.records import Actor
from contactpoint.directory.records import SearchQuery
from contactpoint.directory.searching import search_children
from contactpoint.directory.values import Address, ServiceEntry, SuppliedValues
from contactpoint.intake.entries import forget_entries, process_entry
from contactpoint.intake.models import Entry
from contactpoint.intake.queries import MayNotListEntries, list_own_entries
from contactpoint.intake.receiving import MayNotAdd, SearchFirst, UnusableEntry, receive_entry
from tests.factories import make_viewer
from tests.feeds import AMY, DATABASES, NHS, ask, load_rows, open_everywhere

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
WORKER = Actor(account_id=None, organisation_id=None, door="worker")
KOFI = SuppliedValues(
    given_names="Kofi",
    family_name="Mensah",
    birth_date="2015-03-02",
    gender="M",
    addresses=(Address(lines=("3 Canal Street",), town="Manchester", postcode="M1 1AE"),),
)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def viewer(now: datetime) -> Viewer:
    open_everywhere(at=now - timedelta(days=40))
    return make_viewer(at=now)


def search(viewer: Viewer, at: datetime, name: str = "Kofi") -> int:
    query = SearchQuery(given_name=name, family_name="Mensah", birth_date="2015-03-02")
    return len(search_children(viewer=viewer, query=query, at=at).found)


def enter(viewer: Viewer, at: datetime, values: SuppliedValues = KOFI) -> int:
    search(viewer, at - timedelta(minutes=5))
    return receive_entry(by=viewer, values=values, at=at)


def test_nobody_finds_the_child_until_matching_has_placed_the_entry(viewer: Viewer, now: datetime) -> None:
    entry = enter(viewer, now)
    assert search(viewer, now) == 0
    process_entry(entry_id=entry, by=WORKER, at=now)
    assert search(make_viewer(at=now), now) == 1
    process_entry(entry_id=entry, by=WORKER, at=now)
    assert ask("SELECT count(*) FROM directory_child") == [(1,)]


def test_the_author_sees_the_same_before_and_after(viewer: Viewer, now: datetime) -> None:
    entry = enter(viewer, now)
    before = list_own_entries(viewer=viewer, at=now)
    process_entry(entry_id=entry, by=WORKER, at=now)
    assert list_own_entries(viewer=viewer, at=now) == before
    assert [(own.given_names, own.family_name) for own in before] == [("Kofi", "Mensah")]
    assert list_own_entries(viewer=make_viewer(at=now), at=now) == ()


def test_what_was_entered_does_not_stay_where_the_server_reads_it(viewer: Viewer, now: datetime) -> None:
    entry = enter(viewer, now)
    process_entry(entry_id=entry, by=WORKER, at=now)
    kept = Entry.objects.get(pk=entry)
    assert kept.content is None
    assert kept.taken_at == now


def test_an_entry_for_a_known_child_joins_the_record(tmp_path: Path, viewer: Viewer, now: datetime) -> None:
    load_rows(tmp_path, [AMY], at=now)
    amy = replace(
        KOFI,
        given_names="Amy",
        family_name="Hargreaves",
        birth_date="2016-05-24",
        addresses=(Address(lines=("1 York Road",), postcode="M19 2EQ"),),
    )
    process_entry(entry_id=enter(viewer, now, amy), by=WORKER, at=now)
    assert ask("SELECT count(*) FROM directory_child") == [(1,)]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(2,)]


def test_an_entry_for_a_shielded_child_leaves_no_open_copy(
    tmp_path: Path, viewer: Viewer, now: datetime
) -> None:
    child = {"GIVEN_NAMES": "Kofi", "FAMILY_NAME": "Mensah", "BIRTH_DATE": "2015-03-02"}
    shielded = {**NHS, **child, "CONFIDENTIALITY": "R"}
    load_rows(tmp_path, [shielded], at=now, supplier="nhs_demographics")
    process_entry(entry_id=enter(viewer, now), by=WORKER, at=now)
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(0,)]
    assert ask("SELECT count(*) FROM directory_child WHERE NOT shielded") == [(0,)]


def test_without_a_search_the_entry_is_refused_and_logged(viewer: Viewer, now: datetime) -> None:
    search(viewer, now - 2 * HOUR)
    with pytest.raises(SearchFirst, match="Search for the child first"):
        receive_entry(by=viewer, values=KOFI, at=now)
    (event, *_) = find_events_of_account(account_id=viewer.account_id, since=now - 3 * HOUR)
    assert (event.kind, event.refused) == ("change-refused", True)
    assert Entry.objects.count() == 0


def test_charlie_who_may_not_add_is_refused_and_logged(now: datetime) -> None:
    charlie = make_viewer(at=now, roles=(Role.LINE_MANAGER,))
    with pytest.raises(MayNotAdd):
        receive_entry(by=charlie, values=KOFI, at=now)
    with pytest.raises(MayNotListEntries):
        list_own_entries(viewer=charlie, at=now)
    events = find_events_of_account(account_id=charlie.account_id, since=now - HOUR)
    assert [event.kind for event in events if event.refused] == ["own-involvements-listed", "change-refused"]


def test_the_event_and_the_job_carry_ids_only(viewer: Viewer, now: datetime) -> None:
    entry = enter(viewer, now)
    (event, *_) = find_events_of_account(account_id=viewer.account_id, since=now - HOUR)
    assert (event.kind, event.facts["entry"]) == ("child-added", entry)
    (job,) = ask("SELECT args::text FROM procrastinate_jobs ORDER BY id DESC LIMIT 1")
    assert job == (f'{{"entry_id": {entry}}}',)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"given_names": " ", "family_name": ""}, "Enter a given name or a family name"),
        ({"birth_date": ""}, "date of birth is empty"),
        ({"birth_date": "2027-01-01"}, "date of birth is in the future"),
        ({"birth_date": "2001-01-01"}, "18 already"),
        ({"gender": "Q"}, "gender is not one of the list"),
        ({"nhs": "9434765918"}, "NHS number is not valid"),
        ({"upn": "X"}, "UPN is not valid"),
        ({"given_names": "Kofi\x00"}, "one line of at most"),
        ({"family_name": "M" * 10_000}, "one line of at most"),
        ({"addresses": (Address(postcode="NOWHERE"),)}, "postcode is not valid"),
        ({"involvement": ServiceEntry(service="camhs")}, "sensitive service"),
    ],
)
def test_an_entry_of_no_use_says_every_reason(
    viewer: Viewer, now: datetime, change: dict[str, object], told: str
) -> None:
    with pytest.raises(UnusableEntry, match=told):
        enter(viewer, now, replace(KOFI, **change))
    assert Entry.objects.count() == 0


def test_what_was_typed_goes_after_30_days_whatever_came_of_it(viewer: Viewer, now: datetime) -> None:
    """RET-4, SHI-3."""
    entry = enter(viewer, now)
    later = now + timedelta(days=30)
    assert forget_entries(at=later) == 0  # it still waits for matching
    process_entry(entry_id=entry, by=WORKER, at=now)
    assert forget_entries(at=later - HOUR) == 0
    assert len(list_own_entries(viewer=viewer, at=later - HOUR)) == 1
    assert list_own_entries(viewer=viewer, at=later) == ()
    assert forget_entries(at=later) == 1
    assert forget_entries(at=later) == 0
    assert ask("SELECT given_names, family_name, birth_date FROM intake_entry") == [("", "", "")]
