"""Numbers that lead to another record, since two were found to be one child (REC-4).

Holds numbers alone, so that whoever has an old one comes to the record, shielded or not.
A number that leads elsewhere keeps no name, place or authority on the open side: the record it leads to may be
shielded now, or later (SHI-3).
"""

import django.db.models.deletion
from django.db import migrations, models

RIGHTS = """
REVOKE INSERT, UPDATE, DELETE ON directory_redirect FROM contactpoint_app;
GRANT INSERT, UPDATE, DELETE ON directory_redirect TO contactpoint_match;
GRANT SELECT ON directory_redirect TO contactpoint_hidden;

-- The number to which this one leads in the end; itself where it leads nowhere.
CREATE FUNCTION directory_survivor(child bigint) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    WITH RECURSIVE chain (child, step) AS (
        SELECT $1, 0
        UNION ALL
        SELECT r.child_id, c.step + 1 FROM chain c JOIN directory_redirect r ON r.number_id = c.child
        WHERE c.step < 100
    )
    SELECT c.child FROM chain c ORDER BY c.step DESC LIMIT 1
$$;
GRANT EXECUTE ON FUNCTION directory_survivor(bigint)
    TO contactpoint_app, contactpoint_match, contactpoint_hidden;

-- A shield also empties the open rows of the numbers that lead to the child.
CREATE FUNCTION hidden.empty_redirects() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE directory_child c SET shielded = true, authority = NULL, given_names = '', family_name = '',
        town = '', outward = '', postcodes = ''
    FROM directory_redirect r WHERE c.id = r.number_id AND directory_survivor(r.number_id) = NEW.child_id;
    RETURN NULL;
END $$;
CREATE TRIGGER shield_empties_redirects AFTER INSERT ON hidden.shield
    FOR EACH ROW EXECUTE FUNCTION hidden.empty_redirects();

ALTER TABLE hidden.row_effect DROP CONSTRAINT row_effect_effect_check;
ALTER TABLE hidden.row_effect ADD CONSTRAINT row_effect_effect_check CHECK (effect IN
    ('made-child', 'linked', 'replaced', 'ended', 'waits', 'moved-hidden', 'moved-open', 'joined', 'parted'));
"""

DROP = """
DROP TRIGGER shield_empties_redirects ON hidden.shield;
DROP FUNCTION hidden.empty_redirects();
DROP FUNCTION directory_survivor(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("directory", "0004_keeping")]

    operations = [
        migrations.CreateModel(
            name="Redirect",
            fields=[
                (
                    "number",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="directory.child",
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="directory.child"
                    ),
                ),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(RIGHTS, DROP),
    ]
