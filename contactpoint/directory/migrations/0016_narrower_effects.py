"""The record of effects is read by row, by load and by child, never by its own number: one index less.

The number stays, generated always: it tells which of a row's effects came later.
"""

from django.db import migrations

DROP = "ALTER TABLE hidden.row_effect DROP CONSTRAINT row_effect_pkey"
ADD = "ALTER TABLE hidden.row_effect ADD PRIMARY KEY (id)"


class Migration(migrations.Migration):
    dependencies = [("directory", "0015_near_keys")]

    operations = [migrations.RunSQL(DROP, ADD)]
