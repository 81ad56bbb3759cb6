"""How many corrections each supplier was asked for, by month, and how many of those it has made (SUP-6).

Counts of open children's values alone, as the list of corrections has them: nobody hidden is counted (SHI-3).
"""

from django.db import migrations

COUNTING = """
CREATE FUNCTION casework_count_corrections(at timestamptz, mine text) RETURNS jsonb
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('supplier', m.supplier_id, 'month', m.month, 'asked', m.asked,
        'made', m.made) ORDER BY m.supplier_id, m.month), '[]')
    FROM (
        SELECT q.supplier_id, to_char(q.asked_at AT TIME ZONE 'Europe/London', 'YYYY-MM') AS month,
            count(*) AS asked,
            count(*) FILTER (WHERE r.id IS NULL OR r.content -> q.field IS DISTINCT FROM q.said) AS made
        FROM hidden.correction q
        JOIN directory_child c ON c.id = directory_survivor(q.child_id) AND NOT c.shielded
        LEFT JOIN directory_suppliedrow r ON (r.supplier_id, r.reference) = (q.supplier_id, q.reference)
            AND r.ended_on IS NULL
        WHERE q.asked_at > $1 - interval '12 months' AND ($2 = '' OR c.authority = $2)
        GROUP BY 1, 2
    ) m
$$;
"""
DOOR = "casework_count_corrections(timestamptz, text)"
RIGHTS = f"""
GRANT CREATE ON SCHEMA public TO contactpoint_hidden;
ALTER FUNCTION {DOOR} OWNER TO contactpoint_hidden;
REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;
SET ROLE contactpoint_hidden;
REVOKE EXECUTE ON FUNCTION {DOOR} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {DOOR} TO contactpoint_app;
RESET ROLE;
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0014_endings")]

    operations = [migrations.RunSQL(COUNTING + RIGHTS, f"DROP FUNCTION {DOOR}")]
