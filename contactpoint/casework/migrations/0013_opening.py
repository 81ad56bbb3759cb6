"""Whether anything waits for an authority's shielding officers: yes or no, never what or how much (SHI-10)."""

from django.db import migrations

DOOR = """
CREATE FUNCTION casework_is_shielding_queue_empty(code text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT NOT EXISTS (SELECT 1 FROM hidden.find_held($1))
        AND NOT EXISTS (
            SELECT 1 FROM hidden.shield_request r JOIN directory_child c ON c.id = r.child_id
            LEFT JOIN hidden.shield s ON s.child_id = r.child_id
            WHERE r.outcome IS NULL AND coalesce(s.authority, c.authority) = $1)
$$;
GRANT CREATE ON SCHEMA public TO contactpoint_hidden;
ALTER FUNCTION casework_is_shielding_queue_empty(text) OWNER TO contactpoint_hidden;
REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;
SET ROLE contactpoint_hidden;
REVOKE EXECUTE ON FUNCTION casework_is_shielding_queue_empty(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework_is_shielding_queue_empty(text) TO contactpoint_app;
RESET ROLE;
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0012_moves"), ("directory", "0013_opening_steps")]

    operations = [migrations.RunSQL(DOOR, "DROP FUNCTION casework_is_shielding_queue_empty(text);")]
