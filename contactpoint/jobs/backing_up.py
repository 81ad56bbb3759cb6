"""Backups and restores by PostgreSQL's own tools (RET-4).

A restore is made beside the database and takes its place in one transaction: killed anywhere, one of the two
is there whole. Nobody but the administrator may connect to it until the ledger has been replayed over it.
Events that the log gained after the backup are carried over from the database that is replaced.
"""

import os
import re
import subprocess
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

from contactpoint.database.embedded import BINARIES
from contactpoint.database.facts import APP, MATCH, OWNER
from contactpoint.errors import Conflict, Invalid

NEW = "contactpoint_restoring"
OLD = "contactpoint_replaced"
LOG = (("audit_event", "id"), ("audit_event_child", "event_id"))


class BackupFailed(Conflict):
    """PostgreSQL's tool did not finish; nothing was changed."""


class InUse(Conflict):
    """Somebody is connected to the database."""


class TooOld(Invalid):
    """The backup is older than any may be: it holds what was destroyed since (RET-4)."""


class NotABackup(Invalid):
    """The file is not a backup of this service."""


def back_up(*, folder: Path, at: datetime) -> tuple[Path, list[Path]]:
    """One dump into the folder, whole or not at all; gives it and the old ones that were removed."""
    for secret in (settings.KEYS_DIR, settings.LEDGER_DIR):
        if folder.resolve() == Path(secret).resolve() or Path(secret).resolve() in folder.resolve().parents:
            raise BackupFailed("Backups must not lie beside the keys or the ledger. Choose another folder.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = folder / f"contactpoint-{at:%Y-%m-%dT%H%M%SZ}.dump"
    part = written.with_suffix(".part")
    _run("pg_dump", "--format=custom", f"--file={part}", f"--dbname={settings.DATABASE.name}")
    part.chmod(0o600)
    part.replace(written)
    oldest = at - timedelta(days=settings.BACKUP_DAYS)
    removed = [
        path for path in folder.glob("contactpoint-*.dump") if path.stat().st_mtime < oldest.timestamp()
    ]
    for path in removed:
        path.unlink()
    return written, removed


def insist_recent(*, file: Path, at: datetime) -> None:
    """Raises TooOld, NotABackup. The dump says itself when it was made, whatever its name or its date."""
    try:
        listed = _run("pg_restore", "--list", str(file), connected=False)
    except BackupFailed as error:
        raise NotABackup(f"{file.name} is not a backup of this service. Nothing was changed.") from error
    found = re.search(r"Archive created at (\d{4}-\d\d-\d\d)", listed)
    made_on = date.fromisoformat(found.group(1)) if found else None
    if made_on is None or at.date() - made_on > timedelta(days=settings.BACKUP_DAYS):
        age = f"was made on {made_on:%-d %B %Y}" if made_on else "does not say when it was made"
        raise TooOld(
            f"{file.name} {age}, and no backup may be kept longer than {settings.BACKUP_DAYS} days: it holds "
            "what was destroyed since. Nothing was changed. Delete it; where it is all there is, "
            "say --older-than-allowed."
        )


def put_in_place(*, file: Path, say: Callable[[str], object]) -> int:
    """Restore the file in the place of the database, closed to all roles; gives the events carried over.

    Raises NotABackup, InUse, BackupFailed: then nothing was changed.
    """
    connections.close_all()
    name = settings.DATABASE.name
    with _administrator("postgres") as server:
        _insist_nobody_in(server, name)
        for left_over in (NEW, OLD):
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(left_over)))
        server.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                sql.Identifier(NEW), sql.Identifier(OWNER)
            )
        )
        _shut(server, NEW)
        try:
            say("Reading the backup")
            _run("pg_restore", "--exit-on-error", f"--dbname={NEW}", str(file))
            with _administrator(NEW) as restored:
                if not _has_log(restored):
                    raise NotABackup(f"{file.name} is not a backup of this service. Nothing was changed.")
                carried = _carry_log_over(name, restored)
        except BaseException:
            server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(NEW)))
            raise
        _shut(server, name)
        _insist_nobody_in(server, name)
        with server.transaction():
            for before, after in ((name, OLD), (NEW, name)):
                server.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                        sql.Identifier(before), sql.Identifier(after)
                    )
                )
        server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(OLD)))
    return carried


