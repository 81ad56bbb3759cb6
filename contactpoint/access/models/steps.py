"""What leads to access and away from it: links, applications, switches, warnings (ACC-2, ACC-3, ACC-5)."""

from django.db import models
from django.db.models import F, Q

from contactpoint.access.models.people import Account, Organisation


class OneTimeLink(models.Model):
    """A link in an e-mail that sets a password, once. Only a digest of it is kept.

    It never opens a session: signing in still takes both factors (ACC-4).
    """

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    purpose = models.TextField()
    digest = models.TextField(unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="one_time_link_purpose_known", condition=Q(purpose__in=["invitation", "password"])
            ),
        )


class Application(models.Model):
    """What an organisation showed when it asked to be accredited, whole or not yet (ACC-2).

    Somebody other than who entered it decides; what was decided is never edited.
    """

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="applications")
    security_certificate = models.TextField(blank=True, default="")
    security_certificate_expires_on = models.DateField(null=True)
    disciplinary_procedure = models.BooleanField(default=False)
    safeguarding_lead = models.TextField(blank=True, default="")
    email_domains = models.JSONField(default=list)
    caldicott_approver = models.TextField(blank=True, default="")
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.TextField(blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="application_one_waiting", fields=["organisation"], condition=Q(decided_at__isnull=True)
            ),
            models.CheckConstraint(
                name="application_outcome_known",
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, outcome="")
                | Q(
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    outcome__in=["accredited", "refused", "replaced"],
                ),
            ),
            models.CheckConstraint(
                name="application_two_people",
                condition=~Q(outcome="accredited") | ~Q(decided_by=F("entered_by")),
            ),
        )


class Merger(models.Model):
    """That one organisation is to merge into another: proposed by one person, decided by another (ACC-2).

    Whoever proposed it may drop it, and never signs it.
    """

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    into = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.TextField(blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="merger_one_waiting", fields=["organisation"], condition=Q(decided_at__isnull=True)
            ),
            models.UniqueConstraint(
                name="merger_once", fields=["organisation"], condition=Q(outcome="merged")
            ),
            models.CheckConstraint(name="merger_of_two", condition=~Q(organisation=F("into"))),
            models.CheckConstraint(
                name="merger_outcome_known",
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, outcome="")
                | Q(decided_at__isnull=False, decided_by__isnull=False, outcome__in=["merged", "dropped"]),
            ),
            models.CheckConstraint(
                name="merger_two_people", condition=~Q(outcome="merged") | ~Q(decided_by=F("proposed_by"))
            ),
        )


class Stop(models.Model):
    """A switch that somebody turned off, and who else turned it on again (ACC-5)."""

    id = models.BigAutoField(primary_key=True)
    scope = models.TextField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    authority = models.TextField(null=True)
    stopped_at = models.DateTimeField()
    stopped_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="stop_says_what",
                condition=Q(
                    scope="account", account__isnull=False, organisation__isnull=True, authority__isnull=True
                )
                | Q(scope="organisation", account__isnull=True, organisation__isnull=False)
                & Q(authority__isnull=True)
                | Q(scope="authority", account__isnull=True, organisation__isnull=True)
                & Q(authority__isnull=False)
                | Q(scope="service", account__isnull=True, organisation__isnull=True, authority__isnull=True),
            ),
            models.UniqueConstraint(
                name="stop_once",
                fields=["scope", "account", "organisation", "authority"],
                condition=Q(lifted_at__isnull=True),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="stop_two_people",
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_by=F("stopped_by")),
            ),
        )


class Lapse(models.Model):
    """That somebody was warned of something that ends on a day: told once at each distance, not nightly."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, null=True, related_name="+")
    part = models.TextField()
    ends_on = models.DateField()
    days_before = models.SmallIntegerField()
    told_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="lapse_told_once",
                fields=["account", "organisation", "part", "ends_on", "days_before"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="lapse_of_one",
                condition=Q(account__isnull=False, organisation__isnull=True)
                | Q(account__isnull=True, organisation__isnull=False),
            ),
        )


class ProviderLink(models.Model):
    """That somebody at a sign-in provider is the person of this account (ACC-4).

    Made by the person, signed in; or by whoever invites them, before anybody approved the account:
    a trigger holds the latter. A link opens no session by itself, and never depends on an e-mail address.
    """

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="provider_links")
    provider = models.TextField()
    issuer = models.TextField()
    subject = models.TextField()
    linked_at = models.DateTimeField()
    linked_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(name="provider_link_person_once", fields=["issuer", "subject"]),
            models.UniqueConstraint(name="provider_link_account_once", fields=["account", "issuer"]),
            models.CheckConstraint(name="provider_link_is_whole", condition=~Q(issuer="") & ~Q(subject="")),
        )
