"""A withdrawn consent is known again by the supplier's row, not by the child alone (SEN-7, RET-4).

After a restore from before the child came, the child has another number: what the ledger says must find
the row that still carries the old consent. Marks are keyed digests, made as the row is published.
"""

from django.db import migrations

TABLES = """
CREATE TABLE hidden.sensitive_mark (row_id bigint PRIMARY KEY, mark text NOT NULL);

CREATE TABLE hidden.awaited_withdrawal (
    mark text NOT NULL,
    organisation text NOT NULL,
    withdrawn_at timestamptz NOT NULL,
    PRIMARY KEY (mark, organisation)
);

-- As before, with what the row is known by; '' for what people recorded themselves, which no feed brings.
CREATE FUNCTION directory_withdrawn_rows(event bigint, entry bigint)
RETURNS TABLE (entry_id bigint, mark bytea, row_mark text)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT w.entry_id, w.mark, coalesce(m.mark, '')
    FROM directory_withdrawn_marks($1, $2) w LEFT JOIN hidden.sensitive_mark m ON m.row_id = w.entry_id
$$;
GRANT CREATE ON SCHEMA public TO contactpoint_hidden;
ALTER FUNCTION directory_withdrawn_rows(bigint, bigint) OWNER TO contactpoint_hidden;
REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;
SET ROLE contactpoint_hidden;
REVOKE EXECUTE ON FUNCTION directory_withdrawn_rows(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION directory_withdrawn_rows(bigint, bigint) TO contactpoint_app;
RESET ROLE;
"""
DROP = """
DROP FUNCTION directory_withdrawn_rows(bigint, bigint);
DROP TABLE hidden.awaited_withdrawal, hidden.sensitive_mark;
"""


class Migration(migrations.Migration):
    dependencies = [("directory", "0010_archive_marks")]

    operations = [migrations.RunSQL(TABLES, DROP)]
