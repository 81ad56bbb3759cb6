"""Who keeps sealed identities has no other role (SHI-7); the database holds it too (ACC-8)."""

from importlib import import_module

from django.db import migrations, models

BEFORE = import_module("contactpoint.access.migrations.0004_shield_override").WITH_OVERRIDE
ALONE = (
    BEFORE.replace(
        "    IF NEW.role = ANY (watching) THEN\n",
        "    IF NEW.role = ANY (alone) THEN\n"
        "        against := looking || watching || ARRAY['line-manager', 'organisation-administrator',\n"
        "            'national-data-quality', 'archive-custodian', 'data-supplier', 'service-operator'];\n"
        "    ELSIF NEW.role = ANY (watching) THEN\n",
    )
    .replace("        against := looking;\n", "        against := looking || alone;\n")
    .replace("        against := watching;\n", "        against := watching || alone;\n")
    .replace("    ELSE\n        RETURN NEW;\n", "    ELSE\n        against := alone;\n")
    .replace(
        "    against text[];\n",
        "    alone CONSTANT text[] := ARRAY['sealed-custodian'];\n    against text[];\n",
    )
)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_shield_override"),
    ]

    operations = [
        migrations.RunSQL(ALONE, BEFORE),
        migrations.RemoveConstraint(model_name="rolegrant", name="role_grant_role_known"),
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
                            "shield-override",
                            "broker",
                            "investigator",
                            "auditor",
                            "organisation-administrator",
                            "national-auditor",
                            "national-data-quality",
                            "archive-custodian",
                            "sealed-custodian",
                            "data-supplier",
                            "case-management-system",
                            "service-operator",
                        ],
                    )
                ),
                name="role_grant_role_known",
            ),
        ),
        migrations.RemoveConstraint(model_name="rolegrant", name="role_grant_national_names_none"),
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
                                "sealed-custodian",
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
    ]
