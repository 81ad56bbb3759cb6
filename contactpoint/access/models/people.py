"""Organisations, accounts, clearances, roles, sign-ins (ACC-1, ACC-2, ACC-3, ACC-5, ACC-8)."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from contactpoint.access.roles import AUTHORITY_ROLES, NATIONAL_ROLES, Role, Sector
from contactpoint.codes.services import SENSITIVE_SERVICES


def _values(roles: frozenset[Role]) -> list[str]:
    """Plain strings in a fixed order, as the migration has them."""
    return sorted(role.value for role in roles)


class Organisation(models.Model):
    """A body that people work for: a school, a practice, a team, an authority (ACC-1).

    `sensitive_service` is the code of the sensitive service that it provides, else empty (SEN-1).
    """

    id = models.BigAutoField(primary_key=True)
    code = models.TextField(unique=True)
    name = models.TextField()
    kind = models.TextField()
    sector = models.TextField()
    authority = models.TextField(null=True)
    telephone = models.TextField(blank=True, default="")
    secure_email = models.TextField(blank=True, default="")
    address = models.TextField(blank=True, default="")
    out_of_hours = models.TextField(blank=True, default="")
    sensitive_service = models.TextField(blank=True, default="")
    registered_at = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="organisation_sector_known", condition=Q(sector__in=[sector.value for sector in Sector])
            ),
            models.CheckConstraint(
                name="organisation_has_code_and_name", condition=~Q(code="") & ~Q(name="")
            ),
            models.CheckConstraint(
                name="organisation_sensitive_service_known",
                condition=Q(sensitive_service__in=["", *sorted(SENSITIVE_SERVICES)]),
            ),
        )
        indexes = (models.Index(fields=["authority", "sector"], name="organisation_authority"),)


class Accreditation(models.Model):
    """What an organisation showed, and until when that counts (ACC-2).

    A renewal supersedes; nothing is edited.
    """

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="accreditations")
    security_certificate = models.TextField()
    security_certificate_expires_on = models.DateField()
    disciplinary_procedure = models.BooleanField()
    safeguarding_lead = models.TextField()
    email_domains = models.JSONField(default=list)
    caldicott_approver = models.TextField(blank=True, default="")
    accredited_on = models.DateField()
    expires_on = models.DateField()
    accredited_by = models.ForeignKey("Account", on_delete=models.PROTECT, null=True, related_name="+")
    suspended_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="accreditation_one_current",
                fields=["organisation"],
                condition=Q(superseded_at__isnull=True),
            ),
            models.CheckConstraint(
                name="accreditation_meets_criteria",
                condition=Q(disciplinary_procedure=True)
                & ~Q(safeguarding_lead="")
                & ~Q(security_certificate=""),
            ),
            models.CheckConstraint(
                name="accreditation_ends_with_certificate",
                condition=Q(expires_on__gte=F("accredited_on"))
                & Q(expires_on__lte=F("security_certificate_expires_on")),
            ),
        )


class AccountRows(BaseUserManager["Account"]):
    """How the sign-in library finds an account by what was typed."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(email__iexact=username)


class Account(AbstractBaseUser):
    """A person who may be let in. A closed one cannot sign in; a suspended one can, to be told so."""

    id = models.BigAutoField(primary_key=True)
    email = models.EmailField(max_length=254)
    name = models.TextField()
    job_title = models.TextField(blank=True, default="")
    telephone = models.TextField(blank=True, default="")  # the office's: never a personal number (INV-2)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="accounts")
    granted_by_authority = models.TextField(null=True)
    granted_by_partner = models.TextField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    # Who sent them through the checks anew, after a move or a lost key: that person does not approve either.
    restarted_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    reinstated_at = models.DateTimeField(null=True)  # disuse is counted from here again (ACC-5)
    suspended_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    mail_failed_at = models.DateTimeField(null=True)  # the last letter to this address came back

    objects = AccountRows()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = (
            # By upper case, because that is what a case-insensitive look-up compares: one index serves both.
            models.UniqueConstraint(Upper("email"), name="account_email_once"),
            models.CheckConstraint(
                name="account_one_answerable_body",
                condition=(Q(granted_by_authority__isnull=True) & Q(granted_by_partner__isnull=False))
                | (Q(granted_by_authority__isnull=False) & Q(granted_by_partner__isnull=True)),
            ),
            models.CheckConstraint(name="account_not_self_made", condition=~Q(created_by=F("id"))),
        )
        indexes = (
            models.Index(fields=["granted_by_authority", "name"], name="account_authority"),
            models.Index(fields=["organisation", "name"], name="account_organisation"),
            models.Index(fields=["name", "id"], name="account_name"),  # the nation's list, a page at a time
        )

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """What the sign-in library asks: may this account sign in at all?"""
        return self.closed_at is None

    def get_full_name(self) -> str:
        return self.name


