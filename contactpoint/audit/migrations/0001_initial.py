"""Rights of the four roles, and the log's tables with their partitions.

Comes before every other migration of ours: tables made later inherit the default rights set here.
"""

from django.db import migrations, models

RIGHTS = """
CREATE SCHEMA IF NOT EXISTS hidden;
REVOKE ALL ON SCHEMA hidden FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA hidden TO contactpoint_hidden;
GRANT USAGE ON SCHEMA hidden TO contactpoint_match;
GRANT USAGE ON SCHEMA public TO contactpoint_app, contactpoint_hidden;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO contactpoint_app;
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO contactpoint_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO contactpoint_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO contactpoint_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA hidden
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO contactpoint_match, contactpoint_hidden;
ALTER DEFAULT PRIVILEGES IN SCHEMA hidden
    GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO contactpoint_match, contactpoint_hidden;
ALTER DEFAULT PRIVILEGES IN SCHEMA hidden REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
"""

LOG = """
CREATE SEQUENCE audit_event_id AS bigint;

CREATE TABLE audit_event (
    id bigint NOT NULL DEFAULT nextval('audit_event_id'),
    at timestamptz NOT NULL,
    kind text NOT NULL,
    refused boolean NOT NULL,
    account_id bigint,
    organisation_id bigint,
    purpose text NOT NULL,
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    body bytea NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    sealed bytea NOT NULL,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX audit_event_account ON audit_event (account_id, at) WHERE account_id IS NOT NULL;
CREATE INDEX audit_event_transaction ON audit_event (transaction);

CREATE TABLE audit_event_child (
    event_id bigint NOT NULL,
    child_id bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (child_id, at, event_id)
) PARTITION BY RANGE (at);

REVOKE ALL ON audit_event, audit_event_child FROM contactpoint_app;
GRANT SELECT, INSERT ON audit_event, audit_event_child TO contactpoint_app;
GRANT INSERT ON audit_event, audit_event_child TO contactpoint_hidden;
REVOKE ALL ON SEQUENCE audit_event_id FROM contactpoint_app;
GRANT USAGE ON SEQUENCE audit_event_id TO contactpoint_app, contactpoint_hidden;

CREATE FUNCTION audit_ready_month(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first date := date_trunc('month', day)::date;
    beyond date := (first + interval '1 month')::date;
    parent text;
    part text;
BEGIN
    IF first < date '2020-01-01' OR first > date '2100-01-01' THEN
        RAISE EXCEPTION 'the log refuses the date %: is the clock right?', day;
    END IF;
    FOREACH parent IN ARRAY ARRAY['audit_event', 'audit_event_child'] LOOP
        part := parent || to_char(first, '_YYYY_MM');
        IF to_regclass(part) IS NULL THEN
            PERFORM pg_advisory_xact_lock(hashtext('audit_ready_month'));
            IF to_regclass(part) IS NULL THEN
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                    part, parent, first::timestamp AT TIME ZONE 'UTC', beyond::timestamp AT TIME ZONE 'UTC');
                EXECUTE format('REVOKE ALL ON %I FROM contactpoint_app', part);
                EXECUTE format('GRANT SELECT, INSERT ON %I TO contactpoint_app', part);
            END IF;
        END IF;
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION audit_ready_month(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_ready_month(date) TO contactpoint_app, contactpoint_match;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    run_before = [("contenttypes", "0001_initial")]

    operations = [
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        migrations.RunSQL(LOG, "DROP TABLE audit_event, audit_event_child"),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("kind", models.TextField()),
                ("refused", models.BooleanField()),
                ("account_id", models.BigIntegerField(null=True)),
                ("organisation_id", models.BigIntegerField(null=True)),
                ("purpose", models.TextField()),
                ("body", models.BinaryField()),
                ("digest", models.BinaryField()),
                ("sealed", models.BinaryField()),
            ],
            options={"db_table": "audit_event", "managed": False},
        ),
        migrations.CreateModel(
            name="EventChild",
            fields=[
                ("event_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("child_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "audit_event_child", "managed": False},
        ),
    ]
