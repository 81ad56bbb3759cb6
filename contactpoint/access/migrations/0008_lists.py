"""Indexes for lists of people: the nation's by name, and those who wait."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0007_mail_failed")]

    operations = [
        migrations.AddIndex(
            model_name="account", index=models.Index(fields=["name", "id"], name="account_name")
        ),
        migrations.AddIndex(
            model_name="clearance",
            index=models.Index(
                fields=["account"], name="clearance_waiting", condition=models.Q(approved_at__isnull=True)
            ),
        ),
    ]
