"""A load that is killed, loses its database, or meets another load: the same result, nothing doubled."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from django.conf import LazySettings
from django.db import connections

from contactpoint.intake import publishing
from contactpoint.intake.actions import LoadStopped
from contactpoint.intake.locks import LoadUnderWay
from contactpoint.intake.models import Load
from contactpoint.intake.records import LoadReport
from tests.feeds import AMY, DATABASES, ask, load, load_rows, write_file

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
NAMES = ["AMY", "ROBERT", "OLIVIA", "ZACHARY", "PRIYA", "MOHAMMED", "CHLOE", "ANTONI", "WEI", "FATIMA"]
FAMILIES = ["HARGREAVES", "OKONKWO", "PATEL", "KOWALSKI", "BARTLETT", "CHEN"]


@pytest.fixture(autouse=True)
def small_chunks(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA_DIR = tmp_path / "data"
    monkeypatch.setattr(publishing, "CHUNK", 10)
    monkeypatch.setattr("contactpoint.progress.STEP", 10)


def some_rows(count: int = 50) -> list[dict[str, str]]:
    """Children who are not alike, and two rows for one of them."""
    rows = [
        {
            **AMY,
            "ref": f"A{number:03}",
            "pername1": NAMES[number % 10],
            "pername2": FAMILIES[number % 6] + "ABCDE"[number % 5],
            "dob_day": str(1 + number % 28),
            "dob_mon": str(1 + number % 12),
            "dob_year": str(2010 + number % 14),
            "enumcap": f"{number} MILL LANE",
            "enumpc": f"M{1 + number % 40}1AE",
        }
        for number in range(count)
    ]
    return [*rows, {**rows[0], "ref": "A999"}]


def outcome() -> tuple[object, ...]:
    """What the directory says, whatever the numbers that the children happened to get."""
    rows = ask("SELECT reference, content::text, child_id FROM directory_suppliedrow ORDER BY reference")
    order = {child: place for place, child in enumerate(dict.fromkeys(child for _, _, child in rows))}
    waiting = ask(
        "SELECT w.reference, w.why, r.reference FROM hidden.waiting_row w"
        " LEFT JOIN directory_suppliedrow r ON r.child_id = (w.candidates #>> '{children,0,child}')::bigint"
        " ORDER BY 1"
    )
    effects = ask("SELECT effect, count(*) FROM hidden.row_effect GROUP BY 1 ORDER BY 1")
    return [(reference, content, order[child]) for reference, content, child in rows], waiting, effects


def test_a_killed_load_goes_on_to_the_same_result(
    tmp_path: Path, now: datetime, settings: LazySettings
) -> None:
    path = write_file(tmp_path / "file.csv", some_rows())
    command = [
        sys.executable,
        "-m",
        "tests.journeys.load_and_die",
        connections["match"].settings_dict["NAME"],
    ]
    command += [str(settings.DATA_DIR), str(settings.KEYS_DIR), str(path), "ess-list-a"]
    killed = subprocess.run(
        command, cwd=Path(__file__).parents[2], env=os.environ, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    published = ask("SELECT count(*) FROM directory_suppliedrow")[0][0]
    assert 0 < published < 50
    assert any((settings.DATA_DIR / "scratch").iterdir())
    report = load(path, at=now, supplier="ess-list-a")
    assert report.unchanged >= published
    assert (report.made, Load.objects.count(), Load.objects.get().state) == (50 - published, 1, "published")
    assert not any((settings.DATA_DIR / "scratch").iterdir())
    resumed = outcome()
    _start_anew()
    load(path, at=now, supplier="ess-list-a")
    assert outcome() == resumed


def test_a_database_that_goes_away_is_told_in_a_sentence_and_the_load_goes_on(
    tmp_path: Path, now: datetime
) -> None:
    rows = some_rows()

    def cut(stage: str, done: int, total: int | None) -> None:
        if stage == "Publishing rows" and done == 20:
            _end_connections_of_match()

    with pytest.raises(LoadStopped, match="run the same command again"):
        load_rows(tmp_path, rows, at=now, progress=cut)
    connections["match"].close()
    ((kept,),) = ask("SELECT count(*) FROM directory_suppliedrow")
    assert kept in {20, 30}  # a chunk that was under way beside them is kept whole, or not at all
    report = load_rows(tmp_path, rows, at=now)
    assert (report.made, report.not_placed) == (50 - kept, 1)
    assert Load.objects.count() == 1


def test_a_second_load_of_the_same_supplier_is_refused_while_the_first_is_under_way(
    tmp_path: Path, now: datetime
) -> None:
    first = write_file(tmp_path / "first.csv", some_rows())

    def meanwhile() -> None:
        with pytest.raises(LoadUnderWay, match="under way"):
            load(first, at=now, supplier="ess-list-a")

    assert _with_another(first, now, meanwhile).made == 50


def test_two_suppliers_with_the_same_new_child_make_one_record(tmp_path: Path, now: datetime) -> None:
    first = write_file(tmp_path / "first.csv", some_rows())
    second = write_file(tmp_path / "second.csv", some_rows()[:5], supplier="ess-list-b")
    reports: list[LoadReport] = []
    other = threading.Thread(
        target=_in_thread, args=(lambda: reports.append(load(second, at=now, supplier="ess-list-b")),)
    )
    _with_another(first, now, other.start)
    other.join(60)
    assert (reports[0].made, reports[0].linked) == (0, 5)
    assert ask("SELECT count(*) FROM directory_child") == [(50,)]


def test_a_stopped_load_gives_way_to_another_file(tmp_path: Path, now: datetime) -> None:
    def stop(stage: str, done: int, total: int | None) -> None:
        if stage == "Publishing rows" and done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_rows(tmp_path, some_rows(), at=now, progress=stop)
    ((kept,),) = ask("SELECT count(*) FROM directory_suppliedrow")
    assert kept in {10, 20}
    report = load_rows(tmp_path, some_rows(51), at=now)
    assert (report.made, report.unchanged, report.not_placed) == (51 - kept, kept, 1)
    assert sorted(load.state for load in Load.objects.all()) == ["left", "published"]


def _with_another(path: Path, now: datetime, meanwhile: Callable[[], object]) -> LoadReport:
    """Load in a thread, and do something else while it publishes."""
    publishing_now, go_on = threading.Event(), threading.Event()
    reports: list[LoadReport] = []

    def wait(stage: str, done: int, total: int | None) -> None:
        if stage == "Publishing rows" and done == 10:
            publishing_now.set()
            go_on.wait(30)

    loading = threading.Thread(
        target=_in_thread,
        args=(lambda: reports.append(load(path, at=now, supplier="ess-list-a", progress=wait)),),
    )
    loading.start()
    assert publishing_now.wait(60)
    meanwhile()
    go_on.set()
    loading.join(60)
    return reports[0]


def _in_thread(work: Callable[[], object]) -> None:
    try:
        work()
    finally:
        connections.close_all()


def _end_connections_of_match() -> None:
    """As when the server stops: every connection of the role is cut."""
    entry = connections["match"].settings_dict
    with psycopg.connect(
        host=entry["HOST"],
        port=entry["PORT"],
        dbname=entry["NAME"],
        user=entry["USER"],
        password=entry["PASSWORD"],
        autocommit=True,
    ) as own:
        own.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = current_user AND pid <> pg_backend_pid() AND datname = current_database()"
        )


def _start_anew() -> None:
    from django.core.management import call_command

    call_command("flush", database="owner", verbosity=0, interactive=False)
