"""ACC-2, ACC-3, ACC-5, ACC-8, ACC-10: two people for each step, disuse, re-certification, switches."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from contactpoint.access import actions
from contactpoint.access.actions.insist import ActionRefused
from contactpoint.access.models import Account, Application, Clearance, RoleGrant, Stop
from contactpoint.access.policies import (
    judge_approval,
    judge_clearance,
    judge_lift,
    judge_merger,
    judge_role,
    judge_scope,
)
from contactpoint.access.queries import NotCleared, get_viewer
from contactpoint.access.records import MergerFacts
from contactpoint.access.roles import Role, Sector
from contactpoint.audit.queries import find_events_of_account
from tests.factories import make_account, make_cleared_account, make_founders, make_organisation, make_viewer
from tests.rules.test_clearance import COMPLETE

AT = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)

UNUSED = {
    "used last Friday": (DAY * 3, ()),
    "unused for exactly 90 days": (DAY * 90, ()),
    "unused for a little more": (DAY * 90 + timedelta(seconds=1), ("disuse",)),
    "unused for a year to the minute": (DAY * 365, ("disuse",)),
    "unused for longer": (DAY * 366, ("disuse-closed",)),
}
CONFIRMED = {
    "confirmed today": (date(2026, 10, 5), ()),
    "confirmed 183 days ago": (date(2026, 4, 5), ()),
    "confirmed 184 days ago": (date(2026, 4, 4), ("recertification-lapsed",)),
    "never confirmed since approval in January": (None, ("recertification-lapsed",)),
}
SWITCHED_OFF = {
    "the whole service": ({"is_service_stopped": True}, "service-stopped"),
    "the authority": ({"is_authority_stopped": True}, "authority-stopped"),
    "the organisation": ({"organisation_suspended_at": AT}, "organisation-suspended"),
    "the account": ({"account_suspended_at": AT}, "account-suspended"),
}

MERGERS = {
    "two schools of one authority": ({}, ()),
    "into itself": ({"is_same": True}, ("same",)),
    "of two authorities": ({"is_one_authority": False}, ("authority",)),
    "a school into a surgery": ({"is_one_sector": False}, ("sector",)),
    "one provides a sensitive service": ({"is_sensitive": True}, ("sensitive",)),
    "into one that is not accredited": ({"is_accredited": False}, ("accreditation",)),
    "one has merged before": ({"was_merged": True}, ("merged",)),
}


@pytest.mark.parametrize(("changes", "codes"), MERGERS.values(), ids=MERGERS)
def test_an_organisation_merges_only_where_nobody_gains(
    changes: dict[str, bool], codes: tuple[str, ...]
) -> None:
    """ACC-2, ACC-8."""
    facts = MergerFacts(
        is_same=False,
        is_one_authority=True,
        is_one_sector=True,
        is_sensitive=False,
        is_accredited=True,
        was_merged=False,
    )
    decision = judge_merger(replace(facts, **changes))
    assert (decision.allowed, decision.codes) == (not codes, codes)


@pytest.mark.parametrize(("unused", "codes"), UNUSED.values(), ids=UNUSED)
def test_what_is_not_used_stops(unused: timedelta, codes: tuple[str, ...]) -> None:
    """ACC-5."""
    facts = replace(
        COMPLETE, approved_at=datetime(2025, 1, 1, tzinfo=UTC), used_at=AT - unused, recertified_on=AT.date()
    )
    assert judge_clearance(facts=facts, at=AT).codes == codes


@pytest.mark.parametrize(("on", "codes"), CONFIRMED.values(), ids=CONFIRMED)
def test_managers_confirm_twice_a_year(on: date | None, codes: tuple[str, ...]) -> None:
    """ACC-10."""
    assert judge_clearance(facts=replace(COMPLETE, recertified_on=on), at=AT).codes == codes


@pytest.mark.parametrize(("changes", "code"), SWITCHED_OFF.values(), ids=SWITCHED_OFF)
def test_each_switch_stops_at_once(changes: dict[str, object], code: str) -> None:
    """ACC-5."""
    assert judge_clearance(facts=replace(COMPLETE, **changes), at=AT).codes == (code,)  # type: ignore[arg-type]


APPROVAL = {
    "a third person": ({}, True),
    "the person themselves": ({"approver_id": 3}, False),
    "who invited": ({"approver_id": 2}, False),
    "who began the checks anew": ({"restarter_id": 1}, False),
    "somebody of the same name: perhaps a second account": ({"is_same_name": True}, False),
    "before the DBS check": ({"unready": ("dbs-missing",)}, False),
}


@pytest.mark.parametrize(("changes", "allowed"), APPROVAL.values(), ids=APPROVAL)
def test_who_approves_an_account(changes: dict[str, object], allowed: bool) -> None:
    """ACC-3, ACC-8."""
    given = {"approver_id": 1, "creator_id": 2, "account_id": 3, **changes}
    assert judge_approval(**given).allowed is allowed  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stopped_by", "lifted_by", "account", "allowed"),
    [(1, 2, 3, True), (1, 1, 3, False), (1, 3, 3, False), (None, 2, 3, True)],
    ids=["another person", "who turned it off", "the person concerned", "the clock stopped it"],
)
def test_who_turns_a_switch_on_again(
    stopped_by: int | None, lifted_by: int, account: int, allowed: bool
) -> None:
    """ACC-5."""
    assert judge_lift(stopped_by=stopped_by, lifted_by=lifted_by, account_id=account).allowed is allowed


@pytest.mark.django_db
def test_nobody_gives_what_reaches_further_than_they_do(now: datetime) -> None:
    """ACC-8."""
    local = make_viewer(at=now, roles=(Role.ACCOUNT_MANAGER,))
    national, _ = make_founders(at=now)
    for role, scope, allowed in (
        (Role.PRACTITIONER, None, True),
        (Role.AUDITOR, "330", True),
        (Role.AUDITOR, "340", False),
        (Role.NATIONAL_AUDITOR, None, False),
        (Role.SERVICE_OPERATOR, None, False),
    ):
        assert judge_scope(viewer=local, role=role, scope=scope).allowed is allowed
        assert judge_scope(viewer=national, role=role, scope=scope).allowed


@pytest.mark.django_db
def test_the_database_keeps_the_same_duties_apart_as_the_table(now: datetime) -> None:
    """ACC-8: every pair of roles."""
    account = make_account(at=now)
    scopes = dict.fromkeys(
        (Role.DATA_MANAGER, Role.SHIELDING_OFFICER, Role.BROKER, Role.INVESTIGATOR, Role.AUDITOR), "330"
    )
    for held in Role:
        for new in Role:
            if held is new:
                continue
            expected = judge_role(role=new, held=frozenset({held}), is_own=False).allowed
            assert _both_can_be_held(account, held, new, scopes, now) is expected, (held, new)


def _both_can_be_held(
    account: Account, held: Role, new: Role, scopes: dict[Role, str], now: datetime
) -> bool:
    before = transaction.savepoint()
    try:
        with transaction.atomic():
            for role in (held, new):
                RoleGrant.objects.create(
                    account=account, role=role.value, authority=scopes.get(role), valid_from=now
                )
    except IntegrityError as error:
        return "role_grant_duties_apart" not in str(error)
    transaction.savepoint_rollback(before)
    return True


@pytest.mark.django_db
def test_the_database_wants_another_person_for_each_second_step(now: datetime) -> None:
    """ACC-2, ACC-3, ACC-5, ACC-8."""
    first, second = make_founders(at=now)
    account = make_cleared_account(at=now)
    organisation = make_organisation(at=now)
    actions.suspend_account(account_id=account.pk, by=first, at=now)
    row = Application.objects.filter(organisation=organisation).get()
    for attempt, constraint in (
        (lambda: Stop.objects.update(lifted_at=now, lifted_by=first.account_id), "stop_two_people"),
        (
            lambda: Application.objects.filter(pk=row.pk).update(decided_by=row.entered_by_id),
            "application_two_people",
        ),
        (
            lambda: Clearance.objects.filter(pk=account.pk).update(identity_checked_by=account.pk),
            "clearance_not_self_checked",
        ),
        (
            lambda: Clearance.objects.filter(pk=account.pk).update(recertified_by=account.pk),
            "clearance_not_self_recertified",
        ),
        (lambda: RoleGrant.objects.update(granted_by=account.pk), "role_grant_not_to_oneself"),
        (
            lambda: Clearance.objects.filter(pk=account.pk).update(approved_by=first.account_id),
            "clearance_two_people",
        ),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            attempt()
    Account.objects.filter(pk=account.pk).update(restarted_by_id=second.account_id)
    with pytest.raises(IntegrityError, match="clearance_two_people"), transaction.atomic():
        Clearance.objects.filter(pk=account.pk).update(approved_by=second.account_id)


@pytest.mark.django_db
def test_signing_in_after_three_months_does_not_undo_the_suspension(now: datetime) -> None:
    """ACC-5."""
    first, second = make_founders(at=now)
    account = make_cleared_account(at=now)
    later = now + 91 * DAY
    actions.begin_session(account_id=account.pk, actor=second.actor, at=later, method="test")
    with pytest.raises(NotCleared, match="not used for three months"):
        get_viewer(account_id=account.pk, at=later)
    actions.reinstate_account(account_id=account.pk, by=first, at=later)
    assert get_viewer(account_id=account.pk, at=later)
    actions.begin_session(account_id=account.pk, actor=second.actor, at=later + 80 * DAY, method="test")
    actions.recertify_accounts(account_ids=[account.pk], by=first, at=later + 80 * DAY)
    assert get_viewer(account_id=account.pk, at=later + 160 * DAY)


@pytest.mark.django_db
def test_each_switch_ends_sessions_and_is_turned_on_by_somebody_else(now: datetime) -> None:
    """ACC-5."""
    first, second = make_founders(at=now)
    account = make_cleared_account(at=now)
    organisation_id = account.organisation_id
    for off, on in (
        (
            lambda by: actions.suspend_account(account_id=account.pk, by=by, at=now),
            lambda by: actions.reinstate_account(account_id=account.pk, by=by, at=now),
        ),
        (
            lambda by: actions.suspend_organisation(organisation_id=organisation_id, by=by, at=now),
            lambda by: actions.reinstate_organisation(organisation_id=organisation_id, by=by, at=now),
        ),
        (
            lambda by: actions.stop_authority(code="330", by=by, at=now),
            lambda by: actions.restore_authority(code="330", by=by, at=now),
        ),
    ):
        actions.begin_session(account_id=account.pk, actor=first.actor, at=now, method="test")
        off(first)
        assert Account.objects.get(pk=account.pk).sign_in.ended_why == "suspended"
        with pytest.raises(NotCleared):
            get_viewer(account_id=account.pk, at=now)
        with pytest.raises(ActionRefused, match="somebody else"):
            on(first)
        on(second)
        assert get_viewer(account_id=account.pk, at=now)
    events = find_events_of_account(account_id=first.account_id, since=now - DAY)
    assert [event.facts["why"] for event in events if event.refused] == ["own-switch"] * 3


@pytest.mark.django_db
def test_the_whole_service_off_leaves_those_who_can_turn_it_on(now: datetime) -> None:
    """ACC-5, ACC-8: two operators, and nobody else."""
    home = make_organisation(at=now, sector=Sector.NATIONAL, authority="330")
    one, two = (
        make_viewer(at=now, name=name, organisation=home, roles=(Role.SERVICE_OPERATOR,))
        for name in ("Op One", "Op Two")
    )
    practitioner = make_cleared_account(at=now)
    manager, _ = make_founders(at=now)
    with pytest.raises(ActionRefused):
        actions.stop_service(by=manager, at=now)
    actions.stop_service(by=one, at=now)
    for account_id in (practitioner.pk, manager.account_id):
        with pytest.raises(NotCleared, match="whole service is switched off"):
            get_viewer(account_id=account_id, at=now)
    assert get_viewer(account_id=two.account_id, at=now)
    with pytest.raises(ActionRefused):
        actions.restore_service(by=one, at=now)
    actions.restore_service(by=two, at=now)
    assert get_viewer(account_id=practitioner.pk, at=now)


@pytest.mark.django_db
def test_who_entered_an_application_does_not_decide_on_it(now: datetime) -> None:
    """ACC-2."""
    first, second = make_founders(at=now)
    organisation = make_organisation(at=now)
    criteria = actions.Criteria("DSPT", now.date() + 200 * DAY, True, "Lead", ("x.example",), "Guardian")
    actions.enter_application(organisation_id=organisation.pk, criteria=criteria, by=first, at=now)
    until = now.date() + 100 * DAY
    with pytest.raises(ActionRefused, match="somebody else has to decide"):
        actions.accredit_organisation(organisation_id=organisation.pk, expires_on=until, by=first, at=now)
    actions.accredit_organisation(organisation_id=organisation.pk, expires_on=until, by=second, at=now)
    current = organisation.accreditations.get(superseded_at__isnull=True)
    assert (current.expires_on, current.email_domains) == (until, ["x.example"])


@pytest.mark.django_db
def test_moving_ends_what_the_old_organisation_gave(now: datetime) -> None:
    """ACC-1, ACC-3: roles and approval end; whoever moved them does not approve."""
    first, second = make_founders(at=now)
    account = make_cleared_account(at=now)
    new = make_organisation(at=now, name="Other School")
    actions.begin_session(account_id=account.pk, actor=first.actor, at=now, method="test")
    later = now + timedelta(hours=1)
    actions.move_account(
        account_id=account.pk, organisation_id=new.pk, email="jo@bridgelane.example", by=second, at=later
    )
    with pytest.raises(NotCleared) as refused:
        get_viewer(account_id=account.pk, at=later)
    assert set(refused.value.decision.codes) == {"no-role", "identity-missing", "approval-missing"}
    assert Account.objects.get(pk=account.pk).sign_in.ended_at == later
    actions.record_identity_check(account_id=account.pk, on=now.date(), by=first, at=later)
    for nobody in (first, second):  # one invited, the other moved them
        with pytest.raises(ActionRefused):
            actions.approve_account(account_id=account.pk, by=nobody, at=later)


@pytest.mark.django_db
def test_a_manager_confirms_their_own_people_and_never_themselves(now: datetime) -> None:
    """ACC-10."""
    school = make_organisation(at=now)
    manager = make_viewer(at=now, name="Line Manager", organisation=school, roles=(Role.LINE_MANAGER,))
    colleague = make_cleared_account(at=now, organisation=school)
    stranger = make_cleared_account(at=now)
    later = now + 80 * DAY
    assert actions.recertify_accounts(account_ids=[colleague.pk], by=manager, at=later) == 1
    assert Clearance.objects.get(pk=colleague.pk).recertified_on == later.date()
    for other in (stranger.pk, manager.account_id):
        with pytest.raises(ActionRefused):
            actions.recertify_accounts(account_ids=[colleague.pk, other], by=manager, at=later)
