"""Organisations, accounts, clearances, roles and sign-ins; and that two people make an account live (ACC-3)."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

TWO_PEOPLE = """
CREATE FUNCTION access_two_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM access_account
        WHERE id = NEW.account_id AND (id = NEW.approved_by_id OR created_by_id = NEW.approved_by_id)
    ) THEN
        RAISE EXCEPTION 'clearance_two_people: who created an account does not approve it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'clearance_two_people';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER access_two_people BEFORE INSERT OR UPDATE ON access_clearance
    FOR EACH ROW WHEN (NEW.approved_by_id IS NOT NULL) EXECUTE FUNCTION access_two_people();

CREATE FUNCTION access_creator_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'account_creator_stays: who created an account never changes'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'account_creator_stays';
END $$;
CREATE TRIGGER access_creator_stays BEFORE UPDATE ON access_account
    FOR EACH ROW WHEN (NEW.created_by_id IS DISTINCT FROM OLD.created_by_id)
    EXECUTE FUNCTION access_creator_stays();
"""
NO_TWO_PEOPLE = """
DROP TRIGGER access_creator_stays ON access_account;
DROP FUNCTION access_creator_stays();
DROP TRIGGER access_two_people ON access_clearance;
DROP FUNCTION access_two_people();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254)),
                ("name", models.TextField()),
                ("job_title", models.TextField(blank=True, default="")),
                ("telephone", models.TextField(blank=True, default="")),
                ("granted_by_authority", models.TextField(null=True)),
                ("granted_by_partner", models.TextField(null=True)),
                ("created_at", models.DateTimeField()),
                ("suspended_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SignIn",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="sign_in",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("token", models.TextField()),
                ("started_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_why", models.TextField(blank=True, default="")),
            ],
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.TextField(unique=True)),
                ("name", models.TextField()),
                ("kind", models.TextField()),
                ("sector", models.TextField()),
                ("authority", models.TextField(null=True)),
                ("telephone", models.TextField(blank=True, default="")),
                ("secure_email", models.TextField(blank=True, default="")),
                ("address", models.TextField(blank=True, default="")),
                ("out_of_hours", models.TextField(blank=True, default="")),
                ("registered_at", models.DateTimeField()),
                ("suspended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["authority", "sector"], name="organisation_authority")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "sector__in",
                                [
                                    "education",
                                    "health",
                                    "social_care",
                                    "youth_justice",
                                    "early_help",
                                    "police",
                                    "housing",
                                    "voluntary",
                                    "authority",
                                    "national",
                                ],
                            )
                        ),
                        name="organisation_sector_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code", ""), _negated=True), models.Q(("name", ""), _negated=True)
                        ),
                        name="organisation_has_code_and_name",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="account",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="access.organisation"
            ),
        ),
        migrations.CreateModel(
            name="RoleGrant",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("role", models.TextField()),
                ("authority", models.TextField(null=True)),
                ("valid_from", models.DateTimeField()),
                ("valid_to", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="role_grants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Clearance",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="clearance",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("identity_checked_on", models.DateField(null=True)),
                ("dbs_level", models.TextField(blank=True, default="")),
                ("dbs_checked_on", models.DateField(null=True)),
                ("dbs_next_check_on", models.DateField(null=True)),
                ("training_passed_on", models.DateField(null=True)),
                ("training_expires_on", models.DateField(null=True)),
                ("agreement_signed_on", models.DateField(null=True)),
                ("agreement_version", models.TextField(blank=True, default="")),
                ("approved_at", models.DateTimeField(null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "dbs_checked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "identity_checked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Accreditation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("security_certificate", models.TextField()),
                ("security_certificate_expires_on", models.DateField()),
                ("disciplinary_procedure", models.BooleanField()),
                ("safeguarding_lead", models.TextField()),
                ("email_domains", models.JSONField(default=list)),
                ("caldicott_approver", models.TextField(blank=True, default="")),
                ("accredited_on", models.DateField()),
                ("expires_on", models.DateField()),
                ("suspended_at", models.DateTimeField(null=True)),
                ("superseded_at", models.DateTimeField(null=True)),
                (
                    "accredited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accreditations",
                        to="access.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)),
                        fields=("organisation",),
                        name="accreditation_one_current",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("disciplinary_procedure", True),
                            models.Q(("safeguarding_lead", ""), _negated=True),
                            models.Q(("security_certificate", ""), _negated=True),
                        ),
                        name="accreditation_meets_criteria",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_on__gte", models.F("accredited_on")),
                            ("expires_on__lte", models.F("security_certificate_expires_on")),
                        ),
                        name="accreditation_ends_with_certificate",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("email"), name="account_email_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("granted_by_authority__isnull", True), ("granted_by_partner__isnull", False)),
                    models.Q(("granted_by_authority__isnull", False), ("granted_by_partner__isnull", True)),
                    _connector="OR",
                ),
                name="account_one_answerable_body",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("created_by", models.F("id")), _negated=True),
                name="account_not_self_made",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "role__in",
                        [
                            "practitioner",
                            "line-manager",
                            "mediator",
                            "account-manager",
                            "data-manager",
                            "shielding-officer",
                            "broker",
                            "investigator",
                            "auditor",
                            "organisation-administrator",
                            "national-auditor",
                            "national-data-quality",
                            "archive-custodian",
                            "data-supplier",
                            "case-management-system",
                            "service-operator",
                        ],
                    )
                ),
                name="role_grant_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "role__in",
                            ["auditor", "broker", "data-manager", "investigator", "shielding-officer"],
                        ),
                        _negated=True,
                    ),
                    ("authority__isnull", False),
                    _connector="OR",
                ),
                name="role_grant_authority_where_needed",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "role__in",
                            [
                                "archive-custodian",
                                "national-auditor",
                                "national-data-quality",
                                "service-operator",
                            ],
                        ),
                        _negated=True,
                    ),
                    ("authority__isnull", True),
                    _connector="OR",
                ),
                name="role_grant_national_names_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="role_grant_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_to__isnull", True)),
                fields=("account", "role"),
                name="role_grant_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="clearance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                    models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                    _connector="OR",
                ),
                name="clearance_approval_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="clearance",
            constraint=models.CheckConstraint(
                condition=models.Q(("approved_by", models.F("account")), _negated=True),
                name="clearance_not_self_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="clearance",
            constraint=models.CheckConstraint(
                condition=models.Q(("dbs_level__in", ["", "basic", "standard", "enhanced"])),
                name="clearance_dbs_level_known",
            ),
        ),
        migrations.RunSQL(TWO_PEOPLE, NO_TWO_PEOPLE),
    ]
