"""Loaded by pytest before Django's settings: the embedded server is up and its roles exist.

The tests have a data folder of their own, so that they never touch a demo's.
Tests that run in several processes (`pytest -n 2`) have a folder and an embedded server for each of them;
on a server of your own, the first process makes the roles and each worker a database.
"""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_wal_size": "1GB",
}
_held = ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    root = Path(__file__).resolve().parent.parent
    data = os.environ.setdefault("CONTACTPOINT_DATA", str(root / ".data" / "test"))
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    has_workers = bool(getattr(early_config.known_args_namespace, "numprocesses", None)) and not worker
    if worker and not os.environ.get("DATABASE_URL"):
        os.environ["CONTACTPOINT_DATA"] = f"{data}-{worker}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactpoint.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's own loop runs beside synchronous tests
    os.environ["CONTACTPOINT_SECURE"] = "0"
    from contactpoint.database.embedded import running
    from contactpoint.database.facts import get_facts
    from contactpoint.database.roles import prepare_roles

    facts = get_facts(data=Path(os.environ["CONTACTPOINT_DATA"]), url=os.environ.get("DATABASE_URL", ""))
    ours = root / ".data" / "roles.json"
    if facts.embedded and has_workers:
        return
    if facts.embedded:
        _held.enter_context(running(facts, settings=FAST))
    elif ours.exists() and not facts.secrets.exists():  # roles belong to a whole server
        facts.secrets.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ours, facts.secrets)
    if facts.embedded or not worker:
        prepare_roles(facts)


def pytest_unconfigure() -> None:
    _held.close()


@pytest.fixture(scope="session", autouse=True)
def flush_reaches_every_table() -> None:
    """After a test with real commits, tables that Django has no models of are emptied too."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    ordinary = DatabaseOperations.sql_flush
    also = ["web_cache", "audit_event", "audit_event_child", "procrastinate_jobs"]

    def sql_flush(self: Any, style: Any, tables: list[str], **options: Any) -> Any:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'hidden'")
            hidden = [f'"hidden"."{name}"' for (name,) in cursor.fetchall()]
        return ordinary(self, style, [*tables, *also, *hidden], **{**options, "allow_cascade": True})

    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def keys_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keys made by tests go to a folder that goes with them."""
    from django.conf import settings

    settings.KEYS_DIR = tmp_path_factory.mktemp("keys")


@pytest.fixture(autouse=True)
def ledger_of_the_test(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> None:
    """Each test's database begins empty, and so does its ledger."""
    settings.LEDGER_DIR = tmp_path_factory.getbasetemp() / f"ledger-{uuid4().hex}"
