"""When disks, keys and clocks are against us: nothing is half-done, and what is wrong is said (RET-4)."""

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connections

from contactpoint.access.roles import Role
from contactpoint.audit import keys as audit_keys
from contactpoint.casework import actions
from contactpoint.codes.child_number import decode
from contactpoint.directory.keeping import child_keys, ledger
from contactpoint.directory.keeping.archive import archive_due
from contactpoint.directory.keeping.child_keys import KeysNotWritten, MasterKeyLost
from contactpoint.directory.keeping.clock import Night, run_clock
from tests.children import AMINA, DATABASES, US, make_child
from tests.factories import make_viewer
from tests.feeds import ask

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
NEARLY = replace(AMINA, birth_date="2008-10-20")
EIGHTEEN = datetime(2026, 10, 20, 3, 0, tzinfo=UTC)
REVIEW = date(2027, 1, 1)


@contextmanager
def disk_full_at(size: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes: the kernel refuses the write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_shield_that_the_ledger_has_no_room_for_is_not_applied(now: datetime) -> None:
    child = make_child(at=now)
    officer = make_viewer(at=now, roles=[Role.SHIELDING_OFFICER])
    ledger.append(deed=ledger.Deed.DESTROYED, children=range(10**9, 10**9 + 40_000), facts={}, at=now)
    path = Path(ledger._path())
    with (
        pytest.raises(ledger.LedgerNotWritten, match=r"Nothing was changed\. Make room"),
        disk_full_at(path.stat().st_size + 20),
    ):
        actions.apply_shield(by=officer, child=child, ground="refuge", review_on=REVIEW, at=now)
    assert ask("SELECT shielded FROM directory_child") == [(False,)]
    assert ask("SELECT count(*) FROM hidden.shield") == [(0,)]
    assert ask("SELECT count(*) FROM audit_event WHERE kind = 'change-refused'") == [(1,)]
    # There is room again: what was torn off is written over.
    actions.apply_shield(by=officer, child=child, ground="refuge", review_on=REVIEW, at=now)
    assert [entry.deed.value for entry in ledger.read_ledger()] == ["destroyed", "shielded"]
    assert ask("SELECT shielded FROM directory_child") == [(True,)]


def test_nothing_is_archived_or_destroyed_without_room_for_keys(
    now: datetime, settings: LazySettings, tmp_path: Path
) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    child_keys.ensure_keys(children=range(10**9, 10**9 + 2000))
    make_child(NEARLY, at=now)
    size = (tmp_path / "keys" / "children.sqlite").stat().st_size
    more = range(2 * 10**9, 2 * 10**9 + 500)
    with pytest.raises(KeysNotWritten, match="Nothing was changed"), disk_full_at(size):
        child_keys.ensure_keys(children=more)
    assert child_keys.destroy_keys(children=more) == 0
    (tmp_path / "keys" / "children.sqlite").write_bytes(b"not a store of keys at all, whatever it was")
    for attempt in (archive_due, run_clock):
        with pytest.raises(KeysNotWritten):
            attempt(by=US, at=EIGHTEEN)
    assert ask("SELECT count(*) FROM hidden.archived_record") == [(0,)]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(1,)]


@pytest.mark.parametrize("wrong", ["", "no key at all", "öäü", "A" * 44])
def test_a_master_key_that_is_none_is_a_clear_stop(
    now: datetime, settings: LazySettings, tmp_path: Path, wrong: str
) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    make_child(NEARLY, at=now)
    archive_due(by=US, at=EIGHTEEN)
    if wrong:
        settings.MASTER_KEY = wrong
    else:
        (tmp_path / "keys" / "master.key").write_bytes(b"")
        audit_keys._fernet.cache_clear()  # as in a process that starts now
    with pytest.raises(MasterKeyLost, match="Nothing was changed"):
        run_clock(by=US, at=EIGHTEEN.replace(year=2041))
    assert ask("SELECT count(*) FROM hidden.archived_record") == [(1,)]


def test_a_shield_never_waits_for_a_key(now: datetime, settings: LazySettings, tmp_path: Path) -> None:
    """SHI-4: an urgent request is applied at once, whatever became of the master key."""
    settings.KEYS_DIR = tmp_path / "keys"
    child = make_child(at=now)
    child_keys.ensure_secret(name="marks")
    (tmp_path / "keys" / "master.key").unlink()
    officer = make_viewer(at=now, roles=[Role.SHIELDING_OFFICER])
    actions.apply_shield(by=officer, child=child, ground="refuge", review_on=REVIEW, at=now)
    assert ask("SELECT shielded FROM directory_child") == [(True,)]
    (entry,) = ledger.read_ledger()
    assert (entry.children, entry.facts["marks"]) == ((decode(child),), "")


def test_two_clocks_at_once_do_everything_once(now: datetime) -> None:
    for which in range(6):
        make_child(replace(NEARLY, given_names=f"Amina{which}", nhs="", upn=""), at=now)
    archive_due(by=US, at=EIGHTEEN)
    for which in range(6):
        make_child(
            replace(NEARLY, given_names=f"Bea{which}", birth_date="2014-10-21", nhs="", upn=""), at=now
        )
    nights: list[Night] = []
    errors: list[BaseException] = []
    start = threading.Barrier(2)

    def run() -> None:
        try:
            start.wait(10)
            nights.append(run_clock(by=US, at=EIGHTEEN.replace(year=2032, month=11)))
        except BaseException as error:  # noqa: BLE001  told to the test
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert sorted((night.archived, night.destroyed) for night in nights) == [(0, 0), (6, 6)]
    assert ask("SELECT count(*) FROM hidden.archived_record") == [(6,)]
    assert [entry.deed.value for entry in ledger.read_ledger()] == ["destroyed"]
    assert ask("SELECT count(*) FROM audit_event WHERE kind = 'records-destroyed'") == [(1,)]
