"""The demo's archive: somebody who turned 18 last week, a custodian's request, a disclosure (RET-2)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections

from contactpoint.access.models import Account
from contactpoint.access.practice import PEOPLE
from contactpoint.access.queries import get_viewer
from contactpoint.access.records import Viewer
from contactpoint.audit.records import Actor
from contactpoint.casework.archive.disclosing import record_disclosure
from contactpoint.casework.archive.opening import ask_for_opening
from contactpoint.casework.archive.records import Told, Whom
from contactpoint.codes.child_number import encode
from contactpoint.directory.keeping.archive import archive_due
from contactpoint.directory.keeping.policies import years_after
from contactpoint.directory.queries import search_children
from contactpoint.directory.records import SearchQuery
from contactpoint.directory.values import Address, SuppliedValues
from contactpoint.intake.entries import process_entry
from contactpoint.intake.receiving import receive_entry

US = Actor(account_id=None, organisation_id=None, door="command")
GIVEN, FAMILY = "Robin", "Ashdown-Vale"
_ARCHIVED = "SELECT child_id FROM hidden.archived_record ORDER BY archived_on LIMIT 1"


def demo_archive(*, at: datetime) -> None:
    """Once, and in a demo alone."""
    if not settings.DEMO or _find_archived() is not None:
        return
    birthday = (at - timedelta(days=7)).date()
    born = years_after(birthday, -18).isoformat()
    _enter(born, at - timedelta(days=40))
    archive_due(by=US, at=at)
    child = _find_archived()
    if child is None:
        return
    whom = Whom(given_name=GIVEN, family_name=FAMILY, birth_date=born)
    text = "The panel's review of spring needs to know which services were involved in the last two years."
    ask_for_opening(by=_viewer("grace.holt", at), whom=whom, ground="practice-review", text=text, at=at)
    told = Told(
        to="Birmingham Family Court",
        scope="Order of the court, case FC 26/0118",
        released="Schools and their dates",
        decided_by="Imogen Das, head of service",
    )
    record_disclosure(
        by=_viewer("dana.kowalska", at),
        child=encode(child),
        ground="court-order",
        disclosed_on=at.date(),
        told=told,
        at=at,
    )


def _enter(born: str, at: datetime) -> None:
    """As the school entered it before the birthday."""
    school = _viewer("priya.shah", at + timedelta(days=40))
    search_children(
        viewer=school, query=SearchQuery(given_name=GIVEN, family_name=FAMILY, birth_date=born), at=at
    )
    home = Address(lines=("3 Larch Walk",), town="Birmingham", postcode="B1 1AA")
    values = SuppliedValues(given_names=GIVEN, family_name=FAMILY, birth_date=born, addresses=(home,))
    process_entry(entry_id=receive_entry(by=school, values=values, at=at), by=US, at=at)


def _find_archived() -> int | None:
    with connections["match"].cursor() as cursor:
        cursor.execute(_ARCHIVED)
        found = cursor.fetchone()
    return int(found[0]) if found else None


def _viewer(who: str, at: datetime) -> Viewer:
    email = next(each.email for each in PEOPLE if each.email.startswith(who))
    return get_viewer(account_id=Account.objects.get(email=email).pk, at=at, door="command")
