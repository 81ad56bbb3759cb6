"""Break-glass and investigations behind the hidden door (SHI-6).

An override cannot be written without its investigation, and nobody closes one that they caused (ACC-8).
SQLSTATE as in 0002_door.
"""

from django.db import migrations

TABLES = """
CREATE TABLE hidden.investigation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    child_id bigint NOT NULL REFERENCES directory_child,
    authority text NOT NULL,
    about bigint NOT NULL REFERENCES access_account,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    closed_by bigint REFERENCES access_account,
    outcome text CHECK (outcome IN ('justified', 'not-justified', 'misuse')),
    CONSTRAINT investigation_closed_as_a_whole CHECK (
        (closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (outcome IS NULL)),
    CONSTRAINT investigation_closed_by_another CHECK (closed_by <> about)
);
CREATE INDEX hidden_investigation_queue ON hidden.investigation (authority, closed_at, opened_at);
CREATE INDEX hidden_investigation_child ON hidden.investigation (child_id);

CREATE TABLE hidden.override (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    child_id bigint NOT NULL REFERENCES directory_child,
    investigation_id bigint NOT NULL UNIQUE REFERENCES hidden.investigation,
    account_id bigint NOT NULL REFERENCES access_account,
    organisation_id bigint NOT NULL REFERENCES access_organisation,
    purpose text NOT NULL CHECK (purpose <> ''),
    sealed bytea NOT NULL,
    opened_at timestamptz NOT NULL
);
CREATE INDEX hidden_override_child ON hidden.override (child_id);

CREATE TABLE hidden.investigation_step (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    child_id bigint NOT NULL REFERENCES directory_child,
    investigation_id bigint NOT NULL REFERENCES hidden.investigation,
    step text NOT NULL CHECK (step IN ('manager-told', 'suspended')),
    taken_by bigint NOT NULL REFERENCES access_account,
    taken_at timestamptz NOT NULL,
    UNIQUE (investigation_id, step)
);
CREATE INDEX hidden_investigation_step_child ON hidden.investigation_step (child_id);
"""

