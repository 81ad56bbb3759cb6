"""Which modules of the training somebody passed, and how often they tried (ACC-3, ACC-11)."""

from django.db import models
from django.db.models import F, Q

from contactpoint.access.models.people import Account


class TrainingResult(models.Model):
    """That somebody passed one module in one version: by a training provider's file, or in the quiz here."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="training_results")
    module = models.TextField()
    version = models.TextField()
    passed_on = models.DateField()
    expires_on = models.DateField()
    recorded_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="training_result_once", fields=["account", "module", "version", "passed_on"]
            ),
            models.CheckConstraint(
                name="training_result_expires_after", condition=Q(expires_on__gt=F("passed_on"))
            ),
            models.CheckConstraint(
                name="training_result_not_of_oneself", condition=~Q(recorded_by=F("account"))
            ),
        )


class QuizAttempt(models.Model):
    """That somebody answered a module's questions: how many were right, never which."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="quiz_attempts")
    module = models.TextField()
    version = models.TextField()
    right = models.SmallIntegerField()
    passed = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["account", "module", "at"], name="quiz_attempt_account"),)