def _administrator(database: str) -> psycopg.Connection:
    facts = settings.DATABASE
    return psycopg.connect(**facts.connection(facts.administrator, database=database), autocommit=True)


def _insist_nobody_in(server: psycopg.Connection, name: str) -> None:
    found = server.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [name]).fetchone()
    if found and found[0]:
        raise InUse(
            f"{found[0]} connections to the database are open. Stop the service and its worker first. "
            "Nothing was changed."
        )


def _shut(server: psycopg.Connection, name: str) -> None:
    for role in (APP, MATCH, OWNER):
        server.execute(
            sql.SQL("REVOKE CONNECT ON DATABASE {} FROM {}").format(
                sql.Identifier(name), sql.Identifier(role)
            )
        )
    server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))


def _has_log(restored: psycopg.Connection) -> bool:
    found = restored.execute(
        "SELECT to_regclass('audit_event'), to_regclass('hidden.ledger_note')"
    ).fetchone()
    return found is not None and None not in found


def _carry_log_over(name: str, restored: psycopg.Connection) -> int:
    """Later events of the database that is replaced: what was looked at stays in the log (AUD-3)."""
    carried = 0
    with _administrator(name) as replaced, restored.transaction():
        if not _has_log(replaced):
            return 0
        (last,) = restored.execute("SELECT coalesce(max(id), 0) FROM audit_event").fetchone() or (0,)
        months = replaced.execute(
            "SELECT DISTINCT date_trunc('month', at)::date FROM audit_event WHERE id > %s", [last]
        ).fetchall()
        for (month,) in months:
            restored.execute("SELECT audit_ready_month(%s)", [month])
        for table, number in LOG:
            columns = _find_shared_columns(table, replaced, restored)
            reading = sql.SQL("COPY (SELECT {} FROM {} WHERE {} > {}) TO STDOUT (FORMAT binary)").format(
                columns, sql.Identifier(table), sql.Identifier(number), sql.Literal(last)
            )
            writing = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
                sql.Identifier(table), columns
            )
            with replaced.cursor() as old, restored.cursor() as new:
                with old.copy(reading) as source, new.copy(writing) as target:
                    for block in source:
                        target.write(block)
                carried += new.rowcount if table == "audit_event" else 0
        restored.execute("SELECT setval('audit_event_id', greatest((SELECT max(id) FROM audit_event), 1))")
    return carried


def _find_shared_columns(table: str, *databases: psycopg.Connection) -> sql.Composed:
    """A backup of an older version lacks the newest columns; an event's body has all that they say."""
    question = "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
    sets = [{name for (name,) in each.execute(question, [table]).fetchall()} for each in databases]
    return sql.SQL(", ").join(sql.Identifier(name) for name in sorted(set.intersection(*sets)))


def _run(tool: str, *arguments: str, connected: bool = True) -> str:
    facts = settings.DATABASE
    # A server of one's own needs its own version's tools; the package's are those of the embedded one.
    command = [str(BINARIES / tool) if facts.embedded else tool, *arguments]
    connection = facts.connection(facts.administrator)
    if connected:
        where = {"--host": "host", "--port": "port", "--username": "user"}
        command += [text for flag, name in where.items() for text in (flag, str(connection[name]))]
    environment = {**os.environ, "PGPASSWORD": str(connection["password"])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        words = done.stderr.strip().splitlines()
        raise BackupFailed(
            f"{tool} did not finish: {words[-1] if words else 'no reason given'}. Nothing was changed."
        )
    return done.stdout
