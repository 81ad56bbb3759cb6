"""Reading who is asking. `get_viewer` is the one maker of a Viewer."""

from datetime import datetime

from django.db.models import FilteredRelation, Q

from contactpoint.access.models import Account, Accreditation, Clearance, RoleGrant
from contactpoint.access.policies import judge_clearance
from contactpoint.access.records import AccountId, AccreditationFacts, ClearanceFacts, Decision, Viewer
from contactpoint.access.roles import Role, Sector
from contactpoint.errors import NotAllowed, NotFound


class NotCleared(NotAllowed):
    """The account may not act now. `decision` has every part that is missing or lapsed (ACC-3)."""

    def __init__(self, decision: Decision, *, account_id: int, organisation_id: int | None) -> None:
        super().__init__("Your access is not complete: " + " ".join(decision.why))
        self.decision = decision
        self.account_id = account_id
        self.organisation_id = organisation_id


class NoSuchAccount(NotFound):
    """No account has this id."""


def get_viewer(*, account_id: int, at: datetime, door: str = "web", address: str = "") -> Viewer:
    """Who this account is and what it may do at that moment, decided from dates (ACC-2, ACC-3). Two queries.

    Raises NotCleared, which says every part that is missing, and NoSuchAccount.
    """
    account = (
        Account.objects.annotate(
            current=FilteredRelation(
                "organisation__accreditations",
                condition=Q(organisation__accreditations__superseded_at__isnull=True),
            )
        )
        .select_related("organisation", "clearance", "current")  # type: ignore[misc]
        .filter(pk=account_id)
        .first()
    )
    if account is None:
        raise NoSuchAccount("There is no such account.")
    grants = _open_grants(account_id, at)
    decision = judge_clearance(facts=_facts(account, has_role=bool(grants)), at=at)
    if not decision.allowed:
        raise NotCleared(decision, account_id=account_id, organisation_id=account.organisation_id)
    return _viewer(account, grants, door, address)


def find_team_contact(*, account_id: int) -> tuple[str, str]:
    """Telephone and secure e-mail address of this person's office; '' where not known (INV-2)."""
    account = Account.objects.select_related("organisation").filter(pk=account_id).first()
    if account is None:
        return "", ""
    return account.telephone or account.organisation.telephone, account.organisation.secure_email


def _open_grants(account_id: int, at: datetime) -> list[RoleGrant]:
    return list(
        RoleGrant.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=at), account_id=account_id, valid_from__lte=at
        ).order_by("pk")
    )


def _facts(account: Account, *, has_role: bool) -> ClearanceFacts:
    clearance: Clearance | None = getattr(account, "clearance", None)
    accreditation: Accreditation | None = getattr(account, "current", None)
    return ClearanceFacts(
        identity_checked_on=clearance.identity_checked_on if clearance else None,
        dbs_level=clearance.dbs_level if clearance else "",
        dbs_checked_on=clearance.dbs_checked_on if clearance else None,
        dbs_next_check_on=clearance.dbs_next_check_on if clearance else None,
        training_passed_on=clearance.training_passed_on if clearance else None,
        training_expires_on=clearance.training_expires_on if clearance else None,
        agreement_signed_on=clearance.agreement_signed_on if clearance else None,
        approved_at=clearance.approved_at if clearance else None,
        account_suspended_at=account.suspended_at,
        account_closed_at=account.closed_at,
        organisation_suspended_at=account.organisation.suspended_at,
        accreditation=AccreditationFacts(
            accreditation.accredited_on, accreditation.expires_on, accreditation.suspended_at
        )
        if accreditation
        else None,
        has_role=has_role,
    )


def _viewer(account: Account, grants: list[RoleGrant], door: str, address: str) -> Viewer:
    scope = next((grant.authority for grant in grants if grant.authority), None)
    return Viewer(
        account_id=AccountId(account.pk),
        name=account.name,
        job_title=account.job_title,
        organisation_id=account.organisation_id,
        organisation_code=account.organisation.code,
        organisation_name=account.organisation.name,
        sector=Sector(account.organisation.sector),
        authority=scope or account.granted_by_authority or account.organisation.authority,
        roles=frozenset(Role(grant.role) for grant in grants),
        door=door,
        address=address,
    )
