"""Opening a record for a reason, and a practitioner's own entries: database to frozen value and back."""

from datetime import date, datetime, timedelta

import pytest
from django.core.mail import EmailMessage

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role, Sector
from contactpoint.audit.queries import find_events_of_account, find_events_of_child
from contactpoint.codes.child_number import ChildNumber, decode, encode
from contactpoint.directory import actions
from contactpoint.directory.actions import AlreadySo, MayNotRecord, NotYours, UnusableEntry
from contactpoint.directory.limits import ORDINARY, LimitReached, Look
from contactpoint.directory.opening import MayNotOpen, NoReason, NoSuchRecord, open_record
from contactpoint.directory.own_work import MayNotList, list_own_involvements
from contactpoint.directory.publish import SensitivePart
from contactpoint.directory.records import Purpose, Record
from contactpoint.directory.values import SuppliedValues
from contactpoint.errors import ContactPointError
from tests.children import AMINA, DATABASES, make_child
from tests.factories import make_viewer

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)


def opened(viewer: Viewer, child: ChildNumber, at: datetime) -> Record:
    return open_record(viewer=viewer, child=child, purpose=Purpose.COORDINATING, reference="", at=at)


def kinds(viewer: Viewer, at: datetime) -> list[tuple[str, bool]]:
    events = find_events_of_account(account_id=viewer.account_id, since=at - timedelta(hours=1))
    return [(event.kind, event.refused) for event in events]


def record(viewer: Viewer, child: ChildNumber, at: datetime, **changes: object) -> int:
    usual: dict[str, object] = {
        "service": "social_care",
        "role": "social_worker",
        "started_on": date(2026, 9, 1),
        "team_telephone": "0121 496 0100",
        "team_email": "",
    }
    return actions.record_involvement(by=viewer, child=child, at=at, **{**usual, **changes})  # type: ignore[arg-type]


def test_a_record_opens_for_a_reason_and_the_log_has_it(now: datetime) -> None:
    """SEA-1, SEA-5, AUD-1."""
    child = make_child(at=now)
    viewer = make_viewer(at=now)
    seen = open_record(viewer=viewer, child=child, purpose=Purpose.SAFEGUARDING, reference="CASE-7", at=now)
    assert (seen.given_names, seen.family_name, seen.birth_date) == ("Amina Rose", "Khan", "2016-05-24")
    assert seen.addresses[0].lines == ("12 Canal Street",)
    assert seen.carers[0].responsibility is True
    assert [number.kind for number in seen.numbers] == ["upn"]
    (event,) = find_events_of_child(child_id=decode(child) or 0, since=now - timedelta(hours=1))
    assert (event.kind, event.purpose, event.actor.account_id) == (
        "record-opened",
        "safeguarding",
        viewer.account_id,
    )
    (typed,) = [
        event.typed
        for event in find_events_of_account(
            account_id=viewer.account_id, since=now - timedelta(hours=1), typed=True
        )
        if event.kind == "record-opened"
    ]
    assert typed == {"reference": "CASE-7"}


def test_charlie_without_the_role_is_refused_and_the_refusal_is_in_the_log(now: datetime) -> None:
    """ACC-8, AUD-1."""
    child = make_child(at=now)
    charlie = make_viewer(at=now, name="Charlie", roles=[Role.AUDITOR])
    with pytest.raises(MayNotOpen):
        opened(charlie, child, now)
    with pytest.raises(MayNotRecord):
        record(charlie, child, now)
    with pytest.raises(MayNotList):
        list_own_involvements(viewer=charlie, at=now)
    assert sorted(kinds(charlie, now)) == [
        ("change-refused", True),
        ("own-involvements-listed", True),
        ("record-refused", True),
    ]


def test_what_is_not_there_not_live_and_not_open_yet_are_the_same(now: datetime) -> None:
    """SEA-6, RET-5, SHI-10."""
    viewer = make_viewer(at=now)
    closed = make_child(
        at=now,
        authority="383",
        is_open=False,
        values=SuppliedValues(given_names="Zed", family_name="Low", birth_date="2015-01-01"),
    )
    grown = make_child(
        at=now, values=SuppliedValues(given_names="Old", family_name="Hand", birth_date="2008-10-06")
    )
    said = set()
    for child, at in [
        (encode(1), now),
        (closed, now),
        (grown, now + timedelta(days=1)),
        (ChildNumber("nonsense"), now),
    ]:
        with pytest.raises(NoSuchRecord) as refusal:
            opened(viewer, child, at)
        said.add(str(refusal.value))
    assert len(said) == 1
    assert opened(viewer, grown, now).family_name == "Hand"


