"""Where values came from, and which of them somebody says are wrong (REC-5, SUP-6)."""

from django.conf import settings
from django.db import migrations

TABLES = """
-- `said` is what the supplier itself said in that field when it was called wrong: nobody else's value (SUP-6).
CREATE TABLE hidden.correction (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    child_id bigint NOT NULL REFERENCES directory_child,
    supplier_id text NOT NULL REFERENCES directory_supplier,
    reference text NOT NULL,
    field text NOT NULL CHECK (field IN ('given_names', 'family_name', 'former_names', 'birth_date', 'gender',
        'nhs', 'upn', 'addresses', 'carers', 'school', 'practice')),
    said jsonb NOT NULL,
    asked_by bigint NOT NULL REFERENCES access_account,
    organisation_id bigint NOT NULL REFERENCES access_organisation,
    asked_at timestamptz NOT NULL,
    UNIQUE (supplier_id, reference, field, said)
);
CREATE INDEX hidden_correction_child ON hidden.correction (child_id);
"""

READING = """
-- Only what is open now: rows of a sensitive service are on the hidden side, and so are their earlier versions.
CREATE FUNCTION casework_read_history(actor jsonb, at timestamptz, child bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.managers_authority((actor ->> 'account')::bigint, at);
    found bigint := directory_survivor(child);
    said jsonb;
BEGIN
    IF NOT hidden.is_there(found, at) OR hidden.authority_of(found) <> mine
            OR (SELECT c.shielded FROM directory_child c WHERE c.id = found) THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    END IF;
    WITH RECURSIVE chain (row_id, supplier, content, supplied_at, until, step) AS (
        SELECT r.id, r.supplier_id, r.content, r.supplied_at, r.ended_on::timestamptz, 0
        FROM directory_suppliedrow r WHERE r.child_id = found
        UNION ALL
        SELECT (e.previous ->> 'row')::bigint, c.supplier, e.previous -> 'content',
            (e.previous ->> 'supplied_at')::timestamptz, e.at, c.step + 1
        FROM chain c JOIN hidden.row_effect e ON e.row_id = c.row_id AND e.effect = 'replaced'
        WHERE e.previous ->> 'hidden' = 'false' AND c.step < 100
    )
    SELECT jsonb_agg(jsonb_build_object('supplier', p.name, 'precedence', p.precedence, 'content', c.content,
            'supplied_at', c.supplied_at, 'confirmed_at', CASE WHEN c.until IS NULL THEN p.last_snapshot_at END,
            'until', c.until,
            'how', (SELECT e.effect FROM hidden.row_effect e WHERE e.row_id = c.row_id
                AND e.effect IN ('made-child', 'linked', 'replaced', 'joined', 'parted') ORDER BY e.id DESC LIMIT 1),
            'by_person', EXISTS (SELECT 1 FROM hidden.row_effect e WHERE e.row_id = c.row_id
                AND e.decided_by IS NOT NULL AND e.effect IN ('linked', 'joined', 'parted', 'made-child')),
            'weight', (SELECT max(e.weight) FROM hidden.row_effect e WHERE e.row_id = c.row_id
                AND e.effect = 'linked'))
        ORDER BY p.precedence, c.supplied_at DESC, c.row_id DESC)
    INTO said FROM chain c JOIN directory_supplier p ON p.code = c.supplier;
    PERFORM hidden.log_handed_out(actor, at, ARRAY[found], 'history', NULL);
    RETURN coalesce(said, '[]');
END $$;

-- Anybody who may open the record; gives the supplier. Asking twice changes nothing.
CREATE FUNCTION casework_ask_correction(
    account bigint, organisation bigint, at timestamptz, child bigint, which bigint, field text
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found bigint := directory_survivor(child);
    r directory_suppliedrow;
BEGIN
    SELECT s.* INTO r FROM directory_suppliedrow s WHERE s.id = which AND s.child_id = found
        AND s.ended_on IS NULL;
    IF r.id IS NULL OR r.content -> field IS NULL OR NOT hidden.is_there(found, at) THEN
        RAISE EXCEPTION 'not as it was shown' USING ERRCODE = 'CP409';
    END IF;
    INSERT INTO hidden.correction AS c
        (child_id, supplier_id, reference, field, said, asked_by, organisation_id, asked_at)
    VALUES (found, r.supplier_id, r.reference, $6, r.content -> $6, account, organisation, at)
    ON CONFLICT DO NOTHING;
    RETURN r.supplier_id;
END $$;

-- What a supplier is asked to look at, for the authority's own open children; its own reference and value only.
CREATE FUNCTION casework_read_corrections(actor jsonb, at timestamptz, supplier text, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.managers_authority((actor ->> 'account')::bigint, at);
    said jsonb;
    children bigint[];
BEGIN
    WITH asked AS (
        SELECT q.*, p.name, r.content -> q.field AS now, r.id IS NULL OR r.content -> q.field IS DISTINCT FROM q.said
            AS made, r.supplied_at
        FROM hidden.correction q
        JOIN directory_child c ON c.id = directory_survivor(q.child_id) AND NOT c.shielded AND c.authority = mine
        JOIN directory_supplier p ON p.code = q.supplier_id
        LEFT JOIN directory_suppliedrow r ON (r.supplier_id, r.reference) = (q.supplier_id, q.reference)
            AND r.ended_on IS NULL
        WHERE $3 = '' OR q.supplier_id = $3
    )
    SELECT jsonb_build_object(
        'suppliers', (SELECT jsonb_agg(jsonb_build_object('code', s.supplier_id, 'name', s.name, 'asked', s.n,
            'made', s.made) ORDER BY s.name) FROM (SELECT a.supplier_id, a.name, count(*) AS n,
            count(*) FILTER (WHERE a.made) AS made FROM asked a GROUP BY 1, 2) s),
        'asked', CASE WHEN $3 <> '' THEN (SELECT jsonb_agg(jsonb_build_object('reference', a.reference,
            'field', a.field, 'said', a.said, 'asked_at', a.asked_at, 'made', a.made,
            'made_at', CASE WHEN a.made THEN a.supplied_at END) ORDER BY a.made, a.asked_at, a.id)
            FROM (SELECT * FROM asked ORDER BY made, asked_at, id LIMIT most) a) END),
        CASE WHEN $3 <> '' THEN (SELECT array_agg(a.child_id)
            FROM (SELECT * FROM asked ORDER BY made, asked_at, id LIMIT most) a) END
    INTO said, children;
    PERFORM hidden.log_handed_out(actor, at, children, 'corrections', NULL);
    RETURN said;
END $$;
"""

DOORS = [
    "casework_read_history(jsonb, timestamptz, bigint)",
    "casework_ask_correction(bigint, bigint, timestamptz, bigint, bigint, text)",
    "casework_read_corrections(jsonb, timestamptz, text, integer)",
]

RIGHTS = (
    "GRANT CREATE ON SCHEMA public TO contactpoint_hidden;\n"
    + "".join(f"ALTER FUNCTION {name} OWNER TO contactpoint_hidden;\n" for name in DOORS)
    + "REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;\nSET ROLE contactpoint_hidden;\n"
    + "".join(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC;\n" for name in DOORS)
    + "".join(f"GRANT EXECUTE ON FUNCTION {name} TO contactpoint_app;\n" for name in DOORS)
    + "RESET ROLE;\n"
)

DROP = "".join(f"DROP FUNCTION {name};\n" for name in DOORS) + "DROP TABLE hidden.correction;"


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0006_override"),
        ("directory", "0006_ended_rows"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunSQL(TABLES + READING + RIGHTS, DROP)]