DOOR = """
CREATE FUNCTION hidden.investigators_authority(account bigint, at timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found text;
BEGIN
    SELECT g.authority INTO found FROM access_rolegrant g
        WHERE g.account_id = $1 AND g.role = 'investigator' AND g.valid_from <= $2
          AND (g.valid_to IS NULL OR g.valid_to > $2) ORDER BY g.id LIMIT 1;
    IF found IS NULL THEN
        RAISE EXCEPTION 'not an investigator' USING ERRCODE = 'CP403';
    END IF;
    RETURN found;
END $$;

-- SHI-6. What is sensitive stays with the broker and the provider (SEN-4).
CREATE FUNCTION casework_override_shield(
    actor jsonb, at timestamptz, child bigint, purpose text, sealed bytea
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who bigint := (actor ->> 'account')::bigint;
    answerable text;
    investigation bigint;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM access_rolegrant g WHERE g.account_id = who AND g.role = 'shield-override'
            AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2)) THEN
        RAISE EXCEPTION 'no permission to override' USING ERRCODE = 'CP403';
    END IF;
    SELECT s.authority INTO answerable FROM hidden.shield s WHERE s.child_id = $3;
    IF answerable IS NULL THEN
        RAISE EXCEPTION 'not shielded' USING ERRCODE = 'CP404';
    END IF;
    INSERT INTO hidden.investigation (child_id, authority, about, opened_at)
        VALUES ($3, answerable, who, $2) RETURNING id INTO investigation;
    INSERT INTO hidden.override (child_id, investigation_id, account_id, organisation_id, purpose, sealed, opened_at)
        VALUES ($3, investigation, who, (actor ->> 'organisation')::bigint, $4, $5, $2);
    PERFORM hidden.log_handed_out(actor, $2, ARRAY[$3], 'override', investigation);
    RETURN jsonb_build_object('investigation', investigation, 'authority', answerable,
        'rows', (SELECT coalesce(jsonb_agg(jsonb_build_object('content', r.content, 'supplier', r.supplier_id,
                'supplier_name', p.name, 'precedence', p.precedence, 'reference', r.reference,
                'supplied_at', r.supplied_at, 'confirmed_at', greatest(p.last_snapshot_at, r.supplied_at))), '[]')
            FROM hidden.supplied_row r JOIN directory_supplier p ON p.code = r.supplier_id
            WHERE r.child_id = $3 AND NOT p.sensitive AND NOT EXISTS (
                SELECT 1 FROM hidden.sensitive_involvement s WHERE s.row_id = r.id)),
        'entries', (SELECT coalesce(jsonb_agg(to_jsonb(i) || jsonb_build_object('practitioner', a.name)), '[]')
            FROM hidden.involvement i JOIN access_account a ON a.id = i.account_id WHERE i.child_id = $3),
        'assessments', (SELECT coalesce(jsonb_agg(to_jsonb(e)), '[]')
            FROM hidden.assessment e WHERE e.child_id = $3));
END $$;

CREATE FUNCTION hidden.say_investigation(i hidden.investigation, reader bigint) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object('id', ($1).id, 'child', hidden.say_child(($1).child_id),
        'who', hidden.say_account(o.account_id, o.organisation_id), 'account_id', ($1).about,
        'opened_at', ($1).opened_at, 'purpose', o.purpose, 'sealed', encode(o.sealed, 'base64'),
        'closed_at', ($1).closed_at, 'outcome', ($1).outcome, 'is_own', ($1).about = $2,
        'closed_by', coalesce((SELECT a.name FROM access_account a WHERE a.id = ($1).closed_by), ''),
        'steps', (SELECT coalesce(jsonb_agg(jsonb_build_object('step', t.step, 'at', t.taken_at, 'by', a.name)
                ORDER BY t.id), '[]')
            FROM hidden.investigation_step t JOIN access_account a ON a.id = t.taken_by
            WHERE t.investigation_id = ($1).id))
    FROM hidden.override o WHERE o.investigation_id = ($1).id
$$;

-- AUD-5: worked out from the log afterwards, never in a search. Whoever works with a child is not counted for it.
CREATE FUNCTION hidden.find_probers(mine text, since timestamptz, most integer)
RETURNS TABLE (account_id bigint, organisation_id bigint, children bigint, overrides bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT e.account_id::bigint, max(e.organisation_id)::bigint, count(DISTINCT c.child_id),
           (SELECT count(*) FROM hidden.override o WHERE o.account_id = e.account_id AND o.opened_at >= $2)
    FROM hidden.shield s
    JOIN audit_event_child c ON c.child_id = s.child_id AND c.at >= $2
    JOIN audit_event e ON e.id = c.event_id AND e.at = c.at
    WHERE s.authority = $1 AND e.kind IN ('searched', 'record-opened') AND e.account_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM hidden.involvement i
          WHERE i.child_id = s.child_id AND i.account_id = e.account_id)
      AND NOT EXISTS (SELECT 1 FROM access_rolegrant g WHERE g.account_id = e.account_id
          AND g.role = 'shielding-officer' AND g.authority = $1)
    GROUP BY e.account_id HAVING count(DISTINCT c.child_id) >= 3
    ORDER BY 3 DESC, 1 LIMIT $3
$$;

CREATE FUNCTION casework_read_investigations(actor jsonb, at timestamptz, since timestamptz, most integer)
RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    reader bigint := (actor ->> 'account')::bigint;
    mine text := hidden.investigators_authority(reader, at);
    waiting jsonb;
    closed jsonb;
    children bigint[];
BEGIN
    SELECT coalesce(jsonb_agg(hidden.say_investigation(i, reader) - 'sealed' ORDER BY i.opened_at, i.id), '[]'),
           array_agg(i.child_id) INTO waiting, children
        FROM (SELECT * FROM hidden.investigation q WHERE q.authority = mine AND q.closed_at IS NULL
            ORDER BY q.opened_at, q.id LIMIT most) i;
    SELECT coalesce(jsonb_agg(hidden.say_investigation(i, reader) - 'sealed' ORDER BY i.closed_at DESC), '[]'),
           children || array_agg(i.child_id) INTO closed, children
        FROM (SELECT * FROM hidden.investigation q WHERE q.authority = mine AND q.closed_at >= since
            ORDER BY q.closed_at DESC LIMIT most) i;
    PERFORM hidden.log_handed_out(actor, at, children, 'investigations', NULL);
    RETURN jsonb_build_object('authority', mine, 'waiting', waiting, 'closed', closed,
        'probers', (SELECT coalesce(jsonb_agg(jsonb_build_object('account_id', p.account_id,
                'who', hidden.say_account(p.account_id, p.organisation_id), 'children', p.children,
                'overrides', p.overrides) ORDER BY p.children DESC, p.account_id), '[]')
            FROM hidden.find_probers(mine, since, most) p));
END $$;

CREATE FUNCTION casework_read_investigation(actor jsonb, at timestamptz, which bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    reader bigint := (actor ->> 'account')::bigint;
    mine text := hidden.investigators_authority(reader, at);
    said jsonb;
    child bigint;
BEGIN
    SELECT hidden.say_investigation(i, reader), i.child_id INTO said, child
        FROM hidden.investigation i WHERE i.id = which AND i.authority = mine;
    IF said IS NULL THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    END IF;
    PERFORM hidden.log_handed_out(actor, at, ARRAY[child], 'investigation', which);
    RETURN said;
END $$;

CREATE FUNCTION hidden.lock_investigation(reader bigint, at timestamptz, which bigint) RETURNS hidden.investigation
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.investigators_authority(reader, at);
    found hidden.investigation;
BEGIN
    SELECT * INTO found FROM hidden.investigation i WHERE i.id = which AND i.authority = mine FOR UPDATE;
    IF found.id IS NULL THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    ELSIF found.about = reader THEN
        RAISE EXCEPTION 'about the reader' USING ERRCODE = 'CP403';
    ELSIF found.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'closed already' USING ERRCODE = 'CP409';
    END IF;
    RETURN found;
END $$;

-- Give the account and organisation that the investigation is about.
CREATE FUNCTION casework_note_step(
    reader bigint, at timestamptz, which bigint, step text,
    OUT child bigint, OUT account bigint, OUT organisation bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held hidden.investigation := hidden.lock_investigation(reader, at, which);
BEGIN
    INSERT INTO hidden.investigation_step (child_id, investigation_id, step, taken_by, taken_at)
        VALUES (held.child_id, which, $4, reader, $2) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'done already' USING ERRCODE = 'CP409';
    END IF;
    SELECT o.child_id, o.account_id, o.organisation_id INTO child, account, organisation
        FROM hidden.override o WHERE o.investigation_id = which;
END $$;

CREATE FUNCTION casework_close_investigation(reader bigint, at timestamptz, which bigint, outcome text)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held hidden.investigation := hidden.lock_investigation(reader, at, which);
BEGIN
    UPDATE hidden.investigation i SET closed_at = $2, closed_by = reader, outcome = $4 WHERE i.id = which;
    RETURN held.child_id;
END $$;
"""

