"""SEN-1 to SEN-7: who may record a sensitive service and on what basis, who sees it, and how it goes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from contactpoint.access.actions import suspend_organisation
from contactpoint.access.models import Organisation
from contactpoint.access.queries import NotCleared, get_viewer
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action, Role, Sector
from contactpoint.audit.queries import find_events_of_account, find_events_of_child
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory import actions as ordinary
from contactpoint.directory.actions import AlreadySo, MayNotRecord, NotYours, UnusableEntry
from contactpoint.directory.opening import NoSuchRecord, open_record
from contactpoint.directory.own_work import list_own_involvements
from contactpoint.directory.publish import SensitivePart
from contactpoint.directory.queries import search_children
from contactpoint.directory.records import Purpose, Record, SearchQuery
from contactpoint.directory.sensitive.actions import (
    end_sensitive_involvement,
    record_sensitive_involvement,
    renew_consent,
    withdraw_consent,
)
from contactpoint.directory.sensitive.queries import get_own_sensitive, list_own_sensitive
from contactpoint.directory.sensitive.records import Basis, Consent, SensitiveEntry
from tests.children import AMINA, DATABASES, make_child
from tests.factories import make_cleared_account, make_founders, make_organisation, make_viewer
from tests.rules.test_hidden_store import readable_by_app

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)

CANARY = "Qqlanterncanary"
CONSENT = Consent("child", "mental_health_practitioner", date(2026, 9, 20), date(2027, 3, 20))
Given = dict[str, Any]


def make_provider(now: datetime, *, service: str = "camhs", code: str = "", name: str = CANARY) -> Viewer:
    clinic = make_organisation(
        at=now, code=code, name=f"{name} House", sector=Sector.HEALTH, kind="team", sensitive_service=service
    )
    return make_viewer(at=now, name=f"Noor {name}", organisation=clinic)


def record(by: Viewer, child: ChildNumber, at: datetime, **changes: object) -> int:
    usual: Given = {
        "role": "mental_health_practitioner",
        "started_on": date(2026, 9, 21),
        "basis": "consent",
        "consent": CONSENT,
    }
    return record_sensitive_involvement(by=by, child=child, at=at, **{**usual, **changes})


def stored() -> list[tuple[object, ...]]:
    with connections["match"].cursor() as cursor:
        cursor.execute(
            "SELECT row_id, service, organisation, basis FROM hidden.sensitive_involvement ORDER BY 1"
        )
        return list(cursor.fetchall())


def kinds(viewer: Viewer, at: datetime) -> list[str]:
    events = find_events_of_account(account_id=viewer.account_id, since=at - timedelta(hours=1))
    return [event.kind + (" refused" if event.refused else "") for event in reversed(events)]


def opened(viewer: Viewer, child: ChildNumber, at: datetime) -> Record:
    return open_record(viewer=viewer, child=child, purpose=Purpose.COORDINATING, reference="", at=at)


def test_a_provider_records_with_consent_and_its_organisation_reads_the_receipt(now: datetime) -> None:
    child = make_child(at=now)
    noor = make_provider(now)
    mine = record(noor, child, now)
    (entry,) = list_own_sensitive(viewer=noor, at=now)
    assert entry == get_own_sensitive(viewer=noor, entry=mine, at=now)
    assert (entry.id, entry.number, entry.consent, entry.basis) == (mine, child, CONSENT, Basis.CONSENT)
    assert (entry.service, entry.practitioner) == ("camhs", noor.name)
    colleague = make_viewer(at=now, organisation=Organisation.objects.get(pk=noor.organisation_id))
    assert list_own_sensitive(viewer=colleague, at=now) == (entry,)
    assert stored() == [(mine, "camhs", noor.organisation_code, "consent")]


def test_significant_harm_is_a_basis_of_its_own(now: datetime) -> None:
    noor = make_provider(now)
    record(noor, make_child(at=now), now, basis="significant-harm", consent=None)
    (entry,) = list_own_sensitive(viewer=noor, at=now)
    assert (entry.basis, entry.consent, entry.due) == (Basis.SIGNIFICANT_HARM, None, False)


UNUSABLE: list[tuple[str, Given]] = [
    ("SEN-2 no basis", {"basis": ""}),
    ("SEN-2 a basis that is none", {"basis": "referral"}),
    ("SEN-2 consent without a receipt", {"consent": None}),
    ("SEN-2 consent with no giver", {"consent": replace(CONSENT, given_by="")}),
    ("SEN-2 consent given by the practitioner", {"consent": replace(CONSENT, given_by="practitioner")}),
    ("SEN-6 obtained by nobody", {"consent": replace(CONSENT, obtained_by_role="")}),
    ("SEN-6 consent dated tomorrow", {"consent": replace(CONSENT, obtained_on=date(2026, 10, 6))}),
    ("SEN-6 review before consent", {"consent": replace(CONSENT, review_on=date(2026, 9, 19))}),
    ("SEN-6 no review date", {"consent": replace(CONSENT, review_on=None)}),
    ("SEN-6 review already past", {"consent": replace(CONSENT, review_on=date(2026, 10, 5))}),
    ("SEN-6 review after more than a year", {"consent": replace(CONSENT, review_on=date(2027, 9, 30))}),
    ("SEN-2 harm with a consent besides", {"basis": "significant-harm"}),
    ("INV-1 a role of no list", {"role": "wizard"}),
    ("INV-1 begun tomorrow", {"started_on": date(2026, 10, 6)}),
]


@pytest.mark.parametrize(("case", "changes"), UNUSABLE, ids=[case for case, _ in UNUSABLE])
def test_what_cannot_be_recorded(now: datetime, case: str, changes: Given) -> None:
    child = make_child(at=now)
    noor = make_provider(now)
    with pytest.raises(UnusableEntry):
        record(noor, child, now, **changes)
    assert stored() == [], case
    assert kinds(noor, now) == ["change-refused refused"]


@pytest.mark.parametrize(
    ("case", "service", "roles"),
    [
        ("an ordinary practitioner", "", [Role.PRACTITIONER]),
        ("a provider's line manager", "camhs", [Role.LINE_MANAGER]),
        ("a data manager", "", [Role.DATA_MANAGER]),
    ],
)
def test_who_may_not_record_or_read(now: datetime, case: str, service: str, roles: list[Role]) -> None:
    child = make_child(at=now)
    mine = record(make_provider(now), child, now)
    place = make_organisation(at=now, sector=Sector.HEALTH, sensitive_service=service)
    charlie = make_viewer(at=now, name="Charlie", organisation=place, roles=roles)
    tries = (
        lambda: record(charlie, child, now),
        lambda: renew_consent(by=charlie, entry=mine, consent=CONSENT, at=now),
        lambda: end_sensitive_involvement(by=charlie, entry=mine, ended_on=now.date(), at=now),
        lambda: withdraw_consent(by=charlie, entry=mine, at=now),
        lambda: list_own_sensitive(viewer=charlie, at=now),
        lambda: get_own_sensitive(viewer=charlie, entry=mine, at=now),
    )
    for attempt in tries:
        with pytest.raises(MayNotRecord):
            attempt()
    assert kinds(charlie, now) == ["change-refused refused"] * 4 + ["sensitive-listed refused"] * 2, case
    assert len(stored()) == 1


def test_another_providers_entry_is_as_if_it_were_not_there(now: datetime) -> None:
    child = make_child(at=now)
    mine = record(make_provider(now), child, now)
    other = make_provider(now, service="sexual_health", name="Other")
    for entry in (mine, mine + 999):
        for attempt in (
            lambda entry=entry: renew_consent(by=other, entry=entry, consent=CONSENT, at=now),
            lambda entry=entry: end_sensitive_involvement(by=other, entry=entry, ended_on=now.date(), at=now),
            lambda entry=entry: withdraw_consent(by=other, entry=entry, at=now),
            lambda entry=entry: get_own_sensitive(viewer=other, entry=entry, at=now),
        ):
            with pytest.raises(NotYours):
                attempt()
    assert list_own_sensitive(viewer=other, at=now) == ()
    assert len(stored()) == 1


def test_a_consent_is_renewed_and_a_harm_entry_can_come_to_rest_on_consent(now: datetime) -> None:
    noor = make_provider(now)
    mine = record(noor, make_child(at=now), now, basis="significant-harm", consent=None)
    fresh = replace(CONSENT, given_by="parent-or-carer", obtained_on=now.date(), review_on=date(2027, 9, 1))
    renew_consent(by=noor, entry=mine, consent=fresh, at=now)
    (entry,) = list_own_sensitive(viewer=noor, at=now)
    assert (entry.basis, entry.consent) == (Basis.CONSENT, fresh)
    with pytest.raises(UnusableEntry):
        renew_consent(by=noor, entry=mine, consent=replace(fresh, obtained_on=date(2027, 1, 1)), at=now)
    assert list_own_sensitive(viewer=noor, at=now) == (entry,)


def test_reviews_that_come_near_are_first_and_said(now: datetime) -> None:
    noor = make_provider(now)
    later = record(noor, make_child(at=now), now)
    sooner = record(
        noor, make_child(at=now), now, consent=replace(CONSENT, review_on=now.date() + timedelta(days=20))
    )

    def reviews(at: datetime) -> list[tuple[int, bool, bool]]:
        return [(each.id, each.due, each.overdue) for each in list_own_sensitive(viewer=noor, at=at)]

    assert reviews(now) == [(sooner, True, False), (later, False, False)]
    assert reviews(now + timedelta(days=21)) == [(sooner, False, True), (later, False, False)]


def test_an_end_keeps_it_for_the_organisation_for_a_year(now: datetime) -> None:
    noor = make_provider(now)
    mine = record(noor, make_child(at=now), now)
    for wrong in (date(2026, 9, 1), date(2026, 10, 6)):
        with pytest.raises(UnusableEntry):
            end_sensitive_involvement(by=noor, entry=mine, ended_on=wrong, at=now)
    end_sensitive_involvement(by=noor, entry=mine, ended_on=date(2026, 10, 1), at=now)
    with pytest.raises(AlreadySo):
        end_sensitive_involvement(by=noor, entry=mine, ended_on=date(2026, 10, 1), at=now)
    with pytest.raises(AlreadySo):
        renew_consent(by=noor, entry=mine, consent=CONSENT, at=now)
    (entry,) = list_own_sensitive(viewer=noor, at=now)
    assert (entry.ended_on, entry.due, entry.overdue) == (date(2026, 10, 1), False, False)
    assert list_own_sensitive(viewer=noor, at=now + timedelta(days=365)) == ()


def test_the_same_involvement_twice_is_told_and_changes_nothing(now: datetime) -> None:
    child = make_child(at=now)
    noor = make_provider(now)
    record(noor, child, now)
    with pytest.raises(AlreadySo):
        record(noor, child, now)
    assert len(stored()) == 1


def test_withdrawal_deletes_at_once_every_entry_on_that_consent(now: datetime) -> None:
    child = make_child(at=now)
    noor = make_provider(now)
    home = Organisation.objects.get(pk=noor.organisation_id)
    colleague = make_viewer(at=now, organisation=home)
    mine, theirs = record(noor, child, now), record(colleague, child, now)
    harm = record(make_viewer(at=now, organisation=home), child, now, basis="significant-harm", consent=None)
    elsewhere = record(noor, make_child(at=now), now)
    withdraw_consent(by=noor, entry=mine, at=now)
    assert [row[0] for row in stored()] == [harm, elsewhere]
    with pytest.raises(AlreadySo):
        withdraw_consent(by=noor, entry=mine, at=now)
    with pytest.raises(AlreadySo):
        renew_consent(by=colleague, entry=theirs, consent=CONSENT, at=now)
    with pytest.raises(NotYours):
        get_own_sensitive(viewer=noor, entry=mine, at=now)
    again = record(noor, child, now, consent=replace(CONSENT, obtained_on=now.date()))
    assert get_own_sensitive(viewer=noor, entry=again, at=now).number == child


def test_an_old_consent_in_a_feed_does_not_bring_back_what_was_withdrawn(now: datetime) -> None:
    child = make_child(at=now)
    noor = make_provider(now, code="T330-17")
    supplied = replace(AMINA, involvement=None)
    part = SensitivePart(
        "camhs", "T330-17", "consent", consent_given_by="child", obtained_on=date(2026, 9, 1)
    )

    def send(what: SensitivePart) -> None:
        make_child(supplied, at=now, supplier="camhs", child_id=decode(child), sensitive=what)

    send(part)
    (entry,) = list_own_sensitive(viewer=noor, at=now)
    assert entry.supplied
    withdraw_consent(by=noor, entry=entry.id, at=now)
    send(part)
    send(replace(part, obtained_on=now.date()))
    assert stored() == []
    send(replace(part, basis="significant-harm", consent_given_by="", obtained_on=None))
    send(replace(part, obtained_on=now.date() + timedelta(days=1)))
    send(replace(part, organisation="T330-18"))
    assert len(stored()) == 3


NOBODY_ELSE = ["a colleague elsewhere", "another sensitive service", "a data manager", "a shielding officer"]


def others(now: datetime) -> Iterator[Viewer]:
    yield make_viewer(at=now, organisation=make_organisation(at=now, sector=Sector.SOCIAL_CARE))
    yield make_provider(now, service="substance_misuse", name="Other")
    team = make_organisation(at=now, sector=Sector.AUTHORITY, kind="authority")
    yield make_viewer(at=now, organisation=team, roles=[Role.DATA_MANAGER])
    yield make_viewer(at=now, organisation=team, roles=[Role.SHIELDING_OFFICER])


@pytest.mark.parametrize("restricted", [False, True], ids=["open", "shielded"])
def test_nobody_else_sees_any_difference(now: datetime, restricted: bool) -> None:
    """SEN-3, SEN-4: record, search and own list are word for word the same with the entry and without,
    but for the one line that those see who may ask for contact, on a record that is open."""
    child = make_child(at=now, supplier="nhs_demographics", restricted=restricted)
    noor = make_provider(now)
    viewers = list(others(now))
    query = SearchQuery(given_name="Amina", family_name="Khan", birth_date="2016-05-24")

    def seen() -> list[object]:
        found: list[object] = []
        for viewer in viewers:
            record = opened(viewer, child, now)
            may_ask = viewer.may(Action.ASK_FOR_BROKERED_CONTACT)
            assert record.sensitive_involved == (may_ask and not restricted and bool(stored()))
            found += [replace(record, sensitive_involved=False)]
            found += [search_children(viewer=viewer, query=query, at=now)]
            with_list = viewer.may(Action.LIST_OWN_INVOLVEMENTS)
            found.append(list_own_involvements(viewer=viewer, at=now) if with_list else ())
        return found

    before = seen()
    mine = record(noor, child, now)
    assert seen() == before
    assert opened(noor, child, now).involvements == opened(viewers[0], child, now).involvements
    withdraw_consent(by=noor, entry=mine, at=now)
    assert seen() == before


def test_on_a_shielded_child_it_works_the_same_and_shows_what_shi_2_shows(now: datetime) -> None:
    child = make_child(at=now, supplier="nhs_demographics", restricted=True)
    noor = make_provider(now)
    mine = record(noor, child, now)
    entry = get_own_sensitive(viewer=noor, entry=mine, at=now)
    assert entry == SensitiveEntry(
        mine, child, "Amina Rose", "Khan", "2016-05-24", True, "camhs", noor.name, "mental_health_practitioner",
        date(2026, 9, 21), None, Basis.CONSENT, CONSENT, False, False, False,
    )  # fmt: skip
    with pytest.raises(MayNotRecord):
        ordinary.record_assessment(by=noor, child=child, kind="family_help", opened_on=now.date(), at=now)
    withdraw_consent(by=noor, entry=mine, at=now)
    assert stored() == []


def test_a_child_shielded_later_keeps_the_entry_and_the_provider_reads_no_more(now: datetime) -> None:
    child = make_child(at=now)
    noor = make_provider(now)
    mine = record(noor, child, now)
    make_child(AMINA, at=now, supplier="nhs_demographics", child_id=decode(child), restricted=True)
    assert get_own_sensitive(viewer=noor, entry=mine, at=now).shielded


def test_of_a_child_no_longer_live_nothing_is_listed_or_recorded(now: datetime) -> None:
    child = make_child(at=now)
    noor = make_provider(now)
    record(noor, child, now)
    grown = datetime(2034, 6, 1, tzinfo=now.tzinfo)
    assert list_own_sensitive(viewer=noor, at=grown) == ()
    with pytest.raises(NoSuchRecord):
        record(noor, child, grown, basis="significant-harm", consent=None)


def test_no_canary_of_an_entry_is_in_anything_that_app_can_read(now: datetime) -> None:
    """Neither the receipt's dates nor the giver; and no more about the child than before."""
    child = make_child(at=now)
    noor = make_provider(now, name="Plain")
    about = str(decode(child))

    def rows_about_the_child() -> list[tuple[str, str]]:
        return sorted(row for row in readable_by_app() if about in row[1])

    before = rows_about_the_child()
    receipt = Consent("parent-or-carer", "school_nurse", date(2026, 9, 3), date(2027, 2, 7))
    mine = record(noor, child, now, consent=receipt, started_on=date(2026, 9, 4))
    list_own_sensitive(viewer=noor, at=now)
    renew_consent(by=noor, entry=mine, consent=receipt, at=now)
    words = ("2026-09-03", "2026-09-04", "2027-02-07", "parent-or-carer")
    assert [row for row in readable_by_app() if any(word in row[1] for word in words)] == []
    assert rows_about_the_child() == before


