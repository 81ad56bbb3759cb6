"""Who at a sign-in provider is whose account (ACC-4); ends when the account is closed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

HELD = """
CREATE FUNCTION access_provider_link_early() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The row is locked so that an approval under way is seen, or sees this link.
    PERFORM FROM access_clearance WHERE account_id = NEW.account_id FOR NO KEY UPDATE;
    IF NEW.linked_by_id <> NEW.account_id AND NOT EXISTS (
        SELECT FROM access_account a JOIN access_clearance c ON c.account_id = a.id
        WHERE a.id = NEW.account_id AND c.approved_at IS NULL
          AND NEW.linked_by_id IN (a.created_by_id, a.restarted_by_id)
    ) THEN
        RAISE EXCEPTION 'provider_link_early: only who invites links another, before the account is approved'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'provider_link_early';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER access_provider_link_early BEFORE INSERT OR UPDATE ON access_providerlink
    FOR EACH ROW EXECUTE FUNCTION access_provider_link_early();

CREATE FUNCTION access_provider_link_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM access_providerlink WHERE account_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER access_provider_link_ends AFTER UPDATE OF closed_at ON access_account
    FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION access_provider_link_ends();
"""
NOT_HELD = """
DROP TRIGGER access_provider_link_ends ON access_account;
DROP FUNCTION access_provider_link_ends();
DROP TRIGGER access_provider_link_early ON access_providerlink;
DROP FUNCTION access_provider_link_early();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_sealed_custodian"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProviderLink",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("provider", models.TextField()),
                ("issuer", models.TextField()),
                ("subject", models.TextField()),
                ("linked_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="provider_links",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "linked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["issuer", "subject"], name="provider_link_person_once"),
                    models.UniqueConstraint(fields=["account", "issuer"], name="provider_link_account_once"),
                    models.CheckConstraint(
                        condition=models.Q(("issuer", ""), _negated=True)
                        & models.Q(("subject", ""), _negated=True),
                        name="provider_link_is_whole",
                    ),
                ],
            },
        ),
        migrations.RunSQL(HELD, NOT_HELD),
    ]
