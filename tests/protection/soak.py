"""`make soak`: the machine for MINUTES with fresh seeds; the steps a second, and the first sequence that fails."""

import os
import sys
import time
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.protection.machine import THOROUGH, TwoWorlds

MINUTES = float(os.environ.get("MINUTES", "10"))
ROUND = settings(THOROUGH, max_examples=20, report_multiple_bugs=False)


def test_the_worlds_are_not_told_apart_for_so_long(
    two_worlds: type[TwoWorlds], django_db_blocker: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    with django_db_blocker.unblock():
        while (took := time.monotonic() - began) < MINUTES * 60:
            run_state_machine_as_test(two_worlds, settings=ROUND)
            took = time.monotonic() - began
            with capsys.disabled():
                sys.stdout.write(
                    f"{two_worlds.steps:,} steps in {took / 60:.1f} min, {two_worlds.steps / took:.1f} a second\n"
                )
