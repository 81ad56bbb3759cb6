"""Doubtful matches for tests: rows that wait, data managers who decide, the worker that carries it out."""

from datetime import datetime
from pathlib import Path

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role, Sector
from contactpoint.audit.records import Actor
from contactpoint.casework.review.carrying_out import carry_out_match
from tests.factories import make_organisation, make_viewer
from tests.feeds import AMY, ask, load_rows, open_everywhere

WORKER = Actor(account_id=None, organisation_id=None, door="worker")
MANCHESTER = "352"
# Amy, as another office wrote her: another given name, the day of birth unknown.
ANNIE = {**AMY, "ref": "B1", "pername1": "ANNIE", "enumcap": "5 NEW STREET", "enumpc": "M192ER"}
TWIN = {**AMY, "ref": "A2", "pername1": "OLIVIA"}


def make_manager(*, at: datetime, authority: str = MANCHESTER, name: str = "Dana Kowalska") -> Viewer:
    home = make_organisation(
        at=at, code=f"TEAM{authority}{name[:2]}", name="ContactPoint team", sector=Sector.AUTHORITY,
        kind="authority", authority=authority,
    )  # fmt: skip
    return make_viewer(at=at, name=name, organisation=home, roles=[Role.DATA_MANAGER])


def make_doubt(folder: Path, *, at: datetime) -> int:
    """Amy is known, and so is her twin; a second list has Amy: a question. Gives the waiting row."""
    open_everywhere(at=at)
    load_rows(folder, [AMY, TWIN], at=at)
    load_rows(folder, [{**AMY, "ref": "B1"}], at=at, supplier="ess-list-b")
    ((row,),) = ask("SELECT id FROM hidden.waiting_row")
    return int(row)


def make_across(folder: Path, *, at: datetime) -> int:
    """The same children of Manchester; the second list has Amy in Birmingham."""
    open_everywhere(at=at)
    load_rows(folder, [AMY, TWIN], at=at)
    load_rows(folder, [{**AMY, "ref": "B1", "enumpc": "B11AA"}], at=at, supplier="ess-list-b")
    ((row,),) = ask("SELECT id FROM hidden.waiting_row")
    return int(row)


def work(*, at: datetime) -> None:
    """All that the worker has to do about decisions."""
    todo = ask("SELECT id FROM hidden.match_decision WHERE done_at IS NULL ORDER BY id")
    for (decision,) in todo:
        carry_out_match(decision=decision, by=WORKER, at=at)
