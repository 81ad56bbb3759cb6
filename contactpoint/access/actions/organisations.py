"""What happens to organisations (ACC-2)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from contactpoint.access.actions.insist import insist
from contactpoint.access.models import Accreditation, Organisation
from contactpoint.access.policies import ENGLAND, judge_criteria
from contactpoint.access.records import Criteria, Viewer
from contactpoint.access.roles import Action, Sector
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.errors import Conflict, Invalid, NotFound

CHUNK = 5000
REFRESHED = (
    "name",
    "kind",
    "sector",
    "authority",
    "telephone",
    "secure_email",
    "address",
    "out_of_hours",
    "sensitive_service",
)


class NoSuchOrganisation(NotFound):
    """No organisation has this id."""


class CodeTaken(Conflict):
    """An organisation with this code is registered already; nothing was changed."""


class CriteriaNotMet(Invalid):
    """What the organisation showed is not enough; the message has every gap (ACC-2)."""


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """`code` is the public register's: URN, ODS code, authority code with a suffix for a team.

    `sensitive_service` is the code of a sensitive service that it provides, else '' (SEN-1).
    """

    code: str
    name: str
    kind: str
    sector: Sector
    authority: str | None = None
    telephone: str = ""
    secure_email: str = ""
    address: str = ""
    out_of_hours: str = ""
    sensitive_service: str = ""


def register_organisation(*, organisation: NewOrganisation, by: Viewer, at: datetime) -> int:
    """Enter one organisation; gives its id. Raises ActionRefused and CodeTaken."""
    insist(
        by=by, action=Action.MANAGE_ORGANISATION, at=at, authority=organisation.authority, organisation_id=0
    )
    with transaction.atomic(durable=True):
        organisation_id = insert_organisation(organisation, at=at)
        record_event(
            kind=EventKind.ORGANISATION_REGISTERED,
            actor=by.actor,
            at=at,
            facts={"organisation": organisation_id},
        )
    return organisation_id


@dataclass(frozen=True, slots=True)
class Contact:
    """How an organisation is reached, by day and out of hours."""

    telephone: str
    out_of_hours: str
    secure_email: str
    address: str


def change_contact(*, organisation_id: int, contact: Contact, by: Viewer, at: datetime) -> None:
    """New numbers or addresses; mediators call back the number held here (ACC-6). Raises ActionRefused."""
    organisation = get_organisation(organisation_id)
    insist_on_organisation(organisation, by=by, at=at)
    with transaction.atomic(durable=True):
        Organisation.objects.filter(pk=organisation_id).update(
            telephone=contact.telephone,
            out_of_hours=contact.out_of_hours,
            secure_email=contact.secure_email,
            address=contact.address,
        )
        record_event(
            kind=EventKind.ORGANISATION_CHANGED,
            actor=by.actor,
            at=at,
            facts={"organisation": organisation_id, "part": "contact"},
        )


def insist_on_organisation(organisation: Organisation, *, by: Viewer, at: datetime) -> None:
    """Go on only if `by` may manage this organisation. Raises ActionRefused."""
    insist(
        by=by,
        action=Action.MANAGE_ORGANISATION,
        at=at,
        authority=organisation.authority,
        organisation_id=organisation.pk,
    )


def insert_organisation(organisation: NewOrganisation, *, at: datetime) -> int:
    """The row alone, inside the caller's transaction. Raises CodeTaken."""
    row, is_new = Organisation.objects.get_or_create(
        code=organisation.code, defaults={**_columns(organisation), "registered_at": at}
    )
    if not is_new:
        raise CodeTaken("An organisation with this code is registered already. Nothing was changed.")
    return row.pk


def load_organisations(
    *,
    organisations: Sequence[NewOrganisation],
    by: Actor,
    at: datetime,
    refreshed: Sequence[str] = REFRESHED,
    using: str = "default",
) -> dict[str, int]:
    """Enter or refresh many from a public register, by code; gives code to id.

    For commands, which act as the service itself: being registered lets nobody in.
    `refreshed` are the columns that the register speaks for; of those known already the others stay.
    A chunk of rows is one transaction with one event, which carries its digest (AUD-8).
    """
    known: dict[str, int] = {}
    for start in range(0, len(organisations), CHUNK):
        chunk = {item.code: item for item in organisations[start : start + CHUNK]}
        with transaction.atomic(durable=True, using=using):
            known |= _load_chunk(chunk, at=at, refreshed=refreshed, using=using)
            record_event(
                kind=EventKind.ORGANISATION_REGISTERED,
                actor=by,
                at=at,
                facts={"count": len(chunk), "digest": hashlib.sha256("\n".join(chunk).encode()).hexdigest()},
                using=using,
            )
    return known


def _load_chunk(
    chunk: dict[str, NewOrganisation], *, at: datetime, refreshed: Sequence[str], using: str
) -> dict[str, int]:
    Organisation.objects.using(using).bulk_create(
        [Organisation(code=code, registered_at=at, **_columns(item)) for code, item in chunk.items()],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=list(refreshed),
    )
    return dict(Organisation.objects.using(using).filter(code__in=list(chunk)).values_list("code", "pk"))


def _columns(item: NewOrganisation) -> dict[str, str | None]:
    return {
        "name": item.name,
        "kind": item.kind,
        "sector": item.sector.value,
        "authority": item.authority,
        "telephone": item.telephone,
        "secure_email": item.secure_email,
        "address": item.address,
        "out_of_hours": item.out_of_hours,
        "sensitive_service": item.sensitive_service,
    }


def insert_accreditation(
    organisation: Organisation,
    *,
    criteria: Criteria,
    expires_on: date,
    accredited_by: int | None,
    at: datetime,
) -> None:
    """The row alone, inside the caller's transaction. Raises CriteriaNotMet."""
    decision = judge_criteria(criteria=criteria, sector=Sector(organisation.sector), expires_on=expires_on)
    ends_on = criteria.security_certificate_expires_on
    if not decision.allowed or ends_on is None:
        raise CriteriaNotMet(" ".join(decision.why))
    Accreditation.objects.filter(organisation=organisation, superseded_at__isnull=True).update(
        superseded_at=at
    )
    Accreditation.objects.create(
        organisation=organisation,
        security_certificate=criteria.security_certificate,
        security_certificate_expires_on=ends_on,
        disciplinary_procedure=criteria.disciplinary_procedure,
        safeguarding_lead=criteria.safeguarding_lead,
        email_domains=[domain.lower() for domain in criteria.email_domains],
        caldicott_approver=criteria.caldicott_approver,
        accredited_on=at.astimezone(ENGLAND).date(),
        expires_on=expires_on,
        accredited_by_id=accredited_by,
    )


def get_organisation(organisation_id: int) -> Organisation:
    """Raises NoSuchOrganisation."""
    organisation = Organisation.objects.filter(pk=organisation_id).first()
    if organisation is None:
        raise NoSuchOrganisation("There is no such organisation.")
    return organisation
