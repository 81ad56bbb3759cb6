"""One message at a time: the same child in several at once is one record; bulk would have decided alike."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.conf import LazySettings
from django.db import connections, transaction

from contactpoint.access.records import Viewer
from contactpoint.audit.records import Actor
from contactpoint.directory.publish.shielding import shield_child
from contactpoint.directory.values import Address, SuppliedValues
from contactpoint.intake import entries, everybody
from contactpoint.intake.deciding import Verdict, Why
from contactpoint.intake.entries import process_entry
from contactpoint.intake.linking import link_portions
from contactpoint.intake.locks import directory_to_ourselves
from contactpoint.intake.scratch import private_folder
from contactpoint.matching.model import Model
from contactpoint.matching.rows import MatchRow
from contactpoint.matching.standardise import rows_to_frame
from contactpoint.progress import no_progress
from tests.factories import make_viewer
from tests.feeds import AMY, DATABASES, ask, load_rows, open_everywhere
from tests.journeys.test_entry import enter
from tests.matching.pairs import two_offices

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
WORKER = Actor(account_id=None, organisation_id=None, door="worker")
KOFI = SuppliedValues(
    given_names="Kofi",
    family_name="Mensah",
    birth_date="2015-03-02",
    gender="M",
    addresses=(Address(lines=("3 Canal Street",), town="Manchester", postcode="M1 1AE"),),
)
WEI = replace(
    KOFI,
    given_names="Wei",
    family_name="Chen",
    birth_date="2011-11-30",
    addresses=(Address(lines=("8 Station Road",), town="Leeds", postcode="LS1 4DY"),),
)


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def viewer(now: datetime) -> Viewer:
    open_everywhere(at=now)
    return make_viewer(at=now)


def test_the_same_child_in_messages_of_one_moment_is_one_record(viewer: Viewer, now: datetime) -> None:
    numbers = [enter(viewer, now, KOFI) for _ in range(4)]
    ready = threading.Barrier(len(numbers))
    failed: list[Exception] = []

    def work(entry: int) -> None:
        try:
            ready.wait(30)
            process_entry(entry_id=entry, by=WORKER, at=now)
        except Exception as error:  # noqa: BLE001 -- told by the thread that waits
            failed.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work, args=(entry,)) for entry in numbers]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert failed == []
    assert ask("SELECT count(*) FROM directory_child") == [(1,)]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(4,)]


def begin(work: Callable[[], object], failed: list[BaseException]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 -- told by the thread that waits
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_different_children_do_not_wait_and_the_same_child_does(
    viewer: Viewer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One stands still while it publishes: another child's goes past it, the same child's waits."""
    kofi, again, other = (enter(viewer, now, values) for values in (KOFI, KOFI, WEI))
    stands, go_on = threading.Event(), threading.Event()
    publish = entries.publish_decided

    def slowly(**given: Any) -> object:
        if given["row"]["family_name"][0] == "Mensah" and not stands.is_set():
            stands.set()
            go_on.wait(60)
        return publish(**given)

    monkeypatch.setattr(entries, "publish_decided", slowly)
    failed: list[BaseException] = []
    threads = [begin(lambda: process_entry(entry_id=kofi, by=WORKER, at=now), failed)]
    assert stands.wait(60)
    threads.append(begin(lambda: process_entry(entry_id=again, by=WORKER, at=now), failed))
    process_entry(entry_id=other, by=WORKER, at=now)
    assert ask("SELECT family_name FROM directory_child") == [("Chen",)]
    wait_for("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    # Nor has a load the directory to itself meanwhile.
    whole = threading.Event()

    def load() -> None:
        with directory_to_ourselves(progress=no_progress):
            whole.set()

    threads.append(begin(load, failed))
    assert not whole.wait(0.5)
    go_on.set()
    for thread in threads:
        thread.join(60)
    assert (failed, whole.is_set()) == ([], True)
    assert ask("SELECT count(*) FROM directory_child") == [(2,)]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(3,)]
    assert ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s", 0x6B657973) == [
        (0,)
    ]


def wait_for(question: str) -> None:
    for _ in range(600):
        if ask(question) != [(0,)]:
            return
        time.sleep(0.05)
    pytest.fail(f"never: {question}")


