"""That a letter to an account's address came back, for those who manage it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0006_provider_link"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="mail_failed_at",
            field=models.DateTimeField(null=True),
        ),
    ]
