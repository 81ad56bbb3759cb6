"""When an authority's children become searchable (SHI-10): not before its shielding window has closed.

The steps that lead there, and who signs them off, belong to the authority's team;
here is the last one, which every read of the directory obeys.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection, transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.codes.authorities import get_authority
from contactpoint.directory.models import AuthorityOpening, Child


def open_authorities(*, codes: Iterable[str], on: date, by: Actor, at: datetime) -> None:
    """Let the children of these authorities (DfE codes) be found from that day; shielded ones as SHI-2 says.

    Raises NoSuchAuthority; then nothing has changed.
    """
    with transaction.atomic(durable=True):
        for code in codes:
            get_authority(code)
            AuthorityOpening.objects.update_or_create(authority=code, defaults={"searchable_from": on})
            Child.objects.filter(authority=code).update(searchable_from=on)
            with connection.cursor() as cursor:
                cursor.execute("SELECT directory_open_shielded(%s)", [code])
            record_event(kind=EventKind.AUTHORITY_OPENED, actor=by, at=at, facts={"authority": code})


def find_opened(*, on: date) -> frozenset[str]:
    """DfE codes of the authorities whose children can be found."""
    return frozenset(
        AuthorityOpening.objects.filter(searchable_from__lte=on).values_list("authority", flat=True)
    )