def test_messages_that_share_some_keys_end_in_whatever_order_they_come(viewer: Viewer, now: datetime) -> None:
    """Brothers, sisters and neighbours: keys in common, taken in one order, so that none waits for ever."""
    given = ("Kofi", "Ama", "Yaw", "Esi", "Kwame", "Adwoa")
    numbers = [
        enter(viewer, now, replace(KOFI, given_names=name, birth_date=f"20{10 + place}-03-0{1 + place % 3}"))
        for place, name in enumerate(given)
    ]
    failed: list[BaseException] = []
    ready = threading.Barrier(len(numbers))

    def work(number: int) -> None:
        ready.wait(60)
        process_entry(entry_id=number, by=WORKER, at=now)

    threads = [begin(partial(work, number), failed) for number in numbers]
    for thread in threads:
        thread.join(90)
    assert failed == []
    ((rows,), (waiting,)) = (
        *ask("SELECT count(*) FROM directory_suppliedrow"),
        *ask("SELECT count(*) FROM hidden.waiting_row"),
    )
    assert rows + waiting == len(given)


def test_a_message_waits_for_a_load_and_goes_on(viewer: Viewer, now: datetime) -> None:
    number = enter(viewer, now, KOFI)
    failed: list[BaseException] = []
    with directory_to_ourselves(progress=no_progress):
        thread = begin(lambda: process_entry(entry_id=number, by=WORKER, at=now), failed)
        thread.join(0.6)
        assert thread.is_alive()
        assert ask("SELECT count(*) FROM directory_child") == [(0,)]
    thread.join(60)
    assert (failed, ask("SELECT count(*) FROM directory_child")) == ([], [(1,)])


@pytest.mark.parametrize("seed", [3, 4])
def test_a_row_alone_is_decided_as_in_bulk(seed: int, tmp_path: Path, now: datetime) -> None:
    """Slips of every kind, some children shielded: each of the second office's rows, alone and with all."""
    first, second = two_offices(children=60, seed=seed)
    load_rows(tmp_path, [_ess_row(row) for row in first], at=now)
    shield_some(now)
    rows = rows_to_frame(list(second))
    alone = {}
    for number in range(rows.height):
        alone |= _decide(rows.slice(number, 1), small=True)
    looked_up, compared = _decide(rows, small=True), _decide(rows, small=False)
    assert looked_up == compared
    assert any(verdict.why is Why.NEAR_SHIELD for verdict in compared.values())
    # What a file adds is about its own rows: two that claim one child, twins, and repeats.
    own = {key for key, verdict in compared.items() if verdict.within}
    differing = {key for key in rows["key"] if alone.get(key) != compared.get(key)} - own
    assert {_child(alone, key) for key in differing} == {_child(compared, key) for key in differing}
    assert len(differing) < rows.height / 5


def test_a_file_in_portions_is_decided_as_one(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twins, repeats and rival claims lie in different portions of one file, and shields among the known."""
    first, second = two_offices(children=60, seed=5)
    load_rows(tmp_path, [_ess_row(row) for row in first], at=now)
    shield_some(now)
    rows = rows_to_frame([*second, *(replace(row, key=f"again-{row.key}") for row in second[::4])])
    whole = _decide(rows, small=False)
    monkeypatch.setattr(everybody, "PART", 20)
    parts = [rows.slice(start, 13) for start in range(0, rows.height, 13)]
    assert _decide(*parts, small=False) == whole
    assert any(getattr(verdict, "within", ()) for verdict in whole.values())


def shield_some(now: datetime) -> None:
    """One child in three, so that rows near a shield are among them."""
    with transaction.atomic(using="match"), connections["match"].cursor() as cursor:
        for (child,) in ask("SELECT id FROM directory_child ORDER BY given_names, family_name, id")[::3]:
            shield_child(
                cursor, child=child, ground="refuge", requested_by="officer", provisional=False,
                applied_by=None, at=now, review_on=now.date(),
            )  # fmt: skip


def _ess_row(row: MatchRow) -> dict[str, str]:
    return {
        **AMY,
        "ref": row.key,
        "pername1": row.given,
        "pername2": row.family,
        "sex": row.gender or "F",
        "dob_day": row.birth_date[8:].lstrip("0"),
        "dob_mon": row.birth_date[5:7].lstrip("0"),
        "dob_year": row.birth_date[:4],
        "enumcap": row.address,
        "enumpc": row.postcode,
    }


def _decide(*portions: pl.DataFrame, small: bool) -> dict[str, Verdict]:
    with private_folder() as folder:
        return link_portions(
            portions=portions,
            rows=sum(portion.height for portion in portions),
            supplier="ess-list-b",
            one_row_per_child=True,
            model=Model.load(),
            folder=folder,
            progress=no_progress,
            small=small,
        ).one_by_one()


def _child(verdicts: dict[str, object], key: str) -> tuple[str, int | None]:
    verdict = verdicts.get(key)
    candidates = getattr(verdict, "candidates", ())
    return key, candidates[0][0] if candidates else None