def test_a_shielded_record_shows_what_everybody_may_see_and_takes_no_entry(now: datetime) -> None:
    """SHI-2."""
    child = make_child(at=now, restricted=True)
    viewer = make_viewer(at=now)
    seen = opened(viewer, child, now)
    assert seen.shielded
    assert (seen.given_names, seen.birth_date, seen.gender) == ("Amina Rose", "2016-05-24", "F")
    assert not any(
        [seen.addresses, seen.carers, seen.schools, seen.numbers, seen.other_names, seen.involvements]
    )
    assert (seen.authority, seen.name_sources, seen.may_record_involvement) == ("", (), False)
    with pytest.raises(MayNotRecord):
        record(viewer, child, now)


def test_a_sensitive_service_is_on_no_record(now: datetime) -> None:
    """SEN-3."""
    child = make_child(at=now)
    part = SensitivePart(service="camhs", organisation="CLINIC", basis="significant-harm")
    make_child(AMINA, at=now, supplier="camhs", child_id=decode(child), sensitive=part)
    seen = opened(make_viewer(at=now), child, now)
    assert seen.involvements == ()
    assert "camhs" not in repr(seen).lower()
    assert "CLINIC" not in repr(seen)


@pytest.mark.parametrize(
    ("sector", "numbers"), [(Sector.EDUCATION, ["upn"]), (Sector.HEALTH, ["nhs"]), (Sector.VOLUNTARY, [])]
)
def test_numbers_go_by_sector(now: datetime, sector: Sector, numbers: list[str]) -> None:
    """ACC-9."""
    from tests.factories import make_organisation

    viewer = make_viewer(at=now, organisation=make_organisation(at=now, sector=sector))
    assert [number.kind for number in opened(viewer, make_child(at=now), now).numbers] == numbers


@pytest.mark.parametrize("reference", ["x" * 61, "two\nlines", "nul\x00"])
def test_an_unusable_reference_opens_nothing(now: datetime, reference: str) -> None:
    child = make_child(at=now)
    viewer = make_viewer(at=now)
    with pytest.raises(NoReason):
        open_record(viewer=viewer, child=child, purpose=Purpose.TRANSFER, reference=reference, at=now)


def test_the_limit_stops_is_logged_tells_the_manager_once_and_an_hour_later_it_goes_on(
    now: datetime, mailoutbox: list[EmailMessage]
) -> None:
    """SEA-8."""
    child = make_child(at=now)
    viewer = make_viewer(at=now)
    most = ORDINARY[Look.OPENING][0].most
    for minute in range(most):
        opened(viewer, child, now + timedelta(minutes=minute))
    last = now + timedelta(minutes=most)
    for _ in range(2):
        with pytest.raises(LimitReached):
            opened(viewer, child, last)
    assert sorted(kinds(viewer, now)[:3]) == [("limit-reached", True)] + [("record-refused", True)] * 2
    (notice,) = mailoutbox
    assert notice.to == ["office@bridgelane.example"]
    assert viewer.name not in notice.body
    assert child not in notice.body
    assert opened(viewer, child, last + timedelta(hours=1))


