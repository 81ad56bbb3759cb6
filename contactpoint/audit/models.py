"""Tables of the log, partitioned by month; the migration writes them in SQL, Django only reads.

`body` is the canonical form and the truth; the columns beside it are what questions are asked by.
"""

from django.db import models


class Event(models.Model):
    """One thing that happened. Append-only: the server may insert and read."""

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kind = models.TextField()
    refused = models.BooleanField()
    account_id = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField(null=True)
    purpose = models.TextField()
    body = models.BinaryField()
    digest = models.BinaryField()
    sealed = models.BinaryField()

    class Meta:
        managed = False
        db_table = "audit_event"


class EventChild(models.Model):
    """Which children an event concerns: answers "who saw this child" by index."""

    event_id = models.BigIntegerField(primary_key=True)
    child_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "audit_event_child"
