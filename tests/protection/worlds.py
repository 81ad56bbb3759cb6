"""Two worlds, each a database of its own, in which the same things are done by the same people (SHI-3).

Being in a world means that every connection, the data folder, the clock and what is drawn at random are that
world's. Numbers and tokens are drawn alike in both, so that any difference left comes from hidden values.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.db import connections
from django.test import Client

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory.publish import publishing
from contactpoint.web import clock
from contactpoint.web.pages import visit

ALIASES = ("default", "match", "owner")
STEP = timedelta(seconds=10)  # sixty of them are shorter than an idle session may be (ACC-5)
BEGIN = timedelta(hours=1)  # after the worlds were founded; people sign in then
OWN = os.environ.get("PYTEST_XDIST_WORKER", "")  # workers may share a server
BASE = f"two_worlds{OWN}"
TEMPLATES = (f"two_worlds_seed_a{OWN}", f"two_worlds_seed_b{OWN}")
PLAYED = (f"world_a{OWN}", f"world_b{OWN}")


@dataclass(slots=True)
class World:
    """One of the two. `side` is 0 or 1 and chooses its hidden values."""

    side: int
    database: str
    folder: Path
    at: datetime
    began_at: datetime = field(init=False)
    step: int = 0
    viewers: list[Viewer] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)
    tokens: list[list[str]] = field(default_factory=list)
    entries: list[int] = field(default_factory=list)
    connections: dict[str, Any] = field(default_factory=dict)
    drawn: Random = field(default_factory=Random)

    def __post_init__(self) -> None:
        self.began_at = self.at

    def token(self, who: int, which: int) -> str:
        """Of a child that this person has found; a forged one where there is none."""
        tokens = self.tokens[who] or ["forged-token"]
        return tokens[which % len(tokens)]

    def child(self, who: int, which: int) -> ChildNumber | None:
        """For whom that token stands in this person's session."""
        try:
            return visit.get_child(self.clients[who].session, token=self.token(who, which)).number
        except visit.NoSuchVisit:
            return None

    def has_line(self, who: int, child: ChildNumber | None) -> bool:
        """Whether this person is to be told that a sensitive service is involved: by what the hidden side holds."""
        if child is None or not self.viewers[who].may(Action.ASK_FOR_BROKERED_CONTACT):
            return False
        with connections["match"].cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM hidden.sensitive_involvement s"
                " JOIN directory_child c ON c.id = s.child_id AND NOT c.shielded"
                " WHERE s.child_id = directory_survivor(%s) AND (s.ended_on IS NULL OR s.ended_on > %s))",
                [decode(child), self.at.date()],
            )
            return bool(cursor.fetchone()[0])

    def next_step(self) -> None:
        """Time goes on; what is drawn begins anew, so that one odd step does not shift all later ones."""
        self.step += 1
        self.at += STEP
        self.drawn = Random(self.step)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Everything done inside is done in this world."""
        outside = {alias: connections[alias] for alias in ALIASES}
        before = settings.DATA_DIR, settings.LEDGER_DIR, clock.now, publishing.new_value, visit.secrets
        for alias in ALIASES:
            if alias not in self.connections:
                self.connections[alias] = outside[alias].copy()
                self.connections[alias].settings_dict["NAME"] = self.database
            connections[alias] = self.connections[alias]
        settings.DATA_DIR, settings.LEDGER_DIR = self.folder, self.folder / "ledger"
        clock.now = lambda: self.at
        publishing.new_value = lambda: self.drawn.getrandbits(45)
        visit.secrets = SimpleNamespace(token_urlsafe=self._draw_token)  # type: ignore[assignment]
        try:
            yield
        finally:
            settings.DATA_DIR, settings.LEDGER_DIR, clock.now, publishing.new_value, visit.secrets = before
            for alias in ALIASES:
                connections[alias] = outside[alias]

    def _draw_token(self, size: int) -> str:
        return f"{self.drawn.getrandbits(8 * size):0{size * 4 // 3}x}"[: size * 4 // 3]

    def close(self) -> None:
        for connection in self.connections.values():
            connection.close()
        self.connections.clear()


def copy_database(*, source: str, target: str) -> None:
    """Make `target` anew; nobody may be connected to either."""
    with connections["owner"]._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{target}"')
        cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}" STRATEGY FILE_COPY')


def drop_databases(*names: str) -> None:
    with connections["owner"]._nodb_cursor() as cursor:
        for name in names:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def in_both(worlds: tuple[World, World], act: Callable[[World], Any]) -> tuple[Any, Any]:
    """What `act` gives in each."""
    answers = []
    for world in worlds:
        world.next_step()
        with world.entered():
            answers.append(act(world))
    return answers[0], answers[1]