DOORS = [
    "casework_override_shield(jsonb, timestamptz, bigint, text, bytea)",
    "casework_read_investigations(jsonb, timestamptz, timestamptz, integer)",
    "casework_read_investigation(jsonb, timestamptz, bigint)",
    "casework_note_step(bigint, timestamptz, bigint, text)",
    "casework_close_investigation(bigint, timestamptz, bigint, text)",
]
INNER = [
    "hidden.lock_investigation(bigint, timestamptz, bigint)",
    "hidden.find_probers(text, timestamptz, integer)",
    "hidden.say_investigation(hidden.investigation, bigint)",
    "hidden.investigators_authority(bigint, timestamptz)",
]

RIGHTS = (
    "GRANT SELECT ON audit_event_child TO contactpoint_hidden;\n"
    "GRANT CREATE ON SCHEMA public TO contactpoint_hidden;\n"
    + "".join(f"ALTER FUNCTION {name} OWNER TO contactpoint_hidden;\n" for name in (*INNER, *DOORS))
    + "REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;\nSET ROLE contactpoint_hidden;\n"
    + "".join(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC;\n" for name in (*INNER, *DOORS))
    + "".join(f"GRANT EXECUTE ON FUNCTION {name} TO contactpoint_app;\n" for name in DOORS)
    + "RESET ROLE;\n"
)

DROP = (
    "".join(f"DROP FUNCTION {name};\n" for name in (*DOORS, *INNER))
    + "DROP TABLE hidden.investigation_step, hidden.override, hidden.investigation;"
)


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0005_record_changes"),
        ("directory", "0004_keeping"),
    ]

    operations = [migrations.RunSQL(TABLES + DOOR + RIGHTS, DROP)]
