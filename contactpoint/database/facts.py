"""Where the database is and who connects to it: computed, without touching it.

Four roles from the first day (SHI-9):
`owner` owns the tables and runs migrations; `app` is the server and the tests;
`match` is intake and matching, which must see both sides; `hidden` owns the hidden door and cannot sign in.
Passwords are generated once and kept in a file of mode 0600 in the data folder.
"""

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

OWNER = "contactpoint_owner"
APP = "contactpoint_app"
MATCH = "contactpoint_match"
HIDDEN = "contactpoint_hidden"
SUPERUSER = "postgres"
NEVER_BY_ITSELF = 2**31
URL_FORM = "its form is postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with %40 for an @ in the password"
LONGEST_SOCKET_FOLDER = 80  # a Unix socket's whole path may take 107 bytes


class DatabaseTrouble(RuntimeError):
    """The database cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """Everything needed to connect. `embedded` says that the server is ours to start and stop."""

    data: Path
    embedded: bool
    host: str
    port: int
    name: str
    administrator: str
    administrator_password: str
    options: tuple[tuple[str, str], ...]

    @property
    def cluster(self) -> Path:
        """The embedded server's own data folder."""
        return self.data / "postgres"

    @property
    def secrets(self) -> Path:
        return self.data / "roles.json"

    def password(self, role: str) -> str:
        """The generated password of a role, or '' before the roles exist."""
        if role == self.administrator and self.administrator_password:
            return self.administrator_password
        return read_secrets(self.secrets).get(role, "")

    def connection(self, role: str, *, database: str | None = None) -> dict[str, Any]:
        """Keyword arguments for psycopg.connect."""
        return {
            "host": self.host,
            "port": self.port,
            "dbname": database or self.name,
            "user": role,
            "password": self.password(role),
            **dict(self.options),
        }

    def django(self, role: str) -> dict[str, Any]:
        """One entry of Django's DATABASES."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": self.name,
            "USER": role,
            "PASSWORD": self.password(role),
            "HOST": self.host,
            "PORT": str(self.port),
            "CONN_HEALTH_CHECKS": True,
            # Only what asks for it is prepared: the log's one statement.
            "OPTIONS": {**dict(self.options), "prepare_threshold": NEVER_BY_ITSELF},
        }


def read_secrets(path: Path) -> dict[str, str]:
    """The generated passwords, or nothing where none were made yet."""
    try:
        return dict(json.loads(path.read_text()))
    except FileNotFoundError:
        return {}


def write_secrets(path: Path, secrets: dict[str, str]) -> None:
    """Keep the passwords readable by us alone, and never half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(secrets, file)
    part.replace(path)


def get_facts(*, data: Path, url: str = "") -> DatabaseFacts:
    """Facts from a data folder and, for a real server, DATABASE_URL. Raises DatabaseTrouble.

    The URL names an administrator who may create roles and the database; only setting up uses it.
    """
    data = data.expanduser().resolve()
    if not url:
        return DatabaseFacts(data, True, str(_socket_folder(data)), 5432, "contactpoint", SUPERUSER, "", ())
    parts, port = _read_url(url)
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "localhost")
    return DatabaseFacts(
        data=data,
        embedded=False,
        host=host,
        port=port,
        name=unquote(parts.path.lstrip("/")) or "contactpoint",
        administrator=unquote(parts.username or SUPERUSER),
        administrator_password=unquote(parts.password or ""),
        options=tuple(options.items()),
    )


def _read_url(url: str) -> tuple[SplitResult, int]:
    """Its parts and its port. The message never repeats it, for it holds a password."""
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
    except ValueError as error:
        raise DatabaseTrouble(f"DATABASE_URL cannot be read ({URL_FORM}). Nothing was changed.") from error
    if parts.scheme not in {"postgres", "postgresql"}:
        raise DatabaseTrouble(f"DATABASE_URL must begin with postgresql:// ({URL_FORM}).")
    return parts, port


def _socket_folder(data: Path) -> Path:
    """In the data folder; where that path is too long for a socket, a short folder named after it."""
    folder = data / "run"
    if len(str(folder)) <= LONGEST_SOCKET_FOLDER:
        return folder
    digest = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"contactpoint-{digest}"
