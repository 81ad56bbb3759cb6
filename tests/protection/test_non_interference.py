"""Nobody without the right can tell what is hidden, whatever is done in whatever order (SHI-3, SHI-9)."""

from typing import Any

from hypothesis.stateful import run_state_machine_as_test

from tests.protection.machine import THOROUGH, TwoWorlds

PAGES = {
    "search_by_page",
    "open_by_page",
    "walk",
    "join_by_page",
    "part_by_page",
    "correct_by_page",
    "upload_by_page",
}


def test_worlds_that_differ_in_hidden_values_cannot_be_told_apart(
    two_worlds: type[TwoWorlds], django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        run_state_machine_as_test(two_worlds, settings=THOROUGH)
    # Two of them at least in a run as short as may be: that people are signed in, and pages come.
    assert len(two_worlds.opened & PAGES) >= 2, two_worlds.opened
