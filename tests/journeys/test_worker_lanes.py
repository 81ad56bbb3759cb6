"""What waits for a long load keeps no letter waiting: the worker's queues go beside one another."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.conf import LazySettings
from django.db import connections
from procrastinate.contrib.django import app

from contactpoint.access.tasks import NOBODY
from contactpoint.directory.locks import directory_to_ourselves
from contactpoint.jobs.commands import worker
from contactpoint.lanes import Lane
from contactpoint.progress import no_progress
from tests.factories import make_viewer
from tests.feeds import DATABASES, ask, open_everywhere
from tests.journeys.test_entry import KOFI, enter

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
JOBS = "SELECT task_name, status FROM procrastinate_jobs WHERE task_name = ANY(%s) ORDER BY 1"
LETTER = "contactpoint.access.tasks.send_password_link"
ENTRY = "contactpoint.intake.tasks.take_entry"


@pytest.fixture(autouse=True)
def our_database(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def is_up() -> Iterator[None]:
        yield

    settings.DATA_DIR = tmp_path / "data"
    monkeypatch.setattr(worker, "database", is_up)


def test_every_job_has_a_lane_and_what_needs_the_directory_is_in_none_of_letters() -> None:
    lanes = {name: task.queue for name, task in app.tasks.items() if name.startswith("contactpoint.")}
    assert set(lanes.values()) == {lane.value for lane in Lane}
    assert {name for name, lane in lanes.items() if lane == Lane.FILES} == {
        f"contactpoint.intake.tasks.{name}" for name in ("load_kept", "rehearse_kept", "withdraw_kept")
    }
    assert lanes[ENTRY] == lanes["contactpoint.directory.tasks.run_the_clock"] == Lane.RECORDS
    assert {lane for name, lane in lanes.items() if ".casework." in name} == {Lane.RECORDS}
    assert {lane for name, lane in lanes.items() if ".access." in name} == {Lane.OTHERS}


def test_a_letter_goes_out_while_an_entry_waits_for_a_load(now: datetime) -> None:
    """And the worker, told to stop, does the entry to its end."""
    open_everywhere(at=now)
    entry = enter(make_viewer(at=now), now, KOFI)
    app.configure_task(LETTER).defer(account=NOBODY, site="http://testserver")
    seen: list[object] = []

    def load() -> None:
        """As a load of an hour has the directory."""
        try:
            with directory_to_ourselves(progress=no_progress):
                ready.set()
                for _ in range(600):
                    statuses = dict(ask(JOBS, [LETTER, ENTRY]))
                    if statuses[LETTER] == "succeeded" and statuses[ENTRY] == "doing":
                        break
                    time.sleep(0.05)
                seen.append(statuses)
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(0.3)
        finally:
            connections.close_all()

    ready = threading.Event()
    loading = threading.Thread(target=load)
    loading.start()
    assert ready.wait(30)
    ended = CliRunner().invoke(worker.command, [], catch_exceptions=False)
    loading.join(60)
    assert ended.exit_code == 0
    assert seen == [{LETTER: "succeeded", ENTRY: "doing"}]
    assert dict(ask(JOBS, [LETTER, ENTRY])) == {LETTER: "succeeded", ENTRY: "succeeded"}
    assert ask("SELECT count(*) FROM directory_suppliedrow WHERE reference = %s", f"entry-{entry}") == [(1,)]
