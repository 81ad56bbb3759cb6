"""Left England, died, or stays on after 18: stated, confirmed, denied, taken back (REC-1, REC-9)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connections, transaction

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.casework.door import DecidedAlready, NotAnOfficer, NotOfYours
from contactpoint.casework.leavers.carrying_out import publish_endings
from contactpoint.casework.leavers.records import Kind, Statement, Verdict
from contactpoint.casework.leavers.stating import (
    MayNotState,
    StatedAlready,
    read_endings,
    settle_ending,
    state_ending,
)
from contactpoint.casework.policies import UnusableCase
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory.keeping.archive import archive_due
from contactpoint.directory.queries import open_record
from contactpoint.directory.records import Purpose, Record
from tests.children import AMINA, DATABASES, US, make_child
from tests.factories import make_organisation, make_viewer
from tests.feeds import ask
from tests.journeys.conftest import MakeWalker

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)

DAY = date(2026, 9, 20)
SEEN = Statement(Kind.DIED, DAY, source="registration")
HEARD = Statement(Kind.DIED, DAY, source="family")
GONE = Statement(Kind.LEFT, DAY, intent="stays-away")
AWAY = Statement(Kind.LEFT, DAY, intent="returns")
STAYS = Statement(
    Kind.STAYS, date(2036, 5, 24), obtained_by_role="personal-adviser", obtained_on=date(2026, 10, 1)
)


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


def manager(at: datetime, authority: str = "330", role: Role = Role.DATA_MANAGER) -> Viewer:
    home = make_organisation(at=at, authority=authority)
    return make_viewer(at=at, name="Dana Kowalska", roles=[role], organisation=home)


def live_until() -> date:
    ((until,),) = ask("SELECT live_until FROM directory_child")
    return date.fromisoformat(str(until))


def look(child: ChildNumber, at: datetime) -> Record:
    return open_record(
        viewer=make_viewer(at=at), child=child, purpose=Purpose.ASSESSMENT, reference="", at=at
    )


@pytest.mark.parametrize(
    ("said", "until", "shown"),
    [
        (SEEN, date(2027, 9, 20), ("died", "2026-09-20")),
        (AWAY, date(2029, 9, 20), ("left", "2026-09-20")),
        (STAYS, date(2036, 5, 24), None),
    ],
)
def test_what_is_stated_counts_and_what_is_taken_back_does_not(
    now: datetime, said: Statement, until: date, shown: tuple[str, str] | None
) -> None:
    """REC-1, REC-9, RET-3."""
    child = make_child(at=now)
    dana = manager(now)
    before = live_until()
    ending = state_ending(by=dana, child=child, said=said, at=now)
    assert publish_endings(by=US, at=now) == 1
    assert publish_endings(by=US, at=now) == 0
    assert live_until() == until
    found = look(child, now).ending
    assert ((found.kind, found.on) if found else None) == shown
    settle_ending(by=dana, ending=ending, verdict=Verdict.TAKE_BACK, at=now)
    publish_endings(by=US, at=now)
    assert (live_until(), look(child, now).ending) == (before, None)
    with pytest.raises(DecidedAlready):
        settle_ending(by=dana, ending=ending, verdict=Verdict.TAKE_BACK, at=now)


def test_a_death_that_nobody_confirmed_changes_nothing_until_somebody_does(now: datetime) -> None:
    """REC-9."""
    child = make_child(at=now)
    dana = manager(now)
    before = live_until()
    ending = state_ending(by=dana, child=child, said=HEARD, at=now)
    assert publish_endings(by=US, at=now) == 0
    assert (live_until(), look(child, now).ending) == (before, None)
    (waiting,) = read_endings(by=dana, at=now)
    assert (waiting.id, waiting.is_in_force) == (ending, False)
    with pytest.raises(DecidedAlready):  # it was never in force
        settle_ending(by=dana, ending=ending, verdict=Verdict.TAKE_BACK, at=now)
    settle_ending(by=dana, ending=ending, verdict=Verdict.CONFIRM, at=now)
    publish_endings(by=US, at=now)
    assert live_until() == date(2027, 9, 20)


def test_a_death_reported_and_then_denied(now: datetime) -> None:
    child = make_child(at=now)
    dana = manager(now)
    before = live_until()
    ending = state_ending(by=dana, child=child, said=HEARD, at=now)
    settle_ending(by=dana, ending=ending, verdict=Verdict.DENY, at=now)
    publish_endings(by=US, at=now)
    assert (live_until(), read_endings(by=dana, at=now)) == (before, ())
    state_ending(by=dana, child=child, said=SEEN, at=now)  # and may be stated anew


def test_a_suppliers_report_of_a_death_waits_for_a_person_and_once_denied_stays_denied(now: datetime) -> None:
    """REC-9."""
    reported = replace(AMINA, death_reported_on="2026-09-20")
    child = make_child(reported, at=now, reference="A1")
    dana = manager(now)
    (waiting,) = read_endings(by=dana, at=now)
    assert (waiting.kind, waiting.on, waiting.source, waiting.is_in_force) == (
        Kind.DIED,
        DAY,
        "school_census",
        False,
    )
    assert (live_until(), look(child, now).ending) == (date(2034, 5, 24), None)
    settle_ending(by=dana, ending=waiting.id, verdict=Verdict.DENY, at=now)
    make_child(reported, at=now + timedelta(days=1), child_id=decode(child), reference="A1")
    assert read_endings(by=dana, at=now) == ()


def test_who_left_for_good_is_archived_that_night_and_comes_back_when_it_was_wrong(now: datetime) -> None:
    """RET-3."""
    child = make_child(at=now)
    dana = manager(now)
    state_ending(by=dana, child=child, said=GONE, at=now)
    publish_endings(by=US, at=now)
    assert archive_due(by=US, at=now) == 1
    assert ask("SELECT leaving FROM hidden.archived_record") == [("left-england",)]
    assert read_endings(by=dana, at=now) == ()


def test_a_birth_date_corrected_so_that_the_child_is_19(now: datetime) -> None:
    """RET-5: not live from that moment; the clock moves it later."""
    child = make_child(at=now, reference="A1")
    make_child(replace(AMINA, birth_date="2007-05-24"), at=now, child_id=decode(child), reference="A1")
    with pytest.raises(Exception, match="no record"):
        look(child, now)
    assert archive_due(by=US, at=now) == 1


def test_a_shielded_childs_ending_is_the_officers(now: datetime) -> None:
    """SHI-2: and shows to nobody else."""
    child = make_child(at=now, supplier="nhs_demographics", restricted=True)
    with pytest.raises(NotAnOfficer):
        state_ending(by=manager(now), child=child, said=SEEN, at=now)
    sol = manager(now, role=Role.SHIELDING_OFFICER)
    state_ending(by=sol, child=child, said=SEEN, at=now)
    publish_endings(by=US, at=now)
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(0,)]
    assert look(child, now).ending is None
    assert read_endings(by=manager(now), at=now) == ()
    assert [each.child.number for each in read_endings(by=sol, at=now)] == [child]


@pytest.mark.parametrize(
    "said",
    [
        replace(SEEN, on=date(2026, 10, 6)),
        replace(SEEN, source="rumour"),
        replace(GONE, intent="perhaps"),
        replace(STAYS, on=date(2034, 5, 24)),
        replace(STAYS, on=date(2041, 5, 25)),
        replace(STAYS, obtained_on=date(2026, 10, 6)),
        replace(STAYS, obtained_by_role="parent"),
    ],
)
def test_what_is_unusable_is_told_and_changes_nothing(now: datetime, said: Statement) -> None:
    child = make_child(at=now)
    with pytest.raises(UnusableCase):
        state_ending(by=manager(now), child=child, said=said, at=now)
    assert ask("SELECT count(*) FROM hidden.ending") == [(0,)]


def test_others_are_refused_and_the_log_says_so(now: datetime) -> None:
    child = make_child(at=now)
    sam, stranger, dana = make_viewer(at=now), manager(now, "352"), manager(now)
    with pytest.raises(MayNotState):
        state_ending(by=sam, child=child, said=SEEN, at=now)
    with pytest.raises(NotOfYours):
        state_ending(by=stranger, child=child, said=SEEN, at=now)
    ending = state_ending(by=dana, child=child, said=SEEN, at=now)
    with pytest.raises(StatedAlready):
        state_ending(by=dana, child=child, said=HEARD, at=now)
    with pytest.raises(NotOfYours):
        settle_ending(by=stranger, ending=ending, verdict=Verdict.TAKE_BACK, at=now)
    for viewer, kinds in ((sam, ["ending-stated"]), (stranger, ["ending-stated", "ending-settled"])):
        rows = ask(
            "SELECT kind FROM audit_event WHERE refused AND account_id = %s ORDER BY id", viewer.account_id
        )
        assert [kind for (kind,) in rows] == kinds


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE hidden.ending SET confirmed_by = NULL",
        "UPDATE hidden.ending SET kind = 'left'",
        "UPDATE hidden.ending SET kind = 'stays'",
        "UPDATE hidden.ending SET kind = 'left', intent = 'returns', in_force_at = NULL, confirmed_by = NULL",
    ],
)
def test_the_database_refuses(now: datetime, statement: str) -> None:
    """REC-1, REC-9: no force without a person, no stay without consent, and only a death waits."""
    state_ending(by=manager(now), child=make_child(at=now), said=SEEN, at=now)
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(using="owner"),
        connections["owner"].cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_pages_lead_from_a_record_to_what_it_shows(now: datetime, walk: MakeWalker) -> None:
    make_child(at=now)
    dana = walk(name="Dana Kowalska", roles=[Role.DATA_MANAGER])
    token, page = dana.open()
    assert f"/record/{token}/leaving/" in page
    assert dana.post(f"/record/{token}/leaving/", {})[0] == 400
    status, page = dana.post(f"/record/{token}/leaving/", {"kind": "died"})
    assert (status, "The child has died" in page) == (200, True)
    day = {"on-day": "20", "on-month": "9", "on-year": "2026"}
    at = f"/record/{token}/leaving/died/"
    assert dana.post(at, {**day, "on-year": "2027", "source": "family"})[0] == 400
    status, page = dana.post(at, {**day, "source": "family"})
    assert (status, "Deaths to confirm (1)" in page) == (200, True)
    ((ending,),) = ask("SELECT id FROM hidden.ending")
    assert dana.post(f"/leavers/{ending}/settle/", {"verdict": "maybe"})[0] == 400
    assert "In force (1)" in dana.post(f"/leavers/{ending}/settle/", {"verdict": "confirm"})[1]
    publish_endings(by=US, at=now)
    assert "Died on 20 September 2026" in dana.open()[1]
    sam = walk(name="Sam Okafor")
    token, page = sam.open()
    assert "Died on 20 September 2026" in page
    for address in ("/leavers/", "/leavers/new/", f"/record/{token}/leaving/"):
        assert sam.status(address) == 403
    assert sam.post(f"/leavers/{ending}/settle/", {"verdict": "take-back"})[0] == 403
    assert "ending-settled refused" in sam.kinds()
