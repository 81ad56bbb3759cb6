"""The organisations whom somebody answers for: lists, and one with its readiness (ACC-2)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import Q, QuerySet

from contactpoint.access.actions.applications import to_criteria
from contactpoint.access.actions.insist import insist, insist_on
from contactpoint.access.actions.organisations import get_organisation
from contactpoint.access.models import Accreditation, Application, Organisation, Stop
from contactpoint.access.policies import ENGLAND, find_scope, judge_criteria
from contactpoint.access.records import Criteria, Decision, Viewer
from contactpoint.access.roles import Action, Sector
from contactpoint.errors import Invalid

PAGE = 50
SOON = timedelta(days=60)
LONGEST = timedelta(days=365)
OFFERED = 40


class UnknownCode(Invalid):
    """No organisation is registered under this code."""


class Standing(StrEnum):
    """Where an organisation stands today; the words are those of the pages."""

    SUSPENDED = "suspended"
    EXPIRED = "expired"
    ENDING = "ends soon"
    ACCREDITED = "accredited"
    APPLIED = "waits for a decision"
    REGISTERED = "not accredited"


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """One line of the list."""

    id: int
    code: str
    name: str
    kind: str
    authority: str
    standing: Standing
    expires_on: date | None
    has_application: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """An application that waits, what it still lacks, and the latest day that it could bring."""

    criteria: Criteria
    entered_at: datetime
    entered_by_id: int
    entered_by: str
    decision: Decision
    until: date


@dataclass(frozen=True, slots=True)
class OrganisationDetail:
    """One organisation as those who manage it see it."""

    line: OrganisationLine
    sector: Sector
    telephone: str
    out_of_hours: str
    secure_email: str
    address: str
    current: Criteria | None
    accredited_on: date | None
    waiting: Waiting | None
    stopped_by_id: int | None


def list_organisations(
    *, by: Viewer, at: datetime, words: str = "", show: str = "", page: int = 1
) -> tuple[OrganisationLine, ...]:
    """Up to one page and one more, by name. `show`: 'waiting', 'ending' or '' for all.

    Raises ActionRefused, which is logged.
    """
    rows = _within(by, at)
    on = at.astimezone(ENGLAND).date()
    if words.strip():
        rows = rows.filter(Q(name__istartswith=words.strip()) | Q(code__istartswith=words.strip()))
    if show == "waiting":
        rows = rows.filter(applications__decided_at__isnull=True, applications__isnull=False)
    if show == "ending":
        current = Accreditation.objects.filter(superseded_at__isnull=True, expires_on__lte=on + SOON)
        rows = rows.filter(pk__in=current.values("organisation"))
    start = (max(page, 1) - 1) * PAGE
    return _lines(list(rows.order_by("name", "pk")[start : start + PAGE + 1]), on)


def count_organisations(*, by: Viewer, at: datetime) -> dict[str, int]:
    """How many wait for a decision, and how many accreditations end soon or have ended."""
    if find_scope(viewer=by, action=Action.MANAGE_ORGANISATION) is None:
        return {}
    rows = _within(by, at)
    on = at.astimezone(ENGLAND).date()
    current = Accreditation.objects.filter(superseded_at__isnull=True, expires_on__lte=on + SOON)
    waiting = Application.objects.filter(decided_at__isnull=True)
    return {
        "waiting": rows.filter(pk__in=waiting.values("organisation")).count(),
        "ending": rows.filter(pk__in=current.values("organisation")).count(),
    }


def get_organisation_detail(*, organisation_id: int, by: Viewer, at: datetime) -> OrganisationDetail:
    """Raises NoSuchOrganisation, and ActionRefused, which is logged."""
    row = get_organisation(organisation_id)
    insist(
        by=by,
        action=Action.MANAGE_ORGANISATION,
        at=at,
        authority=row.authority,
        organisation_id=organisation_id,
    )
    on = at.astimezone(ENGLAND).date()
    current = Accreditation.objects.filter(organisation=row, superseded_at__isnull=True).first()
    stop = Stop.objects.filter(organisation=row, lifted_at__isnull=True).first()
    return OrganisationDetail(
        line=_lines([row], on)[0],
        sector=Sector(row.sector),
        telephone=row.telephone,
        out_of_hours=row.out_of_hours,
        secure_email=row.secure_email,
        address=row.address,
        current=_to_current(current) if current else None,
        accredited_on=current.accredited_on if current else None,
        waiting=_find_waiting(row, on),
        stopped_by_id=stop.stopped_by_id if stop else None,
    )


def _within(by: Viewer, at: datetime) -> QuerySet[Organisation]:
    scope = find_scope(viewer=by, action=Action.MANAGE_ORGANISATION)
    if scope is None:
        refused = Decision(False, ("Your role does not allow this.",), ("role",))
        insist_on(refused, by=by, action=Action.MANAGE_ORGANISATION, at=at)
    rows = Organisation.objects.all()
    return rows if scope is None or scope.authority is None else rows.filter(authority=scope.authority)


def _lines(rows: list[Organisation], on: date) -> tuple[OrganisationLine, ...]:
    ids = [row.pk for row in rows]
    ends = dict(
        Accreditation.objects.filter(organisation__in=ids, superseded_at__isnull=True).values_list(
            "organisation", "expires_on"
        )
    )
    waiting = set(
        Application.objects.filter(organisation__in=ids, decided_at__isnull=True).values_list(
            "organisation", flat=True
        )
    )
    return tuple(
        OrganisationLine(
            id=row.pk,
            code=row.code,
            name=row.name,
            kind=row.kind,
            authority=row.authority or "",
            standing=_stand(row, ends.get(row.pk), row.pk in waiting, on),
            expires_on=ends.get(row.pk),
            has_application=row.pk in waiting,
        )
        for row in rows
    )


def _stand(row: Organisation, expires_on: date | None, is_waiting: bool, on: date) -> Standing:
    if row.suspended_at:
        return Standing.SUSPENDED
    if expires_on is None:
        return Standing.APPLIED if is_waiting else Standing.REGISTERED
    if expires_on < on:
        return Standing.EXPIRED
    return Standing.ENDING if expires_on <= on + SOON else Standing.ACCREDITED


def _find_waiting(row: Organisation, on: date) -> Waiting | None:
    found = Application.objects.select_related("entered_by").filter(organisation=row, decided_at=None).first()
    if found is None:
        return None
    criteria = to_criteria(found)
    until = min(on + LONGEST, criteria.security_certificate_expires_on or on + LONGEST)
    return Waiting(
        criteria=criteria,
        entered_at=found.entered_at,
        entered_by_id=found.entered_by_id,
        entered_by=found.entered_by.name,
        decision=judge_criteria(criteria=criteria, sector=Sector(row.sector), expires_on=max(until, on)),
        until=until,
    )


def _to_current(row: Accreditation) -> Criteria:
    return Criteria(
        security_certificate=row.security_certificate,
        security_certificate_expires_on=row.security_certificate_expires_on,
        disciplinary_procedure=row.disciplinary_procedure,
        safeguarding_lead=row.safeguarding_lead,
        email_domains=tuple(row.email_domains),
        caldicott_approver=row.caldicott_approver,
    )


def find_inviting_organisations(*, by: Viewer, at: datetime, words: str = "") -> tuple[OrganisationLine, ...]:
    """Those into which the asker may invite, of a name or code that begins so; an administrator’s own.

    Raises ActionRefused, which is logged.
    """
    scope = find_scope(viewer=by, action=Action.INVITE_ACCOUNT)
    if scope is None:
        refused = Decision(False, ("Your role does not allow this.",), ("role",))
        insist_on(refused, by=by, action=Action.INVITE_ACCOUNT, at=at)
        return ()
    rows = Organisation.objects.filter(accreditations__superseded_at__isnull=True).exclude(
        accreditations=None
    )
    if scope.organisation_id is not None:
        rows = rows.filter(pk=scope.organisation_id)
    if scope.authority is not None:
        rows = rows.filter(authority=scope.authority)
    if words.strip():
        rows = rows.filter(Q(name__istartswith=words.strip()) | Q(code__istartswith=words.strip()))
    return _lines(list(rows.order_by("name", "pk")[:OFFERED]), at.astimezone(ENGLAND).date())


def get_organisation_by_code(*, code: str) -> int:
    """Its id, by the public register's code. Raises UnknownCode."""
    found = Organisation.objects.filter(code__iexact=code.strip()).values_list("pk", flat=True).first()
    if found is None:
        raise UnknownCode("No organisation with this code is registered.", about="organisation")
    return int(found)
