"""REC-6: exactly one authority is responsible; who may propose a move, and who decides on it."""

from datetime import datetime, timedelta

import pytest

from contactpoint.access.roles import ALLOWED, Action, Role
from contactpoint.casework.moves.deciding import accept_move, propose_move
from contactpoint.directory.opening_up import open_authorities
from contactpoint.errors import ContactPointError
from tests.children import DATABASES, US, make_child
from tests.factories import make_organisation, make_viewer
from tests.feeds import ask

HOME, OTHER, THIRD = "330", "352", "333"
DATA, OFFICER = Role.DATA_MANAGER, Role.SHIELDING_OFFICER

# The case; who proposes, as authority and role; whether the child is shielded; who decides; what comes of it.
CASES = [
    ("the responsible one gives, the other takes", HOME, DATA, False, OTHER, DATA, "moved"),
    ("the other asks for the child, the responsible one agrees", OTHER, DATA, False, HOME, DATA, "moved"),
    ("one's own side's proposal", HOME, DATA, False, HOME, DATA, "not decided"),
    ("a third authority decides", HOME, DATA, False, THIRD, DATA, "not decided"),
    ("a third authority proposes", THIRD, DATA, False, OTHER, DATA, "not proposed"),
    ("a shielding officer about an open child", HOME, OFFICER, False, OTHER, DATA, "not proposed"),
    ("shielding officers about a shielded child", HOME, OFFICER, True, OTHER, OFFICER, "moved"),
    ("a data manager about a shielded child", HOME, DATA, True, OTHER, OFFICER, "not proposed"),
    ("another authority's officer asks for a shielded child", OTHER, OFFICER, True, HOME, OFFICER, "not proposed"),
    ("a data manager decides about a shielded child", HOME, OFFICER, True, OTHER, DATA, "not decided"),
]  # fmt: skip


@pytest.mark.django_db(transaction=True, databases=DATABASES)
@pytest.mark.parametrize(
    ("case", "proposing", "proposer", "shielded", "deciding", "decider", "expected"),
    CASES,
    ids=[case for case, *_ in CASES],
)
def test_a_move_is_proposed_by_one_and_decided_by_the_other(
    case: str,
    proposing: str,
    proposer: Role,
    shielded: bool,
    deciding: str,
    decider: Role,
    expected: str,
    now: datetime,
) -> None:
    """REC-6, SHI-2."""
    open_authorities(codes=[HOME, OTHER], on=now.date() - timedelta(days=30), by=US, at=now)
    child = make_child(at=now, supplier="nhs_demographics", restricted=shielded)
    one, other = (
        make_viewer(at=now, roles=[role], organisation=make_organisation(at=now, authority=authority))
        for authority, role in ((proposing, proposer), (deciding, decider))
    )
    came = "moved"
    try:
        move = propose_move(by=one, child=child, to=OTHER, at=now)
        came = "not decided"
        accept_move(by=other, move=move, at=now)
        came = "moved"
    except ContactPointError:
        came = came if came == "not decided" else "not proposed"
    assert came == expected, case
    ((authority,),) = ask(
        "SELECT coalesce(s.authority, c.authority) FROM directory_child c"
        " LEFT JOIN hidden.shield s ON s.child_id = c.id"
    )
    assert authority == (OTHER if came == "moved" else HOME)


def test_data_managers_move_records() -> None:
    """REC-6, ACC-8."""
    assert [role for role, actions in ALLOWED.items() if Action.MOVE in actions] == [Role.DATA_MANAGER]
