"""SHI-7: what becomes of a row near a sealed identity, and who may know of one."""

import pytest

from contactpoint.access.policies import judge_role
from contactpoint.access.roles import ALLOWED, Action, Role
from contactpoint.intake.sealed import Near, judge_near

SAME = ("given.exact", "family.exact", "birth.exact")

NEAR = [
    ("the former name and birth date, surely the child", SAME, True, False, False, Near.JOINS),
    ("the former name with a slip", ("given.exact", "family.slip", "birth.exact"), True, False, False, Near.JOINS),
    ("a name that it had before that", ("given.exact", "family.former", "birth.exact"), True, False, False, Near.JOINS),
    ("the former name, too little to be sure", ("given.exact", "family.exact", "birth.partial"), False, False, False, Near.HELD),
    ("both surnames in one", ("given.exact", "family.part", "birth.exact"), True, False, False, Near.HELD),
    ("the new name with the former one beside it", ("given.exact", "family.different", "birth.exact"), False, True, False, Near.HELD),
    ("the former name under a reference of another record", SAME, True, False, True, Near.HELD),
    ("the new name, the same given name and birth date", ("given.exact", "family.different", "birth.exact"), False, False, False, Near.NEITHER),
    ("the new name under the reference of the former one", ("given.exact", "family.different", "birth.exact"), True, False, False, Near.NEITHER),
    ("a brother or sister of the former name", ("given.different", "family.exact", "birth.exact"), True, False, False, Near.NEITHER),
    ("a namesake born on quite another day", ("given.exact", "family.exact", "birth.different"), False, False, False, Near.NEITHER),
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "levels", "is_sure", "tells_former", "is_of_another", "expected"),
    NEAR,
    ids=[case for case, *_ in NEAR],
)
def test_a_row_near_a_sealed_identity(
    case: str, levels: tuple[str, ...], is_sure: bool, tells_former: bool, is_of_another: bool, expected: Near
) -> None:
    """SHI-7, SHI-5."""
    near = judge_near(levels=levels, is_sure=is_sure, tells_former=tells_former, is_of_another=is_of_another)
    assert near is expected, case


def test_one_role_alone_may_know_which_record_became_which() -> None:
    """SHI-7."""
    assert [role for role, actions in ALLOWED.items() if Action.KEEP_SEALED in actions] == [
        Role.SEALED_CUSTODIAN
    ]
    assert ALLOWED[Role.SEALED_CUSTODIAN] == {Action.KEEP_SEALED}


@pytest.mark.parametrize("other", sorted(set(Role) - {Role.SEALED_CUSTODIAN}))
def test_the_custodian_has_no_other_role(other: Role) -> None:
    """SHI-7, ACC-8: whoever could search or read the log besides could trace the two."""
    for held, new in ((other, Role.SEALED_CUSTODIAN), (Role.SEALED_CUSTODIAN, other)):
        assert not judge_role(role=new, held=frozenset({held}), is_own=False).allowed


def test_a_shielding_officer_gives_a_new_identity_and_nobody_else_does() -> None:
    """SHI-7."""
    assert [role for role, actions in ALLOWED.items() if Action.GIVE_IDENTITY in actions] == [
        Role.SHIELDING_OFFICER
    ]
