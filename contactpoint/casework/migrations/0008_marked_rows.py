"""Rows that their supplier marks as restricted and that wait are the shielding officers' question (SHI-5, SHI-8).

Held for the officers of the row's own authority and of the children that it may be, open ones too:
what the row says is as good as shielded already.
"""

from django.db import migrations

HELD = """
-- The children of this authority that an officer is asked about: shielded ones, and of a marked row all.
CREATE FUNCTION hidden.children_near(w hidden.waiting_row, mine text) RETURNS bigint[]
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT c.id ORDER BY c.id), ARRAY[]::bigint[])
    FROM jsonb_array_elements(($1).candidates -> 'children') met
    JOIN directory_child c ON c.id = (met ->> 'child')::bigint
    LEFT JOIN hidden.shield s ON s.child_id = c.id
    WHERE s.authority = $2
       OR (s.child_id IS NULL AND c.authority = $2 AND coalesce(($1).candidates ->> 'marker', '') <> '')
$$;

CREATE OR REPLACE FUNCTION hidden.say_held(w hidden.waiting_row, mine text) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object('id', ($1).id, 'supplied_at', ($1).supplied_at,
        'supplier', (SELECT p.name FROM directory_supplier p WHERE p.code = ($1).supplier_id),
        'near', coalesce((SELECT jsonb_agg(hidden.say_child(near) ORDER BY near)
            FROM unnest(hidden.children_near($1, $2)) AS near), '[]'))
$$;

CREATE OR REPLACE FUNCTION hidden.find_held(mine text) RETURNS SETOF hidden.waiting_row
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT w.* FROM hidden.waiting_row w
    WHERE w.why = 'near-shield'
      AND (cardinality(hidden.children_near(w, $1)) > 0
           OR (w.candidates ->> 'marker' <> '' AND w.candidates ->> 'authority' = $1))
      AND NOT EXISTS (SELECT 1 FROM hidden.shield_decision d WHERE d.row_id = w.id AND d.kind = 'belongs')
$$;

DO $do$
DECLARE
    body text := pg_get_functiondef('casework_decide_held(bigint, timestamptz, bigint, text, bigint)'::regprocedure);
    changed text := replace(replace(body,
        $old$SELECT 1 FROM hidden.waiting_row w, jsonb_array_elements(w.candidates -> 'children') c
            JOIN hidden.shield s ON s.child_id = (c ->> 'child')::bigint AND s.authority = mine
            WHERE w.id = held AND s.child_id = chosen$old$,
        $new$SELECT 1 FROM hidden.waiting_row w WHERE w.id = held AND chosen = ANY (hidden.children_near(w, mine))$new$),
        $old$WHERE NOT EXISTS (SELECT 1 FROM hidden.shield s
                WHERE s.child_id = (c ->> 'child')::bigint AND s.authority = mine)), '[]'))$old$,
        $new$WHERE NOT (c ->> 'child')::bigint = ANY (hidden.children_near(w, mine))), '[]'))$new$);
BEGIN
    IF length(changed) - length(replace(changed, 'children_near', '')) <> 2 * length('children_near') THEN
        RAISE EXCEPTION 'casework_decide_held is not as this migration expects';
    END IF;
    GRANT CREATE ON SCHEMA public TO contactpoint_hidden;
    ALTER FUNCTION hidden.children_near(hidden.waiting_row, text) OWNER TO contactpoint_hidden;
    SET LOCAL ROLE contactpoint_hidden;
    REVOKE EXECUTE ON FUNCTION hidden.children_near(hidden.waiting_row, text) FROM PUBLIC;
    EXECUTE changed;
    RESET ROLE;
    REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;
END $do$;
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0007_values")]

    operations = [migrations.RunSQL(HELD, migrations.RunSQL.noop)]
