"""Rehearsals that were asked for by page: the worker does them, the page shows their figures (SUP-4)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What the gate compares later loads with: of whole files, shielded children's rows included (SHI-3).
MEASURES = """
CREATE TABLE hidden.load_measure (
    load_id bigint PRIMARY KEY REFERENCES intake_load ON DELETE CASCADE,
    measures jsonb NOT NULL
);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0004_journey"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(MEASURES, "DROP TABLE hidden.load_measure"),
        migrations.CreateModel(
            name="Rehearsal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("file_name", models.TextField()),
                ("kind", models.TextField(default="")),
                ("extracted_on", models.DateField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("figures", models.JSONField(null=True)),
                ("refused_why", models.TextField(default="")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="directory.supplier"),
                ),
            ],
        ),
    ]
