"""The embedded server: one start for many users, no mess after a killed run, clear words in trouble."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import psycopg
import pytest

from contactpoint.database import embedded
from contactpoint.database.embedded import ensure_up, running
from contactpoint.database.facts import APP, SUPERUSER, DatabaseFacts, DatabaseTrouble, get_facts
from contactpoint.database.roles import prepare_roles

HOLD = """
import sys, time
from pathlib import Path
from contactpoint.database.embedded import running
from contactpoint.database.facts import get_facts
with running(get_facts(data=Path(sys.argv[1])), settings={"fsync": "off"}):
    print("up", flush=True)
    time.sleep(60)
"""
FAST = {"fsync": "off", "shared_buffers": "16MB", "max_wal_size": "64MB"}


@pytest.fixture
def facts(tmp_path: Path) -> DatabaseFacts:
    return get_facts(data=tmp_path / ("long-" * 20) / "data")


def ask(facts: DatabaseFacts, question: str, role: str = SUPERUSER) -> object:
    with psycopg.connect(**facts.connection(role, database="postgres")) as connection:  # type: ignore[arg-type]
        return connection.execute(question).fetchone()[0]  # type: ignore[call-overload,index]


def test_the_last_to_leave_stops_it_and_nobody_gets_in_without_a_password(facts: DatabaseFacts) -> None:
    with running(facts, settings=FAST):
        with running(facts, settings=FAST):
            first = embedded._server_pid(facts)
        assert embedded._server_pid(facts) == first
        assert ask(facts, "SELECT 1") == 1
        wrong = {**facts.connection(SUPERUSER, database="postgres"), "password": "wrong"}
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(**wrong)  # type: ignore[arg-type]
    assert embedded._server_pid(facts) is None
    assert facts.secrets.stat().st_mode & 0o077 == 0


def test_roles_are_made_once_and_app_has_no_great_rights(facts: DatabaseFacts) -> None:
    with running(facts, settings=FAST):
        prepare_roles(facts)
        before = facts.secrets.read_text()
        prepare_roles(facts)
        assert facts.secrets.read_text() == before
        rights = "rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication"
        assert ask(facts, f"SELECT {rights} FROM pg_roles WHERE rolname = '{APP}'") is False


def test_a_killed_run_leaves_a_server_that_the_next_takes_over(facts: DatabaseFacts) -> None:
    facts.data.mkdir(parents=True)
    holder = subprocess.Popen([sys.executable, "-c", HOLD, facts.data], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "up\n"
    holder.kill()
    holder.wait()
    left = embedded._server_pid(facts)
    assert left is not None
    with running(facts, settings=FAST):
        assert embedded._server_pid(facts) == left
    assert embedded._server_pid(facts) is None


def test_a_crashed_server_and_a_lock_file_naming_a_stranger_do_not_stop_the_next_start(
    facts: DatabaseFacts,
) -> None:
    with running(facts, settings=FAST):
        pid = embedded._server_pid(facts)
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        while embedded._server_pid(facts) is not None:
            time.sleep(0.02)
    lock = facts.cluster / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{facts.cluster}\n1\n5432\n{facts.host}\n\n1 1\nready\n")
    if os.geteuid() == 0:
        shutil.chown(lock, embedded.UNPRIVILEGED)
    assert embedded._server_pid(facts) is None
    lock.write_text("999999\n")
    with running(facts, settings=FAST):
        assert ask(facts, "SELECT 1") == 1


def test_a_server_that_ends_while_it_is_needed_is_started_again(facts: DatabaseFacts) -> None:
    said: list[str] = []
    with running(facts, settings=FAST):
        first = embedded._server_pid(facts)
        ensure_up(facts, say=said.append)
        assert (said, embedded._server_pid(facts)) == ([], first)
        os.kill(first or 0, signal.SIGQUIT)
        while embedded._server_pid(facts) is not None:
            time.sleep(0.02)
        ensure_up(facts, say=said.append)
        assert said[0] == "The database has stopped; starting it again"
        assert ask(facts, "SELECT 1") == 1
    assert embedded._server_pid(facts) is None


def test_a_full_disk_is_a_sentence(facts: DatabaseFacts, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 0))
    with pytest.raises(DatabaseTrouble, match="Make room"), running(facts, settings=FAST):
        pass


def test_a_cluster_without_its_passwords_is_left_alone(facts: DatabaseFacts) -> None:
    with running(facts, settings=FAST):
        pass
    facts.secrets.unlink()
    with pytest.raises(DatabaseTrouble, match="Nothing was changed"), running(facts, settings=FAST):
        pass
    assert (facts.cluster / "PG_VERSION").exists()


@pytest.mark.parametrize(
    ("url", "host", "port", "name", "user"),
    [
        ("postgresql://admin:s%40crt@db.example:6543/cp", "db.example", 6543, "cp", "admin"),
        ("postgres://admin@/?host=/run/postgresql", "/run/postgresql", 5432, "contactpoint", "admin"),
    ],
)
def test_a_url_names_a_real_server(
    tmp_path: Path, url: str, host: str, port: int, name: str, user: str
) -> None:
    facts = get_facts(data=tmp_path, url=url)
    assert (facts.embedded, facts.host, facts.port, facts.name, facts.administrator) == (
        False,
        host,
        port,
        name,
        user,
    )


@pytest.mark.parametrize(
    "url",
    ["mysql://u:hidden@db/cp", "postgresql://u:hidden@db:port/cp", "postgresql://u:hidden@[db/cp", "cp"],
)
def test_a_url_that_cannot_be_used_is_refused_without_repeating_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(DatabaseTrouble, match="postgresql://") as refusal:
        get_facts(data=tmp_path, url=url)
    assert "hidden" not in str(refusal.value)
