"""When an authority's children become searchable (SHI-10): not before its shielding window has closed.

The steps that lead there, and who signs them off, are `casework.opening`'s;
here is the last one, which every read of the directory obeys.
Triggers on the table of children hold it, whoever writes: none is searchable before its authority,
and one who moves to an authority that is not open is found by nobody until that one opens.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection, transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.codes.authorities import get_authority
from contactpoint.directory.locks import change_openings
from contactpoint.directory.models import AuthorityOpening, Child
from contactpoint.errors import Conflict


class NotOpen(Conflict):
    """This authority's children cannot be found as it is."""


def open_authorities(*, codes: Iterable[str], on: date, by: Actor, at: datetime) -> None:
    """Open these authorities without the steps: only for services whose children are all made up.

    Raises NoSuchAuthority; then nothing has changed.
    """
    with transaction.atomic(durable=True):
        for code in codes:
            open_authority(code=code, on=on, by=by, at=at)


def open_authority(*, code: str, on: date, by: Actor, at: datetime) -> None:
    """Let its children (DfE code) be found from that day; shielded ones as SHI-2 says.

    Inside the caller's durable transaction, in which the last step was signed. Raises NoSuchAuthority.
    """
    get_authority(code)
    with connection.cursor() as cursor:
        change_openings(cursor)
    AuthorityOpening.objects.update_or_create(authority=code, defaults={"searchable_from": on})
    Child.objects.filter(authority=code).update(searchable_from=on)
    with connection.cursor() as cursor:
        cursor.execute("SELECT directory_open_shielded(%s)", [code])
    record_event(kind=EventKind.AUTHORITY_OPENED, actor=by, at=at, facts={"authority": code})


def close_authority(*, code: str, by: Actor, at: datetime) -> None:
    """Let nobody find its children any more, from this moment; what was recorded stays.

    Inside the caller's durable transaction. Raises NotOpen.
    """
    with connection.cursor() as cursor:
        change_openings(cursor)
    running = AuthorityOpening.objects.filter(authority=code, searchable_from__isnull=False)
    if not running.update(searchable_from=None):
        raise NotOpen("This authority is not open. Nothing was changed.")
    Child.objects.filter(authority=code).update(searchable_from=None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT directory_close_shielded(%s)", [code])
    record_event(kind=EventKind.AUTHORITY_CLOSED, actor=by, at=at, facts={"authority": code})


def find_opened_on() -> dict[str, date]:
    """For each authority that is open, since when."""
    rows = AuthorityOpening.objects.filter(searchable_from__isnull=False)
    return {row.authority: row.searchable_from for row in rows if row.searchable_from}


def find_opened(*, on: date) -> frozenset[str]:
    """DfE codes of the authorities whose children can be found."""
    return frozenset(
        AuthorityOpening.objects.filter(searchable_from__lte=on).values_list("authority", flat=True)
    )
