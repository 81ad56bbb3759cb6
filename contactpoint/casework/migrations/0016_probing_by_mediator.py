"""Who looks at many shielded children: a mediator's looks are those of whom they serve (ACC-6, AUD-5)."""

from django.db import migrations

PROBERS = """
GRANT SELECT (on_behalf_of) ON audit_event TO contactpoint_hidden;
SET ROLE contactpoint_hidden;
CREATE OR REPLACE FUNCTION hidden.find_probers(mine text, since timestamptz, most integer)
RETURNS TABLE (account_id bigint, organisation_id bigint, children bigint, overrides bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT l.looker::bigint, max(e.organisation_id)::bigint, count(DISTINCT c.child_id),
           (SELECT count(*) FROM hidden.override o WHERE o.account_id = l.looker AND o.opened_at >= $2)
    FROM hidden.shield s
    JOIN audit_event_child c ON c.child_id = s.child_id AND c.at >= $2
    JOIN audit_event e ON e.id = c.event_id AND e.at = c.at
    CROSS JOIN LATERAL (SELECT coalesce(e.on_behalf_of, e.account_id) AS looker) l
    WHERE s.authority = $1 AND e.kind IN ('searched', 'record-opened') AND l.looker IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM hidden.involvement i
          WHERE i.child_id = s.child_id AND i.account_id = l.looker)
      AND NOT EXISTS (SELECT 1 FROM access_rolegrant g WHERE g.account_id = l.looker
          AND g.role = 'shielding-officer' AND g.authority = $1)
    GROUP BY l.looker HAVING count(DISTINCT c.child_id) >= 3
    ORDER BY 3 DESC, 1 LIMIT $3
$$;
RESET ROLE;
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0015_corrections_counted"), ("audit", "0004_on_behalf_of")]

    operations = [migrations.RunSQL(PROBERS, migrations.RunSQL.noop)]
