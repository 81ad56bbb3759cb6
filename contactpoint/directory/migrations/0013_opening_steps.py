"""An authority's steps (SHI-10), and triggers that let no child be searchable before its authority.

Whoever writes a child, and however: inserting one searchable too early is an error of the program,
changing one is put right, so that a move to an authority that is not open hides the child until that opens.
A shielded child shows only what everybody may see and names no authority; it stays as it was.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

HOLD = """
CREATE FUNCTION directory_step_is_final() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE restrict_violation USING MESSAGE = 'a step that was signed or dropped is not changed';
END $$;
CREATE TRIGGER opening_step_is_final BEFORE UPDATE ON directory_openingstep
    FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL OR OLD.dropped_at IS NOT NULL)
    EXECUTE FUNCTION directory_step_is_final();

CREATE FUNCTION directory_hold_searchable() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    opened date;
BEGIN
    SELECT o.searchable_from INTO opened FROM directory_authorityopening o WHERE o.authority = NEW.authority;
    NEW.searchable_from := CASE WHEN opened IS NULL THEN NULL ELSE greatest(NEW.searchable_from, opened) END;
    RETURN NEW;
END $$;
CREATE TRIGGER child_searchable_only_when_open BEFORE UPDATE OF authority, searchable_from, shielded
    ON directory_child FOR EACH ROW WHEN (NOT NEW.shielded AND NEW.searchable_from IS NOT NULL)
    EXECUTE FUNCTION directory_hold_searchable();

CREATE FUNCTION directory_check_searchable() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM fresh f LEFT JOIN directory_authorityopening o ON o.authority = f.authority
        WHERE NOT f.shielded AND f.searchable_from IS NOT NULL
          AND (o.searchable_from IS NULL OR f.searchable_from < o.searchable_from)
    ) THEN
        RAISE check_violation USING MESSAGE = 'a child is not searchable before its authority has opened';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER child_made_searchable_only_when_open AFTER INSERT ON directory_child
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION directory_check_searchable();

CREATE FUNCTION directory_close_shielded(code text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE directory_child c SET searchable_from = NULL
    FROM hidden.shield s WHERE s.child_id = c.id AND s.authority = $1 AND c.shielded
$$;
GRANT CREATE ON SCHEMA public TO contactpoint_hidden;
ALTER FUNCTION directory_close_shielded(text) OWNER TO contactpoint_hidden;
REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;
SET ROLE contactpoint_hidden;
REVOKE EXECUTE ON FUNCTION directory_close_shielded(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION directory_close_shielded(text) TO contactpoint_app;
RESET ROLE;
"""

DROP = """
DROP TRIGGER child_made_searchable_only_when_open ON directory_child;
DROP TRIGGER child_searchable_only_when_open ON directory_child;
DROP TRIGGER opening_step_is_final ON directory_openingstep;
DROP FUNCTION directory_close_shielded(text), directory_check_searchable(), directory_hold_searchable(),
    directory_step_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0012_moves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OpeningStep",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("authority", models.TextField()),
                ("step", models.TextField()),
                ("is_reversal", models.BooleanField(default=False)),
                ("back_why", models.TextField(blank=True, default="")),
                ("proposed_at", models.DateTimeField()),
                ("signed_at", models.DateTimeField(null=True)),
                ("dropped_at", models.DateTimeField(null=True)),
                (
                    "dropped_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("step__in", ["team", "children", "shielding", "practitioners", "open"])
                        ),
                        name="opening_step_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("signed_by", models.F("proposed_by")), _negated=True),
                        name="opening_step_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("signed_at__isnull", True), ("signed_by__isnull", True)),
                            models.Q(
                                ("dropped_at__isnull", True),
                                ("signed_at__isnull", False),
                                ("signed_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="opening_step_signed_as_a_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("dropped_at__isnull", True), ("dropped_by__isnull", True)),
                            models.Q(("dropped_at__isnull", False), ("dropped_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="opening_step_dropped_as_a_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_reversal", False), models.Q(("back_why", ""), _negated=True), _connector="OR"
                        ),
                        name="opening_step_taken_back_with_reason",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("dropped_at__isnull", True), ("signed_at__isnull", True)),
                        fields=("authority",),
                        name="opening_step_one_waiting",
                    ),
                ],
            },
        ),
        migrations.RunSQL(HOLD, DROP),
    ]
