"""A feed's journey: the gate, who released or rejected, withdrawal; and when a supplier is to send (SUP-2..5)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

STATES = [
    "received",
    "checked",
    "held",
    "passed",
    "matched",
    "published",
    "refused",
    "rejected",
    "left",
    "withdrawing",
    "withdrawn",
]
UNFINISHED = models.Q(state__in=["received", "checked", "passed", "matched"])


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0003_place_codes"),
        ("directory", "0006_ended_rows"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint("load", "load_state_known"),
        migrations.RemoveConstraint("load", "load_one_unfinished"),
        migrations.AddField("load", "extracted_on", models.DateField(null=True)),
        migrations.AddField("load", "finished_at", models.DateTimeField(null=True)),
        migrations.AddField("load", "measures", models.JSONField(default=dict)),
        migrations.AddField("load", "held_why", models.JSONField(default=list)),
        migrations.AddField("load", "decided_at", models.DateTimeField(null=True)),
        migrations.AddField("load", "decided_why", models.TextField(default="")),
        migrations.AddField(
            "load",
            "decided_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "load",
            "uploaded_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("load", "stage", models.TextField(default="")),
        migrations.AddField("load", "stage_done", models.BigIntegerField(default=0)),
        migrations.AddField("load", "stage_total", models.BigIntegerField(null=True)),
        migrations.AddConstraint(
            "load", models.CheckConstraint(name="load_state_known", condition=models.Q(state__in=STATES))
        ),
        migrations.AddConstraint(
            "load",
            models.UniqueConstraint(name="load_one_unfinished", fields=["supplier"], condition=UNFINISHED),
        ),
        migrations.AddConstraint(
            "load",
            models.CheckConstraint(
                name="load_decided_with_reason",
                condition=models.Q(decided_at__isnull=True) | ~models.Q(decided_why=""),
            ),
        ),
        migrations.CreateModel(
            name="Timetable",
            fields=[
                (
                    "supplier",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="directory.supplier",
                    ),
                ),
                ("authority", models.TextField(default="")),
                ("every_days", models.PositiveSmallIntegerField(null=True)),
                ("weekday", models.PositiveSmallIntegerField(null=True)),
                ("grace_days", models.PositiveSmallIntegerField(default=1)),
                ("since", models.DateField()),
                ("contact_name", models.TextField(default="")),
                ("contact_email", models.TextField(default="")),
                ("contact_telephone", models.TextField(default="")),
                ("told_late_for", models.DateField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        name="timetable_weekday",
                        condition=models.Q(weekday__isnull=True) | models.Q(weekday__range=(1, 7)),
                    ),
                    models.CheckConstraint(
                        name="timetable_every_days",
                        condition=models.Q(every_days__isnull=True) | models.Q(every_days__gte=1),
                    ),
                ]
            },
        ),
    ]
