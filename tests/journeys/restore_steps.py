"""The steps of the restore drill, each in a process of its own on a database of its own.

`python -m tests.journeys.restore_steps STEP`, with CONTACTPOINT_DATA naming the data folder; prints JSON.
"""

import json
import os
import signal
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from contactpoint.jobs.database import database

NOW = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)


def make() -> Any:
    """Three children of whom something will be decided: by name."""
    from contactpoint.codes.child_number import decode
    from contactpoint.directory.keeping.archive import archive_due
    from contactpoint.directory.publish import SensitivePart
    from tests.children import AMINA, US, make_child

    made = {}
    for name in ("Shielded", "Withdrawn"):
        made[name] = decode(make_child(replace(AMINA, family_name=name, nhs="", upn=""), at=NOW))
    make_child(
        replace(AMINA, family_name="Withdrawn", nhs="", upn=""),
        at=NOW,
        supplier="camhs_feed",
        child_id=made["Withdrawn"],
        sensitive=SensitivePart(
            "camhs",
            "LANTERN",
            "consent",
            consent_given_by="child",
            obtained_by_role="mental_health_practitioner",
            obtained_on=date(2026, 9, 1),
            review_on=date(2027, 9, 1),
        ),
    )
    made["Destroyed"] = decode(
        make_child(replace(AMINA, family_name="Destroyed", birth_date="2008-10-20", nhs="", upn=""), at=NOW)
    )
    archive_due(by=US, at=datetime(2026, 10, 20, 3, tzinfo=UTC))
    return made


def decide() -> Any:
    """After the backup: shield, withdraw, destroy."""
    from contactpoint.access.roles import Role, Sector
    from contactpoint.casework.actions import apply_shield
    from contactpoint.codes.child_number import encode
    from contactpoint.directory.keeping.destroying import destroy_due
    from contactpoint.directory.sensitive.actions import withdraw_consent
    from tests.children import US
    from tests.factories import make_organisation, make_viewer
    from tests.feeds import ask

    ((shielded,),) = ask("SELECT id FROM directory_child WHERE family_name = 'Shielded'")
    officer = make_viewer(at=LATER, roles=[Role.SHIELDING_OFFICER])
    apply_shield(by=officer, child=encode(shielded), ground="refuge", review_on=date(2027, 1, 1), at=LATER)
    clinic = make_organisation(
        at=LATER, code="LANTERN", sector=Sector.HEALTH, kind="team", sensitive_service="camhs"
    )
    ((entry,),) = ask("SELECT row_id FROM hidden.sensitive_involvement")
    withdraw_consent(by=make_viewer(at=LATER, organisation=clinic), entry=entry, at=LATER)
    return destroy_due(by=US, at=datetime(2032, 10, 21, 3, tzinfo=UTC))


def report() -> Any:
    """What is so now."""
    from contactpoint.directory.keeping.ledger import find_undone
    from tests.feeds import ask

    return {
        "children": sorted(name for (name,) in ask("SELECT family_name FROM directory_child")),
        "shielded": sorted(name for (name,) in ask("SELECT family_name FROM directory_child WHERE shielded")),
        "open rows": len(ask("SELECT 1 FROM directory_suppliedrow")),
        "sensitive": len(ask("SELECT 1 FROM hidden.sensitive_involvement")),
        "archived": len(ask("SELECT 1 FROM hidden.archived_record")),
        "events": dict(ask("SELECT kind, count(*) FROM audit_event GROUP BY 1")),
        "undone": len(find_undone()),
    }


def die_while_destroying() -> Any:
    """The ledger and the key are gone before the rows are: then a power cut."""
    from contactpoint.directory.keeping import destroying
    from tests.children import US

    def die(*_: Any, **__: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    destroying.read_child_tables = die
    destroying.destroy_due(by=US, at=datetime(2032, 10, 21, 3, tzinfo=UTC))


def main(step: str) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactpoint.settings")
    with database(migrate=step == "make", replayed=step != "look"):
        django.setup()
        print(json.dumps(STEPS[step](), default=str))  # noqa: T201


STEPS = {
    "make": make,
    "decide": decide,
    "report": report,
    "look": report,
    "die-while-destroying": die_while_destroying,
}

if __name__ == "__main__":
    main(sys.argv[1])