def test_the_log_names_neither_child_nor_service_and_keeps_only_that_a_removal_happened(
    now: datetime,
) -> None:
    child = make_child(at=now)
    noor = make_provider(now)
    mine = record(noor, child, now)
    list_own_sensitive(viewer=noor, at=now)
    withdraw_consent(by=noor, entry=mine, at=now)
    assert kinds(noor, now) == [
        "sensitive-recorded",
        "hidden-opened",
        "sensitive-listed",
        "sensitive-withdrawn",
    ]
    events = find_events_of_account(account_id=noor.account_id, since=now - timedelta(hours=1), typed=True)
    told = [event for event in events if event.kind.startswith(("sensitive", "hidden"))]
    for event in told:
        assert (event.children, event.typed) == ((), None)
        assert set(event.facts) <= {"entry", "entries", "door"}
        assert str(decode(child)) not in event.facts.values()
    assert find_events_of_child(child_id=decode(child) or 0, since=now - timedelta(hours=1)) == ()


def test_people_of_a_sensitive_service_cannot_name_it_on_an_open_record(now: datetime) -> None:
    """SEN-3: their organisation would stand beside an ordinary involvement or assessment."""
    child = make_child(at=now)
    noor = make_provider(now)
    assert not opened(noor, child, now).may_record_involvement
    with pytest.raises(MayNotRecord):
        ordinary.record_involvement(
            by=noor,
            child=child,
            service="voluntary",
            role="voluntary_worker",
            started_on=now.date(),
            team_telephone="0121 496 0100",
            team_email="",
            at=now,
        )
    with pytest.raises(MayNotRecord):
        ordinary.record_assessment(by=noor, child=child, kind="family_help", opened_on=now.date(), at=now)


def test_a_provider_that_loses_accreditation_is_stopped_and_its_entries_stay_hidden(now: datetime) -> None:
    child = make_child(at=now)
    clinic = make_organisation(at=now, sector=Sector.HEALTH, sensitive_service="camhs", name=CANARY)
    account = make_cleared_account(at=now, organisation=clinic)
    record(get_viewer(account_id=account.pk, at=now), child, now)
    founder, _ = make_founders(at=now)
    suspend_organisation(organisation_id=clinic.pk, by=founder, at=now)
    with pytest.raises(NotCleared):
        get_viewer(account_id=account.pk, at=now)
    assert len(stored()) == 1
    other = make_viewer(at=now)
    assert CANARY not in repr(opened(other, child, now))
