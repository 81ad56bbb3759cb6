"""One-time links, applications, switches, warnings; duties that the database keeps apart (ACC-2, ACC-3, ACC-8)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

APART = """
CREATE OR REPLACE FUNCTION access_two_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM access_account
        WHERE id = NEW.account_id
          AND NEW.approved_by_id IN (id, created_by_id, restarted_by_id)
    ) THEN
        RAISE EXCEPTION 'clearance_two_people: who created an account does not approve it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'clearance_two_people';
    END IF;
    RETURN NEW;
END $$;

-- Who watches neither searches nor manages accounts, held also when two roles are granted at once.
CREATE FUNCTION access_duties_apart() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    watching CONSTANT text[] := ARRAY['auditor', 'national-auditor', 'investigator'];
    looking CONSTANT text[] := ARRAY['practitioner', 'mediator', 'data-manager', 'shielding-officer',
                                     'broker', 'case-management-system', 'account-manager'];
    against text[];
BEGIN
    IF NEW.role = ANY (watching) THEN
        against := looking;
    ELSIF NEW.role = ANY (looking) THEN
        against := watching;
    ELSE
        RETURN NEW;
    END IF;
    PERFORM FROM access_account WHERE id = NEW.account_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM access_rolegrant
        WHERE account_id = NEW.account_id AND id IS DISTINCT FROM NEW.id AND role = ANY (against)
          AND (valid_to IS NULL OR valid_to > NEW.valid_from)
          AND (NEW.valid_to IS NULL OR valid_from < NEW.valid_to)
    ) THEN
        RAISE EXCEPTION 'role_grant_duties_apart: who watches neither searches nor manages accounts'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'role_grant_duties_apart';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER access_duties_apart BEFORE INSERT OR UPDATE ON access_rolegrant
    FOR EACH ROW EXECUTE FUNCTION access_duties_apart();

CREATE INDEX account_name_begins ON access_account (upper(name) text_pattern_ops);
CREATE INDEX account_email_begins ON access_account (upper(email) text_pattern_ops);
"""
NOT_APART = """
DROP INDEX account_email_begins;
DROP INDEX account_name_begins;
DROP TRIGGER access_duties_apart ON access_rolegrant;
DROP FUNCTION access_duties_apart();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_sensitive_service"),
    ]

    operations = [
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("security_certificate", models.TextField(blank=True, default="")),
                ("security_certificate_expires_on", models.DateField(null=True)),
                ("disciplinary_procedure", models.BooleanField(default=False)),
                ("safeguarding_lead", models.TextField(blank=True, default="")),
                ("email_domains", models.JSONField(default=list)),
                ("caldicott_approver", models.TextField(blank=True, default="")),
                ("entered_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("outcome", models.TextField(blank=True, default="")),
            ],
        ),
        migrations.CreateModel(
            name="Lapse",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("part", models.TextField()),
                ("ends_on", models.DateField()),
                ("days_before", models.SmallIntegerField()),
                ("told_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="OneTimeLink",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("purpose", models.TextField()),
                ("digest", models.TextField(unique=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Stop",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("scope", models.TextField()),
                ("authority", models.TextField(null=True)),
                ("stopped_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="account",
            name="reinstated_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="account",
            name="restarted_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="clearance",
            name="recertified_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="clearance",
            name="recertified_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="signin",
            name="used_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["granted_by_authority", "name"], name="account_authority"),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["organisation", "name"], name="account_organisation"),
        ),
        migrations.AddConstraint(
            model_name="clearance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("identity_checked_by", models.F("account")), _negated=True),
                    models.Q(("dbs_checked_by", models.F("account")), _negated=True),
                ),
                name="clearance_not_self_checked",
            ),
        ),
        migrations.AddConstraint(
            model_name="clearance",
            constraint=models.CheckConstraint(
                condition=models.Q(("recertified_by", models.F("account")), _negated=True),
                name="clearance_not_self_recertified",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(("granted_by", models.F("account")), _negated=True),
                name="role_grant_not_to_oneself",
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="entered_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="applications",
                to="access.organisation",
            ),
        ),
        migrations.AddField(
            model_name="lapse",
            name="account",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="lapse",
            name="organisation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="access.organisation",
            ),
        ),
        migrations.AddField(
            model_name="onetimelink",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="stop",
            name="account",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="stop",
            name="lifted_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="stop",
            name="organisation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="access.organisation",
            ),
        ),
        migrations.AddField(
            model_name="stop",
            name="stopped_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decided_at__isnull", True)),
                fields=("organisation",),
                name="application_one_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("outcome", "")),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("outcome__in", ["accredited", "refused", "replaced"]),
                    ),
                    _connector="OR",
                ),
                name="application_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "accredited"), _negated=True),
                    models.Q(("decided_by", models.F("entered_by")), _negated=True),
                    _connector="OR",
                ),
                name="application_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="lapse",
            constraint=models.UniqueConstraint(
                fields=("account", "organisation", "part", "ends_on", "days_before"),
                name="lapse_told_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="lapse",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("account__isnull", False), ("organisation__isnull", True)),
                    models.Q(("account__isnull", True), ("organisation__isnull", False)),
                    _connector="OR",
                ),
                name="lapse_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="onetimelink",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", ["invitation", "password"])),
                name="one_time_link_purpose_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="stop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("account__isnull", False),
                        ("authority__isnull", True),
                        ("organisation__isnull", True),
                        ("scope", "account"),
                    ),
                    models.Q(
                        ("account__isnull", True),
                        ("organisation__isnull", False),
                        ("scope", "organisation"),
                        ("authority__isnull", True),
                    ),
                    models.Q(
                        ("account__isnull", True),
                        ("organisation__isnull", True),
                        ("scope", "authority"),
                        ("authority__isnull", False),
                    ),
                    models.Q(
                        ("account__isnull", True),
                        ("authority__isnull", True),
                        ("organisation__isnull", True),
                        ("scope", "service"),
                    ),
                    _connector="OR",
                ),
                name="stop_says_what",
            ),
        ),
        migrations.AddConstraint(
            model_name="stop",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at__isnull", True)),
                fields=("scope", "account", "organisation", "authority"),
                name="stop_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="stop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", True)),
                    models.Q(
                        ("lifted_at__isnull", False),
                        ("lifted_by__isnull", False),
                        models.Q(("lifted_by", models.F("stopped_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="stop_two_people",
            ),
        ),
        migrations.RunSQL(APART, NOT_APART),
    ]
