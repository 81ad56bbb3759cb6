"""Which organisations provide a sensitive service, and which (SEN-1)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="sensitive_service",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sensitive_service__in", ["", "camhs", "sexual_health", "substance_misuse"])
                ),
                name="organisation_sensitive_service_known",
            ),
        ),
    ]
