"""Its child processes archive, destroy and restore, and are killed at random moments; then another looks.

`python -m tests.journeys.kill_steps SEED KILLS FOLDER`, with CONTACTPOINT_DATA naming a folder of its own.
Prints one line of JSON: what was found wrong, and how many were killed in the middle of what.
Each child is a process with connections of its own; this one never connects.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connections

from contactpoint.jobs.database import database

NOW = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)
EIGHTEEN = datetime(2026, 10, 20, 3, tzinfo=UTC)
SIX_YEARS_ON = datetime(2032, 10, 21, 3, tzinfo=UTC)
CHILDREN = 24
WHOLE = """
SELECT c.id, c.birth_date <> '', EXISTS (SELECT 1 FROM directory_suppliedrow r WHERE r.child_id = c.id),
    EXISTS (SELECT 1 FROM directory_searchname n WHERE n.child_id = c.id),
    (SELECT a.sealed FROM hidden.archived_record a WHERE a.child_id = c.id) FROM directory_child c
"""


def make() -> None:
    """Children who turn eighteen, some of them shielded by their supplier."""
    from tests.children import AMINA, make_child

    for which in range(CHILDREN):
        given = f"Amina{chr(65 + which)}"
        values = replace(AMINA, given_names=given, birth_date="2008-10-20", nhs="", upn="")
        make_child(values, at=NOW, restricted=which % 5 == 0)


def archive() -> None:
    """A few at a time, so that there is much to be killed in."""
    from contactpoint.directory.keeping import archive as archiving
    from tests.children import US

    archiving.CHUNK = 2
    archiving.archive_due(by=US, at=EIGHTEEN)


def destroy() -> None:
    """The same for what is due six years later."""
    from contactpoint.directory.keeping import destroying
    from tests.children import US

    destroying.CHUNK = 2
    destroying.destroy_due(by=US, at=SIX_YEARS_ON)


def restore(file: str) -> None:
    """What `contactpoint restore` does, up to where others may connect."""
    from contactpoint.jobs.backing_up import put_in_place

    put_in_place(file=Path(file), say=lambda _: None)


def back_up(folder: str) -> None:
    from contactpoint.jobs.backing_up import back_up as dump

    dump(folder=Path(folder), at=NOW)


def look() -> dict[str, Any]:
    """The next start, and whether each record, the ledger, the keys and the log are whole."""
    from contactpoint.directory.keeping.archive import unseal
    from contactpoint.directory.keeping.child_keys import KeyDestroyed, get_child_key
    from contactpoint.directory.keeping.ledger import Deed, find_undone, read_ledger
    from tests.feeds import ask

    wrong: list[str] = []
    states = {"live": 0, "archived": 0}
    for child, has_name, has_rows, is_found, sealed in ask(WHOLE):
        shielded = bool(ask("SELECT 1 FROM hidden.shield WHERE child_id = %s", child))
        rows = has_rows or bool(ask("SELECT 1 FROM hidden.supplied_row WHERE child_id = %s", child))
        if sealed is None:
            states["live"] += 1
            if not (has_name and rows and is_found):
                wrong.append("a live record is not whole")
            continue
        states["archived"] += 1
        if has_name or rows or is_found or shielded:
            wrong.append("an archived record is in the directory too")
        try:
            unseal(key=get_child_key(child=child), sealed=bytes(sealed))
        except KeyDestroyed:
            wrong.append("an archived record has no key")
    destroyed = {child for entry in read_ledger() if entry.deed is Deed.DESTROYED for child in entry.children}
    for child in destroyed:
        if ask("SELECT 1 FROM directory_child WHERE id = %s", child):
            wrong.append("a destroyed record is there")
        receipts = "SELECT 1 FROM audit_event_child c JOIN audit_event e ON e.id = c.event_id AND e.at = c.at"
        if not ask(f"{receipts} WHERE e.kind = 'records-destroyed' AND c.child_id = %s", child):
            wrong.append("a destruction has no receipt")
    if find_undone():
        wrong.append("the ledger was not carried out")
    events = ask("SELECT id, digest FROM audit_event WHERE digest <> sha256('\\x00'::bytea || body)")
    if events:
        wrong.append("an event does not have its digest")
    ((events,),) = ask("SELECT count(*) FROM audit_event")
    return {"wrong": wrong, **states, "destroyed": len(destroyed), "events": events}


def in_child(work: Callable[[], Any], *, start: bool = True, kill_after: float | None = None) -> Any:
    """Do it in a process of its own, killed after so many seconds unless it has ended. None: killed."""
    connections.close_all()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        code = 1
        os.setpgid(0, 0)  # what it starts is killed with it
        try:
            with database(migrate=start):
                os.write(writing, b"+")  # from here on it may be killed
                said = work()
            os.write(writing, json.dumps(said).encode())
            code = 0
        except BaseException:  # noqa: BLE001  told to whoever reads the test
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        if pipe.read(1) and kill_after is not None:
            time.sleep(kill_after)
            os.killpg(pid, signal.SIGKILL)
        told = pipe.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return None
    assert status == 0, "a step failed"
    return json.loads(told or b"null")


def main(seed: int, kills: int, folder: str) -> dict[str, Any]:
    drawn = random.Random(seed)
    wrong: list[str] = []
    killed: dict[str, int] = {}
    least_events = 0
    with database(migrate=True):  # the server stays up in between, as in life
        in_child(make)
        in_child(lambda: back_up(folder))
        (dump,) = (str(path) for path in Path(folder).glob("*.dump"))
        phases: list[tuple[str, Callable[[], Any], float]] = [
            ("archive", archive, 0.5),
            ("destroy", destroy, 0.5),
            ("restore", lambda: restore(dump), 2.5),
        ]
        for name, work, longest in phases:
            for _ in range(kills):
                ended = in_child(work, start=False, kill_after=drawn.uniform(0, longest))
                killed[name] = killed.get(name, 0) + (ended is None)
                seen = in_child(look)
                wrong += [f"{name}: {each}" for each in seen["wrong"]]
                if seen["events"] < least_events:
                    wrong.append(f"{name}: events of the log are gone")
                least_events = seen["events"]
            if name != "restore":
                in_child(work)
        seen = in_child(look)
        wrong += seen["wrong"]
    return {"wrong": wrong, "killed": killed, "seen": seen}


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactpoint.settings")
    django.setup()
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])))  # noqa: T201
