"""The hidden door for new identities: giving one, and what the custodian alone may see (SHI-7).

What is handed out is logged by the caller in the same transaction; no event names both records.
SQLSTATE as in 0002_door.
"""

from django.db import migrations

DOOR = """
CREATE FUNCTION hidden.insist_custodian(account bigint, at timestamptz) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM access_rolegrant g WHERE g.account_id = $1 AND g.role = 'sealed-custodian'
            AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2)) THEN
        RAISE EXCEPTION 'not the custodian' USING ERRCODE = 'CP403';
    END IF;
END $$;

-- From the commit on the former record is in no search and opens for nobody; the worker seals it.
-- Gives the day from which the record would not have been live anyway.
CREATE FUNCTION casework_give_identity(
    officer bigint, at timestamptz, child bigint, fresh bytea, due_at timestamptz, destroy_on date
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    today date := (at AT TIME ZONE 'Europe/London')::date;
BEGIN
    IF EXISTS (SELECT 1 FROM hidden.sealed_identity i WHERE i.child_id = child) THEN
        RAISE EXCEPTION 'given already' USING ERRCODE = 'CP409';
    END IF;
    UPDATE directory_child c SET live_until = today
        WHERE c.id = child AND c.live_until > today AND c.shielded
          AND hidden.authority_of(c.id) = hidden.officers_authority(officer, at);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    END IF;
    UPDATE hidden.shield_decision d SET void = true
        WHERE d.child_id = child AND d.kind = 'lift' AND d.done_at IS NULL AND NOT d.void;
    INSERT INTO hidden.sealed_identity (child_id, given_at, destroy_on, due_at, fresh)
        VALUES (child, $2, $6, $5, $4);
    RETURN true;
END $$;

CREATE FUNCTION casework_find_link(custodian bigint, at timestamptz, mark bytea)
RETURNS TABLE (by_sealed bytea, sealed bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM hidden.insist_custodian(custodian, at);
    RETURN QUERY SELECT l.by_sealed, l.sealed FROM hidden.identity_link l
        WHERE l.by_sealed = mark OR l.by_fresh = mark LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no link' USING ERRCODE = 'CP404';
    END IF;
END $$;

CREATE FUNCTION casework_list_sealed_rows(custodian bigint, at timestamptz, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    said jsonb;
BEGIN
    PERFORM hidden.insist_custodian(custodian, at);
    SELECT jsonb_agg(jsonb_build_object('id', q.id, 'supplied_at', q.supplied_at) ORDER BY q.supplied_at, q.id)
        INTO said FROM (SELECT * FROM hidden.sealed_question WHERE decision IS NULL
            ORDER BY supplied_at, id LIMIT most) q;
    RETURN coalesce(said, '[]');
END $$;

CREATE FUNCTION casework_read_sealed_row(custodian bigint, at timestamptz, which bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    said jsonb;
BEGIN
    PERFORM hidden.insist_custodian(custodian, at);
    SELECT jsonb_build_object('id', q.id, 'supplied_at', q.supplied_at, 'sealed', encode(q.sealed, 'escape'),
            'likeness', encode(i.likeness, 'escape')) INTO said
        FROM hidden.sealed_question q JOIN hidden.sealed_identity i ON i.child_id = q.child_id
        WHERE q.id = which AND q.decision IS NULL;
    IF said IS NULL THEN
        RAISE EXCEPTION 'no such row' USING ERRCODE = 'CP404';
    END IF;
    RETURN said;
END $$;

CREATE FUNCTION casework_decide_sealed_row(custodian bigint, at timestamptz, which bigint, decision text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM hidden.insist_custodian(custodian, at);
    UPDATE hidden.sealed_question q SET decision = $4, decided_by = $1 WHERE q.id = $3 AND q.decision IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'decided already' USING ERRCODE = 'CP409';
    END IF;
    RETURN true;
END $$;

-- A shield also goes with a record that is sealed: nothing of it is left that could be shown.
CREATE OR REPLACE FUNCTION hidden.keep_shield() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.child_id::text <> ALL (string_to_array(coalesce(current_setting('contactpoint.lifted', true), ''), ','))
        AND EXISTS (SELECT 1 FROM directory_child c WHERE c.id = OLD.child_id)
        AND NOT EXISTS (SELECT 1 FROM hidden.shield s WHERE s.child_id = OLD.child_id)
        AND NOT EXISTS (SELECT 1 FROM hidden.archived_record a WHERE a.child_id = OLD.child_id)
        AND NOT EXISTS (SELECT 1 FROM hidden.sealed_identity i WHERE i.child_id = OLD.child_id AND i.sealed IS NOT NULL)
    THEN
        RAISE EXCEPTION 'a shield goes only by the decision of a shielding officer' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
"""
NAMES = (
    "casework_give_identity(bigint, timestamptz, bigint, bytea, timestamptz, date)",
    "casework_find_link(bigint, timestamptz, bytea)",
    "casework_list_sealed_rows(bigint, timestamptz, integer)",
    "casework_read_sealed_row(bigint, timestamptz, bigint)",
    "casework_decide_sealed_row(bigint, timestamptz, bigint, text)",
)
INNER = ("hidden.insist_custodian(bigint, timestamptz)",)
RIGHTS = (
    "GRANT CREATE ON SCHEMA public TO contactpoint_hidden;\n"
    + "".join(f"ALTER FUNCTION {name} OWNER TO contactpoint_hidden;\n" for name in (*INNER, *NAMES))
    + "REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;\nSET ROLE contactpoint_hidden;\n"
    + "".join(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC;\n" for name in (*INNER, *NAMES))
    + "".join(f"GRANT EXECUTE ON FUNCTION {name} TO contactpoint_app;\n" for name in NAMES)
    + "RESET ROLE;\n"
)
DROP = "".join(f"DROP FUNCTION {name};\n" for name in (*NAMES, *INNER))


class Migration(migrations.Migration):
    dependencies = [("casework", "0008_marked_rows"), ("directory", "0007_sealed")]

    operations = [migrations.RunSQL(DOOR + RIGHTS, DROP)]
