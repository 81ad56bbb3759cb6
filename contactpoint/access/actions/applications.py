"""Accreditation: an organisation shows what it has; a second person decides on it (ACC-2).

A renewal is the same again. The evidence that was decided on is never edited.
"""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from contactpoint.access.actions.insist import insist_on
from contactpoint.access.actions.organisations import (
    get_organisation,
    insert_accreditation,
    insist_on_organisation,
)
from contactpoint.access.models import Application, Organisation
from contactpoint.access.policies import judge_accreditation
from contactpoint.access.records import Criteria, Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.errors import Conflict, NotFound


class NoSuchApplication(NotFound):
    """No application of this organisation waits for a decision."""


class DecidedBefore(Conflict):
    """Somebody else decided first; nothing was changed."""


def enter_application(*, organisation_id: int, criteria: Criteria, by: Viewer, at: datetime) -> int:
    """Keep what an organisation shows, whole or not yet; an earlier one that still waits is replaced.

    Gives its id. Raises NoSuchOrganisation, ActionRefused, DecidedBefore.
    """
    organisation = get_organisation(organisation_id)
    insist_on_organisation(organisation, by=by, at=at)
    try:
        with transaction.atomic(durable=True):
            waiting = Application.objects.filter(organisation=organisation, decided_at__isnull=True)
            waiting.update(decided_at=at, decided_by_id=by.account_id, outcome="replaced")
            entered = _insert(organisation, criteria, by=by, at=at)
            record_event(
                kind=EventKind.ORGANISATION_APPLIED,
                actor=by.actor,
                at=at,
                facts={"organisation": organisation_id, "application": entered},
            )
    except IntegrityError as error:
        if "application_one_waiting" not in str(error):
            raise
        raise DecidedBefore(
            "Somebody else entered an application at the same moment. Look at theirs."
        ) from None
    return entered


def _insert(organisation: Organisation, criteria: Criteria, *, by: Viewer, at: datetime) -> int:
    row = Application.objects.create(
        organisation=organisation,
        security_certificate=criteria.security_certificate,
        security_certificate_expires_on=criteria.security_certificate_expires_on,
        disciplinary_procedure=criteria.disciplinary_procedure,
        safeguarding_lead=criteria.safeguarding_lead,
        email_domains=[domain.strip().lower().removeprefix("@") for domain in criteria.email_domains],
        caldicott_approver=criteria.caldicott_approver,
        entered_at=at,
        entered_by_id=by.account_id,
    )
    return int(row.pk)


def accredit_organisation(*, organisation_id: int, expires_on: date, by: Viewer, at: datetime) -> None:
    """Let its people in until that day, on the evidence that waits; supersedes an earlier accreditation.

    Raises NoSuchOrganisation, NoSuchApplication, ActionRefused (who entered it included), CriteriaNotMet.
    """
    organisation, waiting = _get_waiting(organisation_id, by=by, at=at)
    decision = judge_accreditation(decider_id=by.account_id, enterer_id=waiting.entered_by_id)
    insist_on(decision, by=by, action=Action.MANAGE_ORGANISATION, at=at)
    with transaction.atomic(durable=True):
        _decide(waiting, "accredited", by=by, at=at)
        insert_accreditation(
            organisation,
            criteria=to_criteria(waiting),
            expires_on=expires_on,
            accredited_by=by.account_id,
            at=at,
        )
        record_event(
            kind=EventKind.ORGANISATION_ACCREDITED,
            actor=by.actor,
            at=at,
            facts={
                "organisation": organisation_id,
                "application": waiting.pk,
                "until": expires_on.isoformat(),
            },
        )


def refuse_application(*, organisation_id: int, by: Viewer, at: datetime) -> None:
    """It is not accredited on this evidence; what was accredited before stays as it is.

    Raises NoSuchOrganisation, NoSuchApplication, ActionRefused, DecidedBefore.
    """
    _, waiting = _get_waiting(organisation_id, by=by, at=at)
    with transaction.atomic(durable=True):
        _decide(waiting, "refused", by=by, at=at)
        record_event(
            kind=EventKind.APPLICATION_REFUSED,
            actor=by.actor,
            at=at,
            facts={"organisation": organisation_id, "application": waiting.pk},
        )


def to_criteria(row: Application) -> Criteria:
    """What was shown, as the policies judge it."""
    return Criteria(
        security_certificate=row.security_certificate,
        security_certificate_expires_on=row.security_certificate_expires_on,
        disciplinary_procedure=row.disciplinary_procedure,
        safeguarding_lead=row.safeguarding_lead,
        email_domains=tuple(row.email_domains),
        caldicott_approver=row.caldicott_approver,
    )


def _get_waiting(organisation_id: int, *, by: Viewer, at: datetime) -> tuple[Organisation, Application]:
    organisation = get_organisation(organisation_id)
    insist_on_organisation(organisation, by=by, at=at)
    waiting = Application.objects.filter(organisation=organisation, decided_at__isnull=True).first()
    if waiting is None:
        raise NoSuchApplication("No application of this organisation waits for a decision.")
    return organisation, waiting


def _decide(waiting: Application, outcome: str, *, by: Viewer, at: datetime) -> None:
    still = Application.objects.filter(pk=waiting.pk, decided_at__isnull=True)
    if not still.update(decided_at=at, decided_by_id=by.account_id, outcome=outcome):
        raise DecidedBefore("Somebody else has decided on this application. Nothing was changed.")
