"""What somebody says of how they are reached (INV-2): the team's contact, and who to ring meanwhile."""

from django.db import models
from django.db.models import F, Q

from contactpoint.access.models.people import Account, Organisation


class Profile(models.Model):
    """One a person, written over: nobody needs to know how somebody was reached last year.

    It counts only while the person works for `organisation`: a move leaves it behind.
    """

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="profile"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    telephone = models.TextField(blank=True, default="")
    email = models.TextField(blank=True, default="")
    away_from = models.DateField(null=True)
    away_to = models.DateField(null=True)
    cover = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="covers")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="profile_away_is_whole",
                condition=Q(away_from__isnull=True, away_to__isnull=True)
                | Q(away_from__isnull=False, away_to__gte=F("away_from")),
            ),
            models.CheckConstraint(name="profile_covers_for_another", condition=~Q(cover=F("account"))),
        )
        indexes = (models.Index(fields=["away_to"], name="profile_away", condition=Q(away_to__isnull=False)),)
