"""Where the database of one size lives: beside the service's own, never in it.

Django's settings read the environment once, so a command enters a place before it imports them.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import click

PROJECT = Path(__file__).resolve().parents[3]
MARK = "bench"  # the folder, and the start of a database's name on a server of the operator's own


@dataclass(frozen=True, slots=True)
class Place:
    """`folder` holds the embedded cluster, the keys, the peers' indexes and the checkpoints of one size."""

    name: str
    folder: Path
    database_url: str  # '' where the server is the embedded one

    @property
    def state(self) -> Path:
        return self.folder / "stages.json"

    @property
    def scratch(self) -> Path:
        """Files that only a running measurement needs; wiped afterwards."""
        return self.folder / "scratch"

    def environment(self, before: Mapping[str, str]) -> dict[str, str]:
        """The environment of a process that works in this place."""
        inside = {**before, "CONTACTPOINT_DATA": str(self.folder), "CONTACTPOINT_SECURE": "0"}
        for name in ("CONTACTPOINT_KEYS", "CONTACTPOINT_DEMO", "DATABASE_URL"):
            inside.pop(name, None)
        if self.database_url:
            inside["DATABASE_URL"] = self.database_url
        return inside


def find_root(environment: Mapping[str, str]) -> Path:
    """The folder of all benchmark databases."""
    data = Path(environment.get("CONTACTPOINT_DATA") or PROJECT / ".data").expanduser().resolve()
    return data / MARK


def get_place(*, name: str, environment: Mapping[str, str]) -> Place:
    """The place of that name: a number of children, or 'log'."""
    return Place(name, find_root(environment) / name, _url(environment.get("DATABASE_URL", ""), name))


def _url(given: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(given)._replace(path=f"/contactpoint_{MARK}_{name}")) if given else ""


def enter(place: Place) -> None:
    """Make this process work there. Call before Django's settings are imported."""
    place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _share_passwords(place)
    inside = place.environment(os.environ)
    for name in set(os.environ) - set(inside):
        del os.environ[name]
    os.environ.update(inside)


@contextmanager
def alone(place: Place) -> Iterator[None]:
    """Nobody else measures there meanwhile: two at once would measure each other. Raises ClickException."""
    with (place.folder / "measuring.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(
                f"A measurement is running in {place.folder}: wait for it, or stop it. Nothing was changed."
            ) from None
        yield


def _share_passwords(place: Place) -> None:
    """Roles belong to a whole server: where it is the operator's own, the service's passwords stay good."""
    theirs, ours = place.folder.parent.parent / "roles.json", place.folder / "roles.json"
    if place.database_url and theirs.exists() and not ours.exists():
        shutil.copy2(theirs, ours)
