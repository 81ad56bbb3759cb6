"""With what and from where somebody signed in, for 90 days, for themselves alone (ACC-5)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0009_mergers")]

    operations = [
        migrations.AddField("signin", "browser", models.TextField(blank=True, default="")),
        migrations.AddField("signin", "address", models.TextField(blank=True, default="")),
        migrations.CreateModel(
            name="PastSession",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("browser", models.TextField()),
                ("address", models.TextField()),
                ("started_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                ("ended_why", models.TextField()),
                ("forget_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="past_sessions",
                        to="access.account",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["account", "started_at"], name="past_session_account"),
                    models.Index(fields=["forget_at"], name="past_session_forget"),
                ]
            },
        ),
    ]
