"""The door of leavers: left England, died, or stays on after 18 (REC-1, REC-9).

Of an open child it is the data managers' business, of a shielded one the shielding officers'.
SQLSTATE as in 0002_door.
"""

from django.db import migrations

DOOR = """
CREATE FUNCTION casework_report_ending(
    actor jsonb, at timestamptz, child bigint, kind text, happened_on date, intent text, source text,
    obtained_by_role text, obtained_on date, is_confirmed boolean
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    who bigint := (actor ->> 'account')::bigint;
    held directory_child;
    made bigint;
BEGIN
    SELECT * INTO held FROM directory_child c
        WHERE c.id = $3 AND c.live_until > ($2 AT TIME ZONE 'Europe/London')::date FOR UPDATE;
    IF hidden.movers_authority(who, at, coalesce(held.shielded, false)) IS DISTINCT FROM hidden.authority_of(held.id) THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    END IF;
    INSERT INTO hidden.ending (child_id, kind, happened_on, intent, source, obtained_by_role, obtained_on,
            reported_by, reported_at, in_force_at, confirmed_by)
        VALUES (held.id, $4, $5, $6, $7, $8, $9, who, at,
            CASE WHEN is_confirmed THEN at END, CASE WHEN is_confirmed THEN who END)
        ON CONFLICT (child_id, kind) WHERE ended_at IS NULL DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
        RAISE EXCEPTION 'stated already' USING ERRCODE = 'CP409';
    END IF;
    RETURN made;
END $$;

CREATE FUNCTION casework_read_endings(actor jsonb, at timestamptz, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who bigint := (actor ->> 'account')::bigint;
    open_ones text := hidden.granted_authority(who, at, 'data-manager');
    shielded_ones text := hidden.granted_authority(who, at, 'shielding-officer');
    said jsonb;
    children bigint[];
BEGIN
    IF open_ones IS NULL AND shielded_ones IS NULL THEN
        RAISE EXCEPTION 'neither data manager nor officer' USING ERRCODE = 'CP403';
    END IF;
    SELECT jsonb_agg(jsonb_build_object('id', e.id, 'child', hidden.say_child(e.child_id), 'kind', e.kind,
               'happened_on', e.happened_on, 'intent', e.intent, 'source', e.source, 'reported_at', e.reported_at,
               'reported_by', coalesce((SELECT a.name FROM access_account a WHERE a.id = e.reported_by), ''),
               'is_in_force', e.in_force_at IS NOT NULL)
               ORDER BY e.in_force_at IS NOT NULL, e.reported_at, e.id),
           array_agg(e.child_id) INTO said, children
        FROM (SELECT q.* FROM hidden.ending q JOIN directory_child c ON c.id = q.child_id
            WHERE q.ended_at IS NULL AND hidden.authority_of(c.id) =
                CASE WHEN c.shielded THEN shielded_ones ELSE open_ones END
            ORDER BY q.in_force_at IS NOT NULL, q.reported_at, q.id LIMIT most) e;
    PERFORM hidden.log_handed_out(actor, at, children, 'endings', NULL);
    RETURN coalesce(said, '[]');
END $$;

-- `verdict`: confirm (a reported death), deny (the same), take-back (what was in force).
CREATE FUNCTION casework_settle_ending(reader bigint, at timestamptz, which bigint, verdict text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found hidden.ending;
    is_shielded boolean;
BEGIN
    SELECT e.* INTO found FROM hidden.ending e WHERE e.id = which;
    SELECT c.shielded INTO is_shielded FROM directory_child c WHERE c.id = found.child_id FOR UPDATE;
    SELECT e.* INTO found FROM hidden.ending e WHERE e.id = which FOR UPDATE;
    IF found.id IS NULL OR hidden.movers_authority(reader, at, coalesce(is_shielded, false))
            IS DISTINCT FROM hidden.authority_of(found.child_id) THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    ELSIF found.ended_at IS NOT NULL OR (found.in_force_at IS NULL) <> (verdict IN ('confirm', 'deny')) THEN
        RAISE EXCEPTION 'settled already' USING ERRCODE = 'CP409';
    END IF;
    IF verdict = 'confirm' THEN
        UPDATE hidden.ending e SET in_force_at = $2, confirmed_by = reader WHERE e.id = which;
    ELSE
        UPDATE hidden.ending e SET ended_at = $2, ended_by = reader WHERE e.id = which;
    END IF;
    RETURN found.child_id;
END $$;
"""

DOORS = (
    "casework_report_ending(jsonb, timestamptz, bigint, text, date, text, text, text, date, boolean)",
    "casework_read_endings(jsonb, timestamptz, integer)",
    "casework_settle_ending(bigint, timestamptz, bigint, text)",
)
RIGHTS = (
    "GRANT CREATE ON SCHEMA public TO contactpoint_hidden;\n"
    + "".join(f"ALTER FUNCTION {name} OWNER TO contactpoint_hidden;\n" for name in DOORS)
    + "REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;\nSET ROLE contactpoint_hidden;\n"
    + "".join(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC;\n" for name in DOORS)
    + "".join(f"GRANT EXECUTE ON FUNCTION {name} TO contactpoint_app;\n" for name in DOORS)
    + "RESET ROLE;\n"
)
DROP = "".join(f"DROP FUNCTION {name};\n" for name in DOORS)


class Migration(migrations.Migration):
    dependencies = [("casework", "0013_opening"), ("directory", "0014_endings")]

    operations = [migrations.RunSQL(DOOR + RIGHTS, DROP)]
