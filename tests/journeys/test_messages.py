"""One message at a time: the same child in several at once is one record; bulk would have decided alike."""

import threading
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from django.conf import LazySettings
from django.db import connections

from contactpoint.access.records import Viewer
from contactpoint.audit.records import Actor
from contactpoint.directory.values import Address, SuppliedValues
from contactpoint.intake.entries import process_entry
from contactpoint.intake.linking import link_rows
from contactpoint.intake.scratch import private_folder
from contactpoint.matching.model import Model
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


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def viewer(now: datetime) -> Viewer:
    open_everywhere(at=now)
    return make_viewer(at=now)


def test_the_same_child_in_messages_of_one_moment_is_one_record(viewer: Viewer, now: datetime) -> None:
    entries = [enter(viewer, now, KOFI) for _ in range(4)]
    ready = threading.Barrier(len(entries))
    failed: list[Exception] = []

    def work(entry: int) -> None:
        try:
            ready.wait(30)
            process_entry(entry_id=entry, by=WORKER, at=now)
        except Exception as error:  # noqa: BLE001 -- told by the thread that waits
            failed.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work, args=(entry,)) for entry in entries]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert failed == []
    assert ask("SELECT count(*) FROM directory_child") == [(1,)]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(4,)]


@pytest.mark.parametrize("seed", [3, 4])
def test_a_row_alone_is_decided_as_in_bulk(seed: int, tmp_path: Path, now: datetime) -> None:
    """Children with slips of every kind: each of the second office's rows, alone and with all of them."""
    first, second = two_offices(children=60, seed=seed)
    known = [
        {
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
        for row in first
    ]
    load_rows(tmp_path, known, at=now)
    rows = rows_to_frame(list(second))
    alone = {}
    for number in range(rows.height):
        alone |= _decide(rows.slice(number, 1), small=True)
    looked_up, compared = _decide(rows, small=True), _decide(rows, small=False)
    assert looked_up == compared
    # What a file adds is about its own rows: two that claim one child, twins, and repeats.
    own = {key for key, verdict in compared.items() if verdict.within}
    differing = {key for key in rows["key"] if alone.get(key) != compared.get(key)} - own
    assert {_child(alone, key) for key in differing} == {_child(compared, key) for key in differing}
    assert len(differing) < rows.height / 5


def _decide(rows: pl.DataFrame, *, small: bool) -> dict[str, object]:
    with private_folder() as folder:
        return link_rows(
            new=rows,
            supplier="ess-list-b",
            one_row_per_child=True,
            model=Model.load(),
            folder=folder,
            progress=no_progress,
            small=small,
        )


def _child(verdicts: dict[str, object], key: str) -> tuple[str, int | None]:
    verdict = verdicts.get(key)
    candidates = getattr(verdict, "candidates", ())
    return key, candidates[0][0] if candidates else None
