"""Tables of intake: loads, when each supplier is to send, and what practitioners entered themselves.

A load counts what was judged of the rows alone; what matching made of them is in the hidden tables,
because a total that misses a row would give a shielded child away (SHI-3).
"""

from datetime import timedelta

from django.db import models
from django.db.models import Q

from contactpoint.intake.states import LoadState

UNFINISHED = Q(state__in=["received", "checked", "passed", "matched"])


class Load(models.Model):
    """One file of one supplier, and how far it has come (SUP-3)."""

    id = models.BigAutoField(primary_key=True)
    supplier = models.ForeignKey("directory.Supplier", on_delete=models.PROTECT)
    file_name = models.TextField()
    digest = models.BinaryField(max_length=32)
    profile_digest = models.TextField()
    kind = models.TextField()
    state = models.TextField()
    started_at = models.DateTimeField()
    rows_received = models.BigIntegerField(default=0)
    rows_refused = models.BigIntegerField(default=0)
    rows_unpublished = models.BigIntegerField(default=0)  # received, but 18 already (REC-10)
    columns_dropped = models.IntegerField(default=0)
    refused_why = models.TextField(default="")  # our own sentence, never a value
    extracted_on = models.DateField(null=True)  # when its sender took it from their system
    finished_at = models.DateTimeField(null=True)
    measures = models.JSONField(default=dict)  # `measuring.measure_open`: figures of open rows alone
    held_why = models.JSONField(default=list)  # the gate's reasons, in words (SUP-4)
    decided_at = models.DateTimeField(null=True)  # released or rejected
    decided_why = models.TextField(default="")
    decided_by = models.ForeignKey(
        "access.Account", null=True, on_delete=models.PROTECT, related_name="+"
    )  # None: by command
    uploaded_by = models.ForeignKey("access.Account", null=True, on_delete=models.PROTECT, related_name="+")
    stage = models.TextField(default="")  # how far the work is, for the page
    stage_done = models.BigIntegerField(default=0)
    stage_total = models.BigIntegerField(null=True)
    stage_began_at = models.DateTimeField(null=True)  # by the database's clock, as the next
    stage_noted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="load_state_known", condition=Q(state__in=[state.value for state in LoadState])
            ),
            models.CheckConstraint(name="load_kind_known", condition=Q(kind__in=["snapshot", "delta"])),
            models.UniqueConstraint(name="load_one_unfinished", fields=["supplier"], condition=UNFINISHED),
            models.CheckConstraint(
                name="load_decided_with_reason", condition=Q(decided_at__isnull=True) | ~Q(decided_why="")
            ),
        ]
        indexes = [models.Index(name="load_supplier_digest", fields=["supplier", "digest"])]


class Timetable(models.Model):
    """When a supplier is to send, who answers for it there, and which authority's it is (SUP-2).

    Late or on time is computed from the dates at read, never stored.
    """

    supplier = models.OneToOneField("directory.Supplier", on_delete=models.PROTECT, primary_key=True)
    authority = models.TextField(default="")  # '': national
    every_days = models.PositiveSmallIntegerField(null=True)
    weekday = models.PositiveSmallIntegerField(null=True)  # 1 is Monday
    grace_days = models.PositiveSmallIntegerField(default=1)
    since = models.DateField()  # the first file is due from then
    contact_name = models.TextField(default="")
    contact_email = models.TextField(default="")
    contact_telephone = models.TextField(default="")
    told_late_for = models.DateField(null=True)  # the due day that the data manager was told of

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="timetable_weekday", condition=Q(weekday__isnull=True) | Q(weekday__range=(1, 7))
            ),
            models.CheckConstraint(
                name="timetable_every_days", condition=Q(every_days__isnull=True) | Q(every_days__gte=1)
            ),
        ]


class Rehearsal(models.Model):
    """A rehearsal asked for by page: the server may not read what it needs, so the worker does it (SHI-9).

    `figures` are `rehearsing.Rehearsal`: totals, the same whatever is hidden.
    The file goes when they are there.
    """

    id = models.BigAutoField(primary_key=True)
    supplier = models.ForeignKey("directory.Supplier", on_delete=models.PROTECT)
    asked_by = models.ForeignKey("access.Account", on_delete=models.PROTECT, related_name="+")
    file_name = models.TextField()
    kind = models.TextField(default="")
    extracted_on = models.DateField(null=True)
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    figures = models.JSONField(null=True)
    refused_why = models.TextField(default="")  # our own sentence, never a value


class Entry(models.Model):
    """A child whom a practitioner could not find and entered (SEA-7).

    `content` is there only until the row has gone through matching; afterwards its author still reads
    the name and birth date that they entered, for `SHOWN_FOR`, and nothing that came of it.
    They go then whatever came of it, so that they outlive no record and tell nothing of one (RET-4, SHI-3).
    """

    SHOWN_FOR = timedelta(days=30)

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey("access.Account", on_delete=models.PROTECT)
    organisation = models.ForeignKey("access.Organisation", on_delete=models.PROTECT)
    search_event_id = models.BigIntegerField()
    given_names = models.TextField()
    family_name = models.TextField()
    birth_date = models.TextField()
    content = models.JSONField(null=True)
    received_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="entry_content_goes_when_taken",
                condition=Q(taken_at__isnull=True, content__isnull=False)
                | Q(taken_at__isnull=False, content__isnull=True),
            ),
        ]
        indexes = [models.Index(name="entry_account", fields=["account", "-received_at"])]


class PlaceCode(models.Model):
    """Another code by which a register knows a school: LAESTAB or UKPRN beside its URN (IDN)."""

    code = models.TextField(primary_key=True)
    organisation_code = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="place_code_is_another", condition=~Q(code="") & ~Q(code=models.F("organisation_code"))
            ),
        ]
