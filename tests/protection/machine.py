"""The machine that tries to tell two worlds apart, in which only hidden values differ (SHI-3, SHI-9, SEA-6).

Each step does one thing in both worlds, through a door that people or suppliers use (`doors.py` and `doors_changing.py` have them),
and compares all that can be observed of it.
At the end of every run all that the server may read in the database is compared too.
"""

import os
import re
import shutil
from datetime import datetime
from difflib import unified_diff
from pathlib import Path
from pprint import pformat
from typing import Any, ClassVar

from django.db import connections
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.protection import doors_changing  # noqa: F401  it adds its doors to the list
from tests.protection.doors import DOORS, Door
from tests.protection.observing import observe_tables
from tests.protection.population import people_of
from tests.protection.worlds import BEGIN, PLAYED, TEMPLATES, World, copy_database, in_both

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "8"))
STEPS = int(os.environ.get("MACHINE_STEPS", "60"))
THOROUGH = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    print_blob=True,
    # Seeking the shortest way takes minutes; a failure is kept and tried first the next time.
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# For a leak planted on purpose: one try after another until it is found, and no search for the shortest way.
HUNTING = settings(
    THOROUGH,
    max_examples=80,
    stateful_step_count=60,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
)


# With suppliers' doors a step takes a second, and a few of them do.
HUNTING_BRIEFLY = settings(HUNTING, stateful_step_count=12)
SUPPLYING = ("supply_hidden", "supply_near", "search_by_page")


class ToldApart(AssertionError):
    """Something in one world is observed otherwise than in the other."""


class TwoWorlds(RuleBasedStateMachine):
    """Made for one pair of seeded databases by `make_machine`, which adds a rule for each door."""

    folder: Path
    accounts: list[tuple[int, str]]
    founded_at: datetime
    planted: str = ""
    steps: int = 0
    told_apart: bool = False
    opened: ClassVar[set[str]] = set()

    @initialize()
    def copy_the_worlds(self) -> None:
        worlds = []
        for side in (0, 1):
            copy_database(source=TEMPLATES[side], target=PLAYED[side])
            shutil.rmtree(self.folder / PLAYED[side], ignore_errors=True)
            shutil.copytree(self.folder / TEMPLATES[side], self.folder / PLAYED[side])
            world = World(side, PLAYED[side], self.folder / PLAYED[side], self.founded_at + BEGIN)
            with world.entered():
                people_of(world, self.accounts)
                if self.planted:
                    connections["owner"].cursor().execute(self.planted)
            worlds.append(world)
        self.worlds = (worlds[0], worlds[1])

    def go(self, door: Door, drawn: dict[str, Any]) -> None:
        """Through one door in both worlds; what is observed must be the same."""
        type(self).steps += 1
        here, there = in_both(self.worlds, lambda world: door.act(world, **drawn))
        if is_answered(here):
            self.opened.add(door.name)
        if here != there:
            self.told_apart = True  # what then stands in the tables is no news
            raise ToldApart(f"{door.name} with {drawn} tells the worlds apart:\n{_difference(here, there)}")

    def close(self) -> None:
        for world in self.worlds:
            world.close()

    def teardown(self) -> None:
        if not hasattr(self, "worlds"):
            return
        if self.told_apart:
            self.close()
            return
        try:
            tables = in_both(self.worlds, lambda world: observe_tables(since=world.began_at))
        finally:
            self.close()
        if tables[0] != tables[1]:
            raise ToldApart(f"what the server reads tells the worlds apart:\n{_difference(*tables)}")


def is_answered(seen: Any) -> bool:
    """Whether a page came, or a door gave something: a machine that only knocks at closed doors proves nothing."""
    if not isinstance(seen, tuple | list) or not seen:
        return False
    return seen[0] in (200, "gave") or any(is_answered(part) for part in seen)


def hunt_by(machine: type[TwoWorlds], found_by: str) -> type[TwoWorlds]:
    """The same machine with those doors alone by which a leak must be found: among fifty, the right step takes
    minutes to come. Where it may show in a table, also with those that supply what leaks.
    """
    more = SUPPLYING if "reads" in found_by else ()
    kept = [door for door in DOORS if re.match(found_by, f"{door.name} with") or door.name in more]
    facts = {"folder": machine.folder, "accounts": machine.accounts, "founded_at": machine.founded_at}
    facts["planted"] = machine.planted
    return type("HuntingWorlds", (TwoWorlds,), facts | {door.name: _rule(door) for door in kept})


def make_machine(*, folder: Path, accounts: list[tuple[int, str]], founded_at: datetime) -> type[TwoWorlds]:
    facts = {"folder": folder, "accounts": accounts, "founded_at": founded_at}
    return type("TwoSeededWorlds", (TwoWorlds,), facts | {door.name: _rule(door) for door in DOORS})


def _rule(door: Door) -> Any:
    def step(self: TwoWorlds, **drawn: Any) -> None:
        self.go(door, drawn)

    step.__name__ = step.__qualname__ = door.name
    made = rule(**door.drawn)(step)
    return precondition(lambda self: any(self.worlds[0].tokens))(made) if door.needs_token else made


def _difference(here: Any, there: Any) -> str:
    lines = unified_diff(
        pformat(here, width=140).splitlines(), pformat(there, width=140).splitlines(), "one", "other"
    )
    return "\n".join(list(lines)[:40])
