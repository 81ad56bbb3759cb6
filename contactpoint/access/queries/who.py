"""Reading who is asking. `get_viewer` is the one maker of a Viewer."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from contactpoint.access.policies import judge_clearance
from contactpoint.access.records import (
    AccessLimits,
    AccountId,
    AccreditationFacts,
    ClearanceFacts,
    Decision,
    Viewer,
)
from contactpoint.access.roles import Role, Sector
from contactpoint.errors import NotAllowed, NotFound
from contactpoint.prepared import ask_prepared


class NotCleared(NotAllowed):
    """The account may not act now. `decision` has every part that is missing or lapsed (ACC-3)."""

    def __init__(self, decision: Decision, *, account_id: int, organisation_id: int | None) -> None:
        super().__init__("Your access is not complete: " + " ".join(decision.why))
        self.decision = decision
        self.account_id = account_id
        self.organisation_id = organisation_id


class NoSuchAccount(NotFound):
    """No account has this id."""


LIMITS = AccessLimits(
    suspended_unused=settings.ACCOUNT_SUSPENDED_UNUSED,
    closed_unused=settings.ACCOUNT_CLOSED_UNUSED,
    recertified_for=settings.RECERTIFIED_FOR,
)

# What decides whether an account may act, in the order in which `read_facts` takes it.
# Whoever reads it joins a (account), o (organisation), c (clearance), d (accreditation), s (sign-in).
FACTS = """
       d.organisation_id IS NOT NULL, d.accredited_on, d.expires_on, d.suspended_at,
       c.identity_checked_on, coalesce(c.dbs_level, ''), c.dbs_checked_on, c.dbs_next_check_on,
       c.training_passed_on, c.training_expires_on, c.agreement_signed_on, c.approved_at,
       c.recertified_on, greatest(c.approved_at, s.used_at, a.reinstated_at),
       a.suspended_at, a.closed_at, o.suspended_at,
       ARRAY(
           SELECT t.scope FROM access_stop t
           WHERE t.lifted_at IS NULL AND (
               t.scope = 'service'
               OR (t.scope = 'authority' AND t.authority = coalesce(a.granted_by_authority, o.authority))
           )
       )
"""
GRANTS = """
       ARRAY(
           SELECT ARRAY[g.role, coalesce(g.authority, '')] FROM access_rolegrant g
           WHERE g.account_id = a.id AND g.valid_from <= %(at)s
             AND (g.valid_to IS NULL OR g.valid_to > %(at)s)
           ORDER BY g.id
       )
"""
JOINED = """
FROM access_account a
JOIN access_organisation o ON o.id = a.organisation_id
LEFT JOIN access_clearance c ON c.account_id = a.id
LEFT JOIN access_accreditation d ON d.organisation_id = o.id AND d.superseded_at IS NULL
LEFT JOIN access_signin s ON s.account_id = a.id
"""
# One query in plain SQL: this is asked at every request, and the ORM takes longer to write it than to ask it.
_WHO = f"""
SELECT a.id, a.name, a.job_title, a.granted_by_authority,
       o.id, o.code, o.name, o.sector, o.authority, o.sensitive_service,
       {GRANTS}, {FACTS}
{JOINED}
WHERE a.id = %(account)s
"""


_TEAM_CONTACT = """
SELECT COALESCE(NULLIF(said.telephone, ''), NULLIF(account.telephone, ''), organisation.telephone),
    COALESCE(NULLIF(said.email, ''), organisation.secure_email)
FROM access_account account JOIN access_organisation organisation ON organisation.id = account.organisation_id
LEFT JOIN access_profile said ON said.account_id = account.id AND said.organisation_id = organisation.id
WHERE account.id = %s
"""


def get_viewer(*, account_id: int, at: datetime, door: str = "web", address: str = "") -> Viewer:
    """Who this account is and what it may do at that moment, decided from dates (ACC-2, ACC-3). One query.

    Raises NotCleared, which says every part that is missing, and NoSuchAccount.
    """
    row = ask_prepared(_WHO, {"account": account_id, "at": at})
    if row is None:
        raise NoSuchAccount("There is no such account.")
    number, name, job_title, granted_by, organisation_id, code, organisation, sector, authority, sensitive = (
        row[:10]
    )
    grants: list[list[str]] = row[10]
    roles = frozenset(Role(role) for role, _ in grants)
    decision = judge_clearance(facts=read_facts(row[11:], roles=roles), at=at, limits=LIMITS)
    if not decision.allowed:
        raise NotCleared(decision, account_id=account_id, organisation_id=organisation_id)
    scope = next((each for _, each in grants if each), None)
    return Viewer(
        account_id=AccountId(number),
        name=name,
        job_title=job_title,
        organisation_id=organisation_id,
        organisation_code=code,
        organisation_name=organisation,
        sector=Sector(sector),
        authority=scope or granted_by or authority,
        roles=roles,
        door=door,
        address=address,
        sensitive_service=sensitive,
    )


def get_facts(*, account_id: int, at: datetime) -> ClearanceFacts:
    """Every date that decides about this account. Raises NoSuchAccount."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {GRANTS}, {FACTS} {JOINED} WHERE a.id = %(account)s", {"account": account_id, "at": at}
        )
        row = cursor.fetchone()
    if row is None:
        raise NoSuchAccount("There is no such account.")
    return read_facts(row[1:], roles=frozenset(Role(role) for role, _ in row[0]))


def find_team_contact(*, account_id: int) -> tuple[str, str]:
    """Telephone and secure e-mail address of this person's team, '' where not known (INV-2).

    As they said themselves, else their office's.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TEAM_CONTACT, [account_id])
        row = cursor.fetchone()
    return (str(row[0]), str(row[1])) if row else ("", "")


def read_facts(row: tuple[Any, ...], *, roles: frozenset[Role]) -> ClearanceFacts:
    """The dates that decide, in the order of `FACTS`.

    The switch of the whole service does not stop those who turn it on again, who see no child.
    """
    is_accredited, accredited_on, expires_on, suspended_at, *dates = row
    identity, dbs_level, dbs, dbs_next, training, training_ends, agreement, approved, *later = dates
    recertified, used, account_suspended_at, account_closed_at, organisation_suspended_at, stops = later
    return ClearanceFacts(
        identity_checked_on=identity,
        dbs_level=dbs_level,
        dbs_checked_on=dbs,
        dbs_next_check_on=dbs_next,
        training_passed_on=training,
        training_expires_on=training_ends,
        agreement_signed_on=agreement,
        approved_at=approved,
        recertified_on=recertified,
        used_at=used,
        is_authority_stopped="authority" in stops,
        is_service_stopped="service" in stops and roles != {Role.SERVICE_OPERATOR},
        account_suspended_at=account_suspended_at,
        account_closed_at=account_closed_at,
        organisation_suspended_at=organisation_suspended_at,
        accreditation=AccreditationFacts(accredited_on, expires_on, suspended_at) if is_accredited else None,
        has_role=bool(roles),
    )
