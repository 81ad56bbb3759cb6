"""That a mediator looks, or asked to look, for a practitioner who is on the telephone (ACC-6)."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from contactpoint.access.models.people import Account

LONGEST = timedelta(minutes=15)
MOST_TRIES = 5


class MediatedVisit(models.Model):
    """One call: a code was sent to the caller; read out in time, it began a visit; and the visit's end.

    Only a digest of the code is kept, and only until it was used. A row may be deleted long after its end:
    the log says what happened.
    """

    id = models.BigAutoField(primary_key=True)
    mediator = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    caller = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    code_digest = models.TextField(blank=True, default="")
    code_expires_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    began_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.TextField(blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="mediated_visit_one_a_mediator", fields=["mediator"], condition=Q(ended_at__isnull=True)
            ),
            models.UniqueConstraint(
                name="mediated_visit_one_a_caller", fields=["caller"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(name="mediated_visit_of_two", condition=~Q(mediator=F("caller"))),
            models.CheckConstraint(
                name="mediated_visit_tries", condition=Q(tries__gte=0, tries__lte=MOST_TRIES)
            ),
            models.CheckConstraint(
                name="mediated_visit_lasts",
                condition=Q(began_at__isnull=True, ends_at__isnull=True)
                | Q(
                    began_at__isnull=False,  # a comparison with nothing would be no refusal
                    ends_at__isnull=False,
                    began_at__gte=F("asked_at"),
                    began_at__lt=F("code_expires_at"),
                    ends_at__gt=F("began_at"),
                    ends_at__lte=F("began_at") + LONGEST,
                    code_digest="",
                ),
            ),
            models.CheckConstraint(
                name="mediated_visit_end_told",
                condition=Q(ended_at__isnull=True, ended_why="")
                | Q(ended_at__isnull=False, ended_at__gte=F("asked_at"), code_digest="") & ~Q(ended_why=""),
            ),
        )
