"""Withdrawing one load undoes what it did and nothing that any other did (SUP-5)."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connections

from contactpoint.codes.child_number import encode
from contactpoint.directory.actions import record_involvement
from contactpoint.intake import withdrawing
from contactpoint.intake.actions import load_file
from contactpoint.intake.holding import NoSuchLoad
from contactpoint.intake.models import Load
from contactpoint.intake.profiles import FeedKind, get_profile
from contactpoint.intake.withdrawing import NotWithdrawable, withdraw_load
from tests.factories import make_viewer
from tests.feeds import AMY, DATABASES, NHS, US, ask, contents, load_rows, open_everywhere, write_file
from tests.journeys.test_feed_changes import others

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
DAY = timedelta(days=1)
MOVED = {**AMY, "enumcap": "77 CANAL STREET", "enumpc": "B11AA"}
AMY_B = {**AMY, "ref": "B1"}
Step = Callable[[Path, datetime], int]


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return tmp_path


def snapshot(rows: list[dict[str, str]], supplier: str = "ess-list-a") -> Step:
    return lambda folder, at: load_rows(folder, rows, at=at, supplier=supplier).load_id


def delta(rows: list[dict[str, str]], supplier: str = "ess-list-a") -> Step:
    def run(folder: Path, at: datetime) -> int:
        path = write_file(folder / "delta.csv", rows, supplier=supplier)
        profile = get_profile(name=supplier)
        return load_file(path=path, profile=profile, by=US, at=at, kind=FeedKind.DELTA).load_id

    return run


def visible() -> tuple[object, ...]:
    """What can be seen, whatever the numbers that children and rows happened to get."""
    rows = ask(
        "SELECT supplier_id, reference, content::text, ended_on::text, child_id, supplied_at::text"
        " FROM directory_suppliedrow"
        " UNION ALL SELECT supplier_id, reference, content::text, ended_on::text, child_id, 'hidden'"
        " FROM hidden.supplied_row ORDER BY 1, 2"
    )
    order = {child: place for place, child in enumerate(dict.fromkeys(row[4] for row in rows))}
    shown = ask(
        "SELECT c.given_names, c.family_name, c.birth_date, c.town, c.postcodes, c.authority, c.live_until,"
        " c.shielded, (SELECT array_agg(g.folded || ' ' || f.folded ORDER BY 1) FROM directory_searchname s"
        "   JOIN directory_name g ON g.id = s.given_id JOIN directory_name f ON f.id = s.family_id"
        "   WHERE s.child_id = c.id),"
        " (SELECT array_agg(n.kind || n.value ORDER BY 1) FROM directory_searchnumber n"
        "   WHERE n.child_id = c.id)"
        " FROM directory_child c WHERE EXISTS (SELECT 1 FROM directory_suppliedrow r WHERE r.child_id = c.id)"
        " OR EXISTS (SELECT 1 FROM hidden.supplied_row r WHERE r.child_id = c.id) ORDER BY 1, 2, 3"
    )
    waiting = ask("SELECT supplier_id, reference, content::text FROM hidden.waiting_row ORDER BY 1, 2")
    keys = ask("SELECT count(*) FROM (SELECT DISTINCT key FROM hidden.blocking_key) k")
    names = ask("SELECT folded FROM directory_name ORDER BY 1")
    return [(*row[:4], order[row[4]], row[5]) for row in rows], shown, waiting, keys, names


# What came before, the load that is withdrawn, what came after.
CASES: dict[str, tuple[list[Step], Step, list[Step]]] = {
    "alone": ([], snapshot([AMY, *others(5)]), []),
    "another supplier's before": ([snapshot([AMY_B], "ess-list-b")], snapshot([AMY, *others(5)]), []),
    "another supplier's after": ([], snapshot([AMY]), [snapshot([AMY_B], "ess-list-b")]),
    "a change": ([snapshot([AMY, *others(5)])], snapshot([MOVED, *others(5)]), []),
    "a change of a change": ([delta([AMY])], delta([MOVED]), [delta([{**MOVED, "sex": ""}])]),
    "an end": ([snapshot([AMY, *others(5)])], snapshot(others(5)), []),
    "an end that a later file confirms": (
        [snapshot([AMY, *others(5)])],
        snapshot(others(5)),
        [snapshot(others(6))],
    ),
    "rows that a later snapshot has too": ([], snapshot([AMY, *others(5)]), [snapshot([AMY, *others(4)])]),
    "rows that a later delta has too": ([], delta([AMY, *others(3)]), [delta([AMY, *others(1)])]),
    "a row that waits": (
        [snapshot([AMY])],
        snapshot([AMY, {**AMY, "ref": "A2", "enumcap": "1 YORK RD"}]),
        [],
    ),
    "a number": ([snapshot([AMY])], snapshot([NHS], "nhs_demographics"), []),
}


@pytest.mark.parametrize("case", list(CASES))
def test_a_withdrawn_load_leaves_what_there_would_be_without_it(
    tmp_path: Path, now: datetime, case: str
) -> None:
    before, load, after = CASES[case]
    for step, run in enumerate(before):
        run(tmp_path, now + step * DAY)
    load_id = load(tmp_path, now + 5 * DAY)
    for step, run in enumerate(after):
        run(tmp_path, now + (6 + step) * DAY)
    withdraw_load(load_id=load_id, by=US, at=now + 9 * DAY)
    withdrawn = visible()
    again = contents()
    assert withdraw_load(load_id=load_id, by=US, at=now + 10 * DAY) == withdrawing.Withdrawal()
    assert contents() == again
    _start_anew()
    for step, run in enumerate(before):
        run(tmp_path, now + step * DAY)
    for step, run in enumerate(after):
        run(tmp_path, now + (6 + step) * DAY)
    assert _plain(visible()) == _plain(withdrawn)


def _plain(seen: tuple[object, ...]) -> object:
    """Without the moment at which a row that both have was first supplied: the later load cannot know it."""
    rows, *others = seen
    return [row[:5] for row in rows], *others  # type: ignore[attr-defined]


def test_two_withdrawn_loads_go_back_to_before_both(tmp_path: Path, now: datetime) -> None:
    ids = [
        delta([{**AMY, "enumcap": street}])(tmp_path, now + day * DAY)
        for day, street in enumerate(["1 YORK ROAD", "2 YORK ROAD", "3 YORK ROAD"])
    ]
    withdraw_load(load_id=ids[1], by=US, at=now + 4 * DAY)
    assert ask("SELECT content #>> '{addresses,0,lines,0}' FROM directory_suppliedrow") == [("3 YORK ROAD",)]
    withdraw_load(load_id=ids[2], by=US, at=now + 5 * DAY)
    assert ask("SELECT content #>> '{addresses,0,lines,0}' FROM directory_suppliedrow") == [("1 YORK ROAD",)]


def test_a_shield_stays_whatever_is_withdrawn_and_what_returns_is_hidden(
    tmp_path: Path, now: datetime
) -> None:
    snapshot([AMY])(tmp_path, now)
    moved = snapshot([MOVED])(tmp_path, now + DAY)
    marked = snapshot([{**NHS, "CONFIDENTIALITY": "R"}], "nhs_demographics")(tmp_path, now + 2 * DAY)
    withdraw_load(load_id=marked, by=US, at=now + 3 * DAY)
    withdraw_load(load_id=moved, by=US, at=now + 4 * DAY)
    assert ask("SELECT count(*) FROM hidden.shield") == [(1,)]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(0,)]
    hidden = ask("SELECT supplier_id, content #>> '{addresses,0,lines,0}' FROM hidden.supplied_row")
    assert hidden == [("ess-list-a", "1 YORK ROAD")]


def test_a_child_with_whom_practitioners_work_stays(tmp_path: Path, now: datetime) -> None:
    open_everywhere(at=now)
    load_id = snapshot([AMY, *others(2)])(tmp_path, now)
    (child,) = ask("SELECT child_id FROM directory_suppliedrow WHERE reference = 'A1'")[0]
    viewer = make_viewer(at=now)
    record_involvement(
        by=viewer,
        child=encode(child),
        service="school",
        role="teacher",
        started_on=now.date(),
        team_telephone="0121 496 0000",
        team_email="",
        at=now,
    )
    done = withdraw_load(load_id=load_id, by=US, at=now + DAY)
    assert (done.removed, done.kept) == (2, 1)
    assert ask("SELECT reference, ended_on IS NOT NULL FROM directory_suppliedrow") == [("A1", True)]


def test_what_cannot_be_withdrawn_is_said(tmp_path: Path, now: datetime) -> None:
    with pytest.raises(NoSuchLoad):
        withdraw_load(load_id=999_999, by=US, at=now)
    load_id = snapshot([AMY])(tmp_path, now)
    Load.objects.filter(pk=load_id).update(state="held")
    with pytest.raises(NotWithdrawable):
        withdraw_load(load_id=load_id, by=US, at=now)


def test_a_killed_withdrawal_goes_on(
    tmp_path: Path, now: datetime, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_id = snapshot([AMY, *others(30)])(tmp_path, now)
    monkeypatch.setattr(withdrawing, "CHUNK", 10)
    command = [sys.executable, "-m", "tests.journeys.withdraw_and_die"]
    command += [connections["match"].settings_dict["NAME"], str(settings.DATA_DIR), str(settings.KEYS_DIR)]
    killed = subprocess.run(
        [*command, str(load_id)],
        cwd=Path(__file__).parents[2],
        env=os.environ,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    left = ask("SELECT count(*) FROM directory_suppliedrow")[0][0]
    assert 0 < left < 31
    assert withdraw_load(load_id=load_id, by=US, at=now + DAY).removed == left
    assert Load.objects.get().state == "withdrawn"
    assert ask("SELECT count(*) FROM hidden.row_effect WHERE effect = 'withdrawn'") == [(31,)]
    # Loaded again, everybody is there again, as new records: a number is never used twice.
    assert load_rows(tmp_path, [AMY, *others(30)], at=now + 2 * DAY).made == 31


def _start_anew() -> None:
    from django.core.management import call_command

    call_command("flush", database="owner", verbosity=0, interactive=False)
