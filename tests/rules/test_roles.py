"""ACC-8, ACC-9: what roles allow, which duties stay apart, and which numbers a sector sees."""

import pytest

from contactpoint.access.policies import judge_approval, judge_role
from contactpoint.access.roles import ALLOWED, VISIBLE_NUMBERS, Action, Role, Sector, find_actions

NEVER_SEARCH = (
    Role.AUDITOR,
    Role.NATIONAL_AUDITOR,
    Role.NATIONAL_DATA_QUALITY,
    Role.ACCOUNT_MANAGER,
    Role.ORGANISATION_ADMINISTRATOR,
    Role.LINE_MANAGER,
    Role.INVESTIGATOR,
    Role.ARCHIVE_CUSTODIAN,
    Role.DATA_SUPPLIER,
    Role.SERVICE_OPERATOR,
)


def test_every_role_and_every_sector_is_in_its_table() -> None:
    assert set(ALLOWED) == set(Role)
    assert set(VISIBLE_NUMBERS) == set(Sector)
    assert find_actions(roles=frozenset(Role)) | {Action.OVERRIDE_SHIELD} == set(Action)


@pytest.mark.parametrize("role", NEVER_SEARCH)
def test_who_watches_or_runs_the_service_cannot_search(role: Role) -> None:
    """ACC-8."""
    assert not ALLOWED[role] & {Action.SEARCH, Action.OPEN_RECORD}


def test_a_service_operator_sees_no_child() -> None:
    """ACC-8."""
    assert ALLOWED[Role.SERVICE_OPERATOR] == {Action.OPERATE}


def test_overriding_a_shield_is_a_permission_of_its_own() -> None:
    """SHI-6: no other role brings it along."""
    assert [role for role, actions in ALLOWED.items() if Action.OVERRIDE_SHIELD in actions] == [
        Role.SHIELD_OVERRIDE
    ]


@pytest.mark.parametrize(
    ("sector", "seen"),
    [
        (Sector.EDUCATION, {"upn", "uln"}),
        (Sector.HEALTH, {"nhs"}),
        (Sector.SOCIAL_CARE, {"nhs"}),
        (Sector.VOLUNTARY, set()),
        (Sector.YOUTH_JUSTICE, set()),
    ],
)
def test_numbers_by_sector(sector: Sector, seen: set[str]) -> None:
    """ACC-9."""
    assert VISIBLE_NUMBERS[sector] == seen


@pytest.mark.parametrize(
    ("held", "new", "allowed"),
    [
        ((), Role.PRACTITIONER, True),
        ((Role.PRACTITIONER,), Role.LINE_MANAGER, True),
        ((Role.DATA_MANAGER,), Role.SHIELDING_OFFICER, True),
        ((Role.PRACTITIONER,), Role.AUDITOR, False),
        ((Role.AUDITOR,), Role.PRACTITIONER, False),
        ((Role.INVESTIGATOR,), Role.SHIELDING_OFFICER, False),
        ((Role.ACCOUNT_MANAGER,), Role.NATIONAL_AUDITOR, False),
        ((Role.AUDITOR,), Role.INVESTIGATOR, True),
    ],
)
def test_duties_that_stay_apart(held: tuple[Role, ...], new: Role, allowed: bool) -> None:
    """ACC-8."""
    assert judge_role(role=new, held=frozenset(held), is_own=False).allowed is allowed


def test_nobody_gives_themselves_a_role() -> None:
    """ACC-8."""
    assert not judge_role(role=Role.PRACTITIONER, held=frozenset(), is_own=True).allowed


@pytest.mark.parametrize(
    ("approver", "creator", "account", "allowed"),
    [(1, 2, 3, True), (1, None, 3, True), (2, 2, 3, False), (3, 2, 3, False)],
)
def test_two_people_make_an_account_live(
    approver: int, creator: int | None, account: int, allowed: bool
) -> None:
    """ACC-3, ACC-8."""
    decision = judge_approval(approver_id=approver, creator_id=creator, account_id=account)
    assert decision.allowed is allowed
