"""Who may override a shield is a role of its own (SHI-6), kept apart from investigating it (ACC-8)."""

from importlib import import_module

from django.db import migrations, models

BEFORE = import_module("contactpoint.access.migrations.0003_people_and_steps").APART
_BEGIN = BEFORE.index("CREATE FUNCTION access_duties_apart()")
_END = BEFORE.index("CREATE TRIGGER access_duties_apart")
DUTIES = BEFORE[_BEGIN:_END].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
WITH_OVERRIDE = DUTIES.replace("'shielding-officer',", "'shielding-officer', 'shield-override',")


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_people_and_steps"),
    ]

    operations = [
        migrations.RunSQL(WITH_OVERRIDE, DUTIES),
        migrations.RemoveConstraint(
            model_name="rolegrant",
            name="role_grant_role_known",
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
                            "shield-override",
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
    ]
