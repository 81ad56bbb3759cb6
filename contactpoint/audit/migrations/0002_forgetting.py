"""The log is kept six years: then a month's events go, and their digests stay for the seal (AUD-8).

The server can no more do this than change an event; the worker's role can, through one function,
and only where the log itself shows that the years have passed.
"""

from django.db import migrations

FORGETTING = """
CREATE TABLE audit_digest (
    event_id bigint PRIMARY KEY,
    month date NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32)
);
REVOKE ALL ON audit_digest FROM contactpoint_app;
GRANT SELECT ON audit_digest TO contactpoint_app;

-- Months that have ended so many years before that day and still have events, oldest first.
CREATE FUNCTION audit_months_before(day date, years integer) RETURNS SETOF date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT first FROM (
        SELECT to_date(substr(c.relname, 13), 'YYYY_MM') AS first
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'audit_event'::regclass AND c.relname ~ '^audit_event_[0-9]{4}_[0-9]{2}$') parts
    WHERE (first + interval '1 month' + make_interval(years => years))::date <= day ORDER BY first
$$;

-- Gives how many events went, and one digest over theirs in order.
CREATE FUNCTION audit_forget_month(first date, years integer, OUT events bigint, OUT digest text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    part text := to_char(first, 'YYYY_MM');
BEGIN
    IF years < 1 OR NOT EXISTS (SELECT 1 FROM audit_event e
            WHERE e.at >= (first + interval '1 month' + make_interval(years => years))::timestamp AT TIME ZONE 'UTC') THEN
        RAISE EXCEPTION 'the log keeps its months for years' USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('INSERT INTO audit_digest (event_id, month, digest)
        SELECT id, %L, digest FROM %I ON CONFLICT DO NOTHING', first, 'audit_event_' || part);
    SELECT count(*), encode(sha256(coalesce(string_agg(d.digest, ''::bytea ORDER BY d.event_id), ''::bytea)), 'hex')
        INTO events, digest FROM audit_digest d WHERE d.month = first;
    EXECUTE format('DROP TABLE %I, %I', 'audit_event_child_' || part, 'audit_event_' || part);
END $$;
REVOKE EXECUTE ON FUNCTION audit_months_before(date, integer), audit_forget_month(date, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_months_before(date, integer), audit_forget_month(date, integer)
    TO contactpoint_match;
"""
DROP = """
DROP FUNCTION audit_forget_month(date, integer), audit_months_before(date, integer);
DROP TABLE audit_digest;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(FORGETTING, DROP)]
