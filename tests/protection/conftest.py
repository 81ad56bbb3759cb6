"""Two seeded worlds, made once and copied for every run of the machine."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connections

from tests.conftest import NOW
from tests.protection.machine import TwoWorlds, make_machine
from tests.protection.population import found_world, hide, people_of
from tests.protection.worlds import ALIASES, BASE, PLAYED, TEMPLATES, World, copy_database, drop_databases

SEEDS = ((0, 1, 2, 3), (1, 3, 0, 1))  # which variant each shielded child has in each world


@pytest.fixture(scope="session")
def two_worlds(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[type[TwoWorlds]]:
    """The machine for them. Beside the tests' own database, so that nothing is flushed."""
    folder = tmp_path_factory.mktemp("worlds")
    with django_db_blocker.unblock():
        tests_own = connections["owner"].settings_dict["NAME"]
        for alias in ALIASES:
            connections[alias].close()
        copy_database(source=tests_own, target=BASE)
        base = World(0, BASE, folder, NOW)
        with base.entered():
            accounts = found_world(at=NOW)
        base.close()
        for side in (0, 1):
            copy_database(source=BASE, target=TEMPLATES[side])
            world = World(side, TEMPLATES[side], folder / TEMPLATES[side], NOW)
            with world.entered():
                people_of(world, accounts)
                hide(world, SEEDS[side])
            world.close()
        yield make_machine(folder=folder, accounts=accounts, founded_at=NOW)
        drop_databases(*PLAYED, *TEMPLATES, BASE)


@pytest.fixture
def founded_at() -> datetime:
    return NOW
