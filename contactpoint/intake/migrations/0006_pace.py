"""Since when a load has been in its present part, so that its rate and the time left can be told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0005_rehearsal")]

    operations = [
        migrations.AddField(model_name="load", name="stage_began_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="load", name="stage_noted_at", field=models.DateTimeField(null=True)),
    ]
