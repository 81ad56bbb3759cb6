"""What happens to organisations and accounts: allowed, refused, logged, and held by the database."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from contactpoint.access import actions
from contactpoint.access.actions import Criteria, NewOrganisation
from contactpoint.access.actions.accounts import AlreadyDone, EmailTaken, WrongDomain
from contactpoint.access.actions.checks import CheckNotUsable
from contactpoint.access.actions.insist import ActionRefused
from contactpoint.access.actions.organisations import CodeTaken, CriteriaNotMet
from contactpoint.access.models import Account, Clearance, Organisation, RoleGrant
from contactpoint.access.queries import NotCleared, get_viewer
from contactpoint.access.roles import Role, Sector
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.queries import find_events_of_account
from contactpoint.audit.records import Actor
from tests.factories import (
    clear_account,
    make_account,
    make_cleared_account,
    make_founders,
    make_organisation,
    make_viewer,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def kinds_of(account_id: int, now: datetime) -> list[str]:
    return [event.kind for event in find_events_of_account(account_id=account_id, since=now - HOUR)]


def test_the_whole_way_from_invitation_to_viewer(now: datetime) -> None:
    inviter, approver = make_founders(at=now)
    account = make_account(at=now)
    with pytest.raises(NotCleared) as refused:
        get_viewer(account_id=account.pk, at=now)
    assert "identity-missing" in refused.value.decision.codes
    clear_account(account, at=now)
    viewer = get_viewer(account_id=account.pk, at=now)
    assert viewer.roles == {Role.PRACTITIONER}
    assert viewer.authority == "330"
    assert viewer.visible_numbers == {"upn", "uln"}
    assert "account-invited" in kinds_of(inviter.account_id, now)
    assert {"account-approved", "role-granted"} <= set(kinds_of(approver.account_id, now))


def test_a_viewer_costs_one_query(now: datetime, django_assert_num_queries: pytest.FixtureRequest) -> None:
    account = make_cleared_account(at=now)
    with django_assert_num_queries(1):  # type: ignore[operator]
        get_viewer(account_id=account.pk, at=now)


def test_the_founders_are_made_once(now: datetime) -> None:
    first, second = make_founders(at=now)
    assert {Clearance.objects.get(pk=first.account_id).approved_by_id} == {second.account_id}
    assert {Clearance.objects.get(pk=second.account_id).approved_by_id} == {first.account_id}
    with pytest.raises(actions.AlreadyFounded):
        actions.found_service(
            organisation=NewOrganisation("X", "X", "national", Sector.NATIONAL),
            criteria=_criteria(now.date()),
            accredited_until=now.date(),
            first=None,  # type: ignore[arg-type]
            second=None,  # type: ignore[arg-type]
            at=now,
        )


def test_who_invited_does_not_approve(now: datetime) -> None:
    inviter, _ = make_founders(at=now)
    account = make_account(at=now)
    with pytest.raises(ActionRefused, match="other than the person who invited"):
        actions.approve_account(account_id=account.pk, by=inviter, at=now)
    assert EventKind.ACTION_REFUSED in kinds_of(inviter.account_id, now)


def test_the_database_too_wants_two_people(now: datetime) -> None:
    inviter, approver = make_founders(at=now)
    account = make_account(at=now)
    for approver_id in (inviter.account_id, account.pk):
        with pytest.raises(IntegrityError), transaction.atomic():
            Clearance.objects.filter(pk=account.pk).update(approved_at=now, approved_by_id=approver_id)
    with pytest.raises(IntegrityError, match="account_creator_stays"), transaction.atomic():
        Account.objects.filter(pk=account.pk).update(created_by_id=approver.account_id)


def test_the_database_wants_one_answerable_body(now: datetime) -> None:
    account = make_account(at=now)
    for authority, partner in ((None, None), ("330", "A partner")):
        with pytest.raises(IntegrityError, match="account_one_answerable_body"), transaction.atomic():
            Account.objects.filter(pk=account.pk).update(
                granted_by_authority=authority, granted_by_partner=partner
            )


def test_one_address_one_account_whatever_its_case(now: datetime) -> None:
    organisation = make_organisation(at=now)
    make_account(at=now, email="a.person@bridgelane.example", organisation=organisation)
    with pytest.raises(EmailTaken):
        make_account(at=now, email="A.Person@BridgeLane.example", organisation=organisation)


def test_an_address_of_another_domain_is_refused(now: datetime) -> None:
    with pytest.raises(WrongDomain):
        make_account(at=now, email="someone@elsewhere.example")


def test_a_practitioner_cannot_invite_and_the_refusal_is_logged(now: datetime) -> None:
    charlie = make_viewer(at=now, name="Charlie")
    with pytest.raises(ActionRefused):
        actions.invite_account(
            email="x@bridgelane.example",
            name="X",
            organisation_id=charlie.organisation_id,
            by=charlie,
            at=now,
        )
    assert kinds_of(charlie.account_id, now) == ["action-refused"]
    assert not Account.objects.filter(email="x@bridgelane.example").exists()


def test_an_account_manager_reaches_no_further_than_their_authority(now: datetime) -> None:
    _, approver = make_founders(at=now)
    account = make_cleared_account(at=now, roles=())
    actions.grant_role(account_id=account.pk, role=Role.ACCOUNT_MANAGER, authority="330", by=approver, at=now)
    manager = get_viewer(account_id=account.pk, at=now)
    elsewhere = make_organisation(at=now, authority="202")
    with pytest.raises(ActionRefused, match="own authority"):
        actions.suspend_organisation(organisation_id=elsewhere.pk, by=manager, at=now)
    assert Organisation.objects.get(pk=elsewhere.pk).suspended_at is None


def test_suspending_an_account_stops_it_that_moment(now: datetime) -> None:
    founder, _ = make_founders(at=now)
    account = make_cleared_account(at=now)
    actions.begin_session(
        account_id=account.pk, actor=Actor(account.pk, None, "web"), at=now, method="password mfa"
    )
    actions.suspend_account(account_id=account.pk, by=founder, at=now)
    with pytest.raises(NotCleared, match="suspended"):
        get_viewer(account_id=account.pk, at=now)
    account.refresh_from_db()
    assert account.sign_in.ended_why == "suspended"
    with pytest.raises(AlreadyDone):
        actions.suspend_account(account_id=account.pk, by=founder, at=now)


def test_suspending_an_organisation_stops_all_its_people(now: datetime) -> None:
    founder, _ = make_founders(at=now)
    organisation = make_organisation(at=now)
    people = [make_cleared_account(at=now, organisation=organisation) for _ in range(2)]
    actions.suspend_organisation(organisation_id=organisation.pk, by=founder, at=now)
    for person in people:
        with pytest.raises(NotCleared, match="organisation has been suspended"):
            get_viewer(account_id=person.pk, at=now)


def test_a_lapse_needs_nobody_to_notice_it(now: datetime) -> None:
    account = make_cleared_account(at=now)
    get_viewer(account_id=account.pk, at=now + timedelta(days=80))
    with pytest.raises(NotCleared) as refused:
        get_viewer(account_id=account.pk, at=now + timedelta(days=400))
    lapsed = {"accreditation-lapsed", "training-lapsed", "recertification-lapsed", "disuse-closed"}
    assert set(refused.value.decision.codes) == lapsed


def test_a_role_taken_back_is_gone_at_once(now: datetime) -> None:
    _, approver = make_founders(at=now)
    account = make_cleared_account(at=now)
    with pytest.raises(AlreadyDone):
        actions.grant_role(account_id=account.pk, role=Role.PRACTITIONER, by=approver, at=now)
    actions.end_role(account_id=account.pk, role=Role.PRACTITIONER, by=approver, at=now + HOUR)
    with pytest.raises(NotCleared, match="not been given a role"):
        get_viewer(account_id=account.pk, at=now + HOUR)
    actions.grant_role(account_id=account.pk, role=Role.PRACTITIONER, by=approver, at=now + 2 * HOUR)
    assert get_viewer(account_id=account.pk, at=now + 2 * HOUR).roles == {Role.PRACTITIONER}


def test_a_team_role_names_its_authority(now: datetime) -> None:
    account = make_cleared_account(at=now, roles=(Role.DATA_MANAGER,))
    assert RoleGrant.objects.get(account=account).authority == "330"
    with pytest.raises(IntegrityError, match="role_grant_authority_where_needed"), transaction.atomic():
        RoleGrant.objects.filter(account=account).update(authority=None)


def test_a_check_cannot_lie_ahead_and_a_dbs_check_lasts_three_years(now: datetime) -> None:
    founder, _ = make_founders(at=now)
    account = make_account(at=now)
    tomorrow = now.date() + timedelta(days=1)
    with pytest.raises(CheckNotUsable):
        actions.record_identity_check(account_id=account.pk, on=tomorrow, by=founder, at=now)
    with pytest.raises(CheckNotUsable):
        actions.record_dbs_check(account_id=account.pk, level="gold", on=now.date(), by=founder, at=now)
    actions.record_dbs_check(
        account_id=account.pk,
        level="enhanced",
        on=date(2024, 2, 29),
        next_check_on=date(2040, 1, 1),
        by=founder,
        at=now,
    )
    assert Clearance.objects.get(pk=account.pk).dbs_next_check_on == date(2027, 2, 28)


def test_an_organisation_shows_all_it_lacks(now: datetime) -> None:
    founder, second = make_founders(at=now)
    organisation = make_organisation(at=now, is_accredited=False, sector=Sector.HEALTH)
    empty = Criteria("", None, False, "", ())
    actions.enter_application(organisation_id=organisation.pk, criteria=empty, by=founder, at=now)
    with pytest.raises(CriteriaNotMet) as refused:
        actions.accredit_organisation(
            organisation_id=organisation.pk, expires_on=now.date() + timedelta(days=1), by=second, at=now
        )
    for gap in ("certificate", "disciplinary", "safeguarding", "domain", "Caldicott"):
        assert gap in str(refused.value)


def test_a_code_is_registered_once(now: datetime) -> None:
    make_organisation(at=now, code="SAME")
    with pytest.raises(CodeTaken):
        make_organisation(at=now, code="SAME")


def test_a_register_is_loaded_and_loaded_again(now: datetime) -> None:
    by = Actor(None, None, "command")
    rows = [
        NewOrganisation(f"10000{n}", f"School {n}", "school", Sector.EDUCATION, authority="330")
        for n in range(3)
    ]
    first = actions.load_organisations(organisations=rows, by=by, at=now)
    renamed = [NewOrganisation("100001", "New Name", "school", Sector.EDUCATION, authority="330")]
    again = actions.load_organisations(organisations=renamed, by=by, at=now)
    assert again == {"100001": first["100001"]}
    assert Organisation.objects.get(code="100001").name == "New Name"
    assert Organisation.objects.filter(code__startswith="10000").count() == 3


def _criteria(on: date) -> Criteria:
    return Criteria("Cyber Essentials Plus", on, True, "Lead", ("x.example",), "Guardian")