def test_my_own_involvement_from_recording_to_taking_back(now: datetime) -> None:
    """INV-5."""
    child = make_child(at=now)
    me, colleague = make_viewer(at=now, name="Me"), make_viewer(at=now, name="Colleague")
    mine = record(me, child, now)
    assert opened(me, child, now).involvements[0].own_id == mine
    assert opened(colleague, child, now).involvements[0].own_id is None
    actions.become_lead(by=me, involvement=mine, at=now)
    assert opened(colleague, child, now).lead is not None
    theirs = record(colleague, child, now, service="health_visiting", role="health_visitor")
    with pytest.raises(AlreadySo, match="Somebody else"):
        actions.become_lead(by=colleague, involvement=theirs, at=now)
    with pytest.raises(NotYours):
        actions.end_involvement(by=colleague, involvement=mine, ended_on=date(2026, 10, 1), at=now)
    actions.end_involvement(by=me, involvement=mine, ended_on=date(2026, 10, 1), at=now)
    with pytest.raises(AlreadySo):
        actions.end_involvement(by=me, involvement=mine, ended_on=date(2026, 10, 1), at=now)
    seen = opened(me, child, now)
    assert (seen.lead, len(seen.past_involvements)) == (None, 1)
    actions.take_back_involvement(by=me, involvement=mine, at=now)
    assert opened(me, child, now).past_involvements == ()
    assert [
        kind for kind, refused in kinds(me, now) if kind.startswith(("involvement", "lead")) and not refused
    ] == [
        "involvement-taken-back",
        "involvement-ended",
        "lead-recorded",
        "involvement-recorded",
    ]


@pytest.mark.parametrize(
    ("case", "changes", "error"),
    [
        ("SEN-1 a sensitive service", {"service": "camhs"}, UnusableEntry),
        ("no such service", {"service": "astrology"}, UnusableEntry),
        ("no such role", {"role": "wizard"}, UnusableEntry),
        ("INV-2 no team contact", {"team_telephone": " "}, UnusableEntry),
        ("a start in the future", {"started_on": date(2026, 10, 6)}, UnusableEntry),
        ("a contact that is a letter", {"team_telephone": "x" * 201}, UnusableEntry),
    ],
)
def test_entries_that_cannot_be_kept(
    now: datetime, case: str, changes: dict[str, object], error: type[ContactPointError]
) -> None:
    child = make_child(at=now)
    viewer = make_viewer(at=now)
    with pytest.raises(error):
        record(viewer, child, now, **changes)
    assert opened(viewer, child, now).involvements == (), case
    assert ("change-refused", True) in kinds(viewer, now)


def test_the_same_involvement_twice_is_told_and_changes_nothing(now: datetime) -> None:
    child = make_child(at=now)
    viewer = make_viewer(at=now)
    record(viewer, child, now)
    with pytest.raises(AlreadySo):
        record(viewer, child, now)
    assert len(opened(viewer, child, now).involvements) == 1


def test_assessments_exist_close_and_are_taken_back(now: datetime) -> None:
    """INV-5."""
    child = make_child(at=now)
    viewer = make_viewer(at=now)
    held = actions.record_assessment(
        by=viewer, child=child, kind="family_help", opened_on=date(2026, 9, 1), at=now
    )
    assert opened(viewer, child, now).assessments[0].own_id == held
    with pytest.raises(UnusableEntry):
        actions.record_assessment(by=viewer, child=child, kind="caf", opened_on=date(2026, 9, 1), at=now)
    with pytest.raises(UnusableEntry):
        actions.close_assessment(by=viewer, assessment=held, closed_on=date(2026, 8, 1), at=now)
    actions.close_assessment(by=viewer, assessment=held, closed_on=date(2026, 10, 1), at=now)
    assert opened(viewer, child, now).assessments[0].closed_on == "2026-10-01"
    actions.take_back_assessment(by=viewer, assessment=held, at=now)
    assert opened(viewer, child, now).assessments == ()


def test_my_list_says_what_goes_stale_and_leaves_out_whom_it_may_not_name(now: datetime) -> None:
    """INV-3, SHI-2."""
    viewer = make_viewer(at=now)
    child = make_child(at=now)
    mine = record(viewer, child, now)
    (line,) = list_own_involvements(viewer=viewer, at=now)
    assert (line.id, line.number, line.stale, line.going_stale) == (mine, child, False, False)
    assert list_own_involvements(viewer=viewer, at=now + timedelta(days=320))[0].going_stale
    assert list_own_involvements(viewer=viewer, at=now + timedelta(days=370))[0].stale
    actions.confirm_involvement(by=viewer, involvement=mine, at=now + timedelta(days=320))
    assert not list_own_involvements(viewer=viewer, at=now + timedelta(days=370))[0].stale
    make_child(AMINA, at=now, supplier="nhs_demographics", child_id=decode(child), restricted=True)
    assert list_own_involvements(viewer=viewer, at=now) == ()