class Clearance(models.Model):
    """The checks that make an account live (ACC-3): dates and by whom.

    Never the content or number of a DBS certificate.
    That the approver did not create the account is held by a trigger in the first migration.
    """

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="clearance"
    )
    identity_checked_on = models.DateField(null=True)
    identity_checked_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    dbs_level = models.TextField(blank=True, default="")
    dbs_checked_on = models.DateField(null=True)
    dbs_checked_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    dbs_next_check_on = models.DateField(null=True)
    training_passed_on = models.DateField(null=True)
    training_expires_on = models.DateField(null=True)
    agreement_signed_on = models.DateField(null=True)
    agreement_version = models.TextField(blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    recertified_on = models.DateField(null=True)
    recertified_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="clearance_approval_is_whole",
                condition=(Q(approved_at__isnull=True) & Q(approved_by__isnull=True))
                | (Q(approved_at__isnull=False) & Q(approved_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="clearance_not_self_approved", condition=~Q(approved_by=F("account"))
            ),
            models.CheckConstraint(
                name="clearance_not_self_checked",
                condition=~Q(identity_checked_by=F("account")) & ~Q(dbs_checked_by=F("account")),
            ),
            models.CheckConstraint(
                name="clearance_not_self_recertified", condition=~Q(recertified_by=F("account"))
            ),
            models.CheckConstraint(
                name="clearance_dbs_level_known",
                condition=Q(dbs_level__in=["", "basic", "standard", "enhanced"]),
            ),
        )
        indexes = (
            models.Index(fields=["account"], name="clearance_waiting", condition=Q(approved_at__isnull=True)),
        )


class RoleGrant(models.Model):
    """A role from a moment until a moment (ACC-8). `authority` is the scope, where the role has one."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="role_grants")
    role = models.TextField()
    authority = models.TextField(null=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    granted_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="role_grant_role_known", condition=Q(role__in=[role.value for role in Role])
            ),
            models.CheckConstraint(
                name="role_grant_authority_where_needed",
                condition=~Q(role__in=_values(AUTHORITY_ROLES)) | Q(authority__isnull=False),
            ),
            models.CheckConstraint(
                name="role_grant_national_names_none",
                condition=~Q(role__in=_values(NATIONAL_ROLES)) | Q(authority__isnull=True),
            ),
            models.CheckConstraint(
                name="role_grant_ends_after_start",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
            models.UniqueConstraint(
                name="role_grant_open_once", fields=["account", "role"], condition=Q(valid_to__isnull=True)
            ),
            models.CheckConstraint(name="role_grant_not_to_oneself", condition=~Q(granted_by=F("account"))),
        )


class SignIn(models.Model):
    """The one session of an account (ACC-5).

    A newer sign-in takes the row over, which ends the older session.
    Times are kept here and not in the session: a request of the older session that is still under way
    saves its session afterwards, and must not bring itself back to life.
    """

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="sign_in"
    )
    token = models.TextField()
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)  # stands still once the account counts as unused (ACC-5)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.TextField(blank=True, default="")
    browser = models.TextField(blank=True, default="")  # in words of ours; both for the holder alone
    address = models.TextField(blank=True, default="")


class PastSession(models.Model):
    """A session that a newer one took over (ACC-5): shown to its own holder alone, until `forget_at`."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="past_sessions")
    browser = models.TextField()
    address = models.TextField()
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    ended_why = models.TextField()
    forget_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["account", "started_at"], name="past_session_account"),
            models.Index(fields=["forget_at"], name="past_session_forget"),
        )
