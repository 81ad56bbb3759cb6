"""A supplied row ends when its supplier no longer holds it, and stays as history (SUP-3, INV-4).

A shield that moves a row to the hidden side takes the date along: the hidden door's function learns of it.
"""

from django.db import migrations, models

END = """
ALTER TABLE hidden.supplied_row ADD COLUMN ended_on date;
ALTER TABLE hidden.row_effect DROP CONSTRAINT row_effect_effect_check;
ALTER TABLE hidden.row_effect ADD CONSTRAINT row_effect_effect_check CHECK (effect IN
    ('made-child', 'linked', 'replaced', 'ended', 'waits', 'moved-hidden', 'moved-open', 'joined', 'parted',
     'confirmed', 'withdrawn', 'reinstated', 'stopped-waiting'));
-- What a row said at first: slow change into another child shows (SUP-9).
CREATE INDEX hidden_row_effect_replaced ON hidden.row_effect (child_id) WHERE effect = 'replaced';
"""

SHIELD = """
GRANT CREATE ON SCHEMA public TO contactpoint_hidden;
SET ROLE contactpoint_hidden;
DO $do$ BEGIN
    EXECUTE replace(
        pg_get_functiondef('directory_apply_shield(bigint[], text, text, boolean, bigint, timestamptz, date)'
            ::regprocedure), {old}, {new});
END $do$;
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;
"""
PLAIN, DATED = "'load_id, supplied_at'", "'load_id, supplied_at, ended_on'"


class Migration(migrations.Migration):
    dependencies = [("directory", "0005_redirect")]

    operations = [
        migrations.AddField("suppliedrow", "ended_on", models.DateField(null=True)),
        migrations.RunSQL(
            END,
            "DROP INDEX hidden.hidden_row_effect_replaced; ALTER TABLE hidden.supplied_row DROP COLUMN ended_on",
        ),
        migrations.RunSQL(SHIELD.format(old=PLAIN, new=DATED), SHIELD.format(old=DATED, new=PLAIN)),
    ]
