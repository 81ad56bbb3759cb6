"""The machine finds leaks: each of these, planted alone, tells the worlds apart. Else it proves nothing."""

from typing import Any

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.protection.leaks import IN_THE_DATABASE, IN_THE_PROGRAM
from tests.protection.machine import HUNTING, HUNTING_BRIEFLY, ToldApart, TwoWorlds, hunt_by

pytestmark = pytest.mark.long


def how(found_by: str) -> Any:
    """Briefly where suppliers' doors are among them."""
    return HUNTING_BRIEFLY if "reads" in found_by or "supply" in found_by else HUNTING


@pytest.mark.parametrize("leak", IN_THE_PROGRAM)
def test_a_leak_in_the_program_is_found(
    leak: str, two_worlds: type[TwoWorlds], django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant, found_by = IN_THE_PROGRAM[leak]
    plant(monkeypatch)
    with django_db_blocker.unblock(), pytest.raises(ToldApart, match=f"^({found_by})"):
        run_state_machine_as_test(hunt_by(two_worlds, found_by), settings=how(found_by))


@pytest.mark.parametrize("leak", IN_THE_DATABASE)
def test_a_leak_in_the_database_is_found(
    leak: str, two_worlds: type[TwoWorlds], django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant, found_by = IN_THE_DATABASE[leak]
    monkeypatch.setattr(two_worlds, "planted", plant)
    with django_db_blocker.unblock(), pytest.raises(ToldApart, match=f"^({found_by})"):
        run_state_machine_as_test(hunt_by(two_worlds, found_by), settings=how(found_by))
