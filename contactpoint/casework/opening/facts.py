"""What an authority has towards opening, counted from accounts, loads and queues as they are (SHI-10).

Never hands out a child, or how many are shielded or wait to be: of the hidden side only whether any waits.
"""

from datetime import datetime

from django.conf import settings
from django.db import connection

from contactpoint.access.models import RoleGrant
from contactpoint.access.queries import NotCleared, get_viewer
from contactpoint.access.roles import Role
from contactpoint.casework.opening.policies import TEAM, Facts, Limits

_CHILDREN = """
SELECT count(*) FROM (SELECT 1 FROM directory_child WHERE authority = %s AND birth_date <> '' LIMIT 100000) c
"""
_LOADS = """
SELECT count(*) FROM intake_load l JOIN intake_timetable t ON t.supplier_id = l.supplier_id
WHERE t.authority = %s AND l.finished_at IS NULL
"""
_PRACTITIONERS = """
SELECT count(DISTINCT a.id), count(DISTINCT a.id) FILTER (
    WHERE c.training_passed_on <= %(on)s AND c.training_expires_on > %(on)s)
FROM access_account a
JOIN access_rolegrant g ON g.account_id = a.id AND g.role = 'practitioner'
    AND g.valid_from <= %(at)s AND (g.valid_to IS NULL OR g.valid_to > %(at)s)
LEFT JOIN access_clearance c ON c.account_id = a.id
WHERE a.granted_by_authority = %(code)s AND a.closed_at IS NULL
"""


def find_limits() -> Limits:
    """As this service sets them."""
    return Limits(window=settings.SHIELDING_WINDOW, trained_percent=settings.OPENING_TRAINED_PERCENT)


def find_facts(*, code: str, at: datetime) -> Facts:
    """All that the steps ask about, now."""
    with connection.cursor() as cursor:
        cursor.execute(_CHILDREN, [code])
        (children,) = cursor.fetchone()
        cursor.execute(_LOADS, [code])
        (unfinished,) = cursor.fetchone()
        cursor.execute("SELECT casework_is_shielding_queue_empty(%s)", [code])
        (is_empty,) = cursor.fetchone()
        cursor.execute(_PRACTITIONERS, {"code": code, "at": at, "on": at.date()})
        practitioners, trained = cursor.fetchone()
    return Facts(
        cleared=_count_team(code, at),
        children=children,
        unfinished_loads=unfinished,
        is_shielding_queue_empty=is_empty,
        practitioners=practitioners,
        trained=trained,
    )


def _count_team(code: str, at: datetime) -> dict[Role, int]:
    """By asking for each member as every request does: whoever could not act now does not count."""
    granted = RoleGrant.objects.filter(
        role__in=[role.value for role, _ in TEAM], account__granted_by_authority=code, valid_from__lte=at
    ).exclude(valid_to__lte=at)
    cleared: dict[Role, int] = {}
    for account in sorted(set(granted.values_list("account_id", flat=True))):
        try:
            viewer = get_viewer(account_id=account, at=at)
        except NotCleared:
            continue
        for role, _ in TEAM:
            if role in viewer.roles and viewer.authority == code:
                cleared[role] = cleared.get(role, 0) + 1
    return cleared
