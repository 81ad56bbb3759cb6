"""The door of moves between authorities (REC-6).

Of an open child it is the data managers' business, of a shielded one the shielding officers': nobody else learns
where a shielded child goes (SHI-2). What the authority answers for goes along: the shield, its cases, questions.
SQLSTATE as in 0002_door.
"""

from django.db import migrations

DOOR = """
CREATE FUNCTION hidden.movers_authority(account bigint, at timestamptz, is_shielded boolean) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN CASE WHEN $3 THEN hidden.officers_authority($1, $2) ELSE hidden.managers_authority($1, $2) END;
END $$;

CREATE FUNCTION hidden.insist_open_authority(wanted text, at timestamptz) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM directory_authorityopening o WHERE o.authority = $1
            AND o.searchable_from <= ($2 AT TIME ZONE 'Europe/London')::date) THEN
        RAISE EXCEPTION 'that authority is not open' USING ERRCODE = 'CP404';
    END IF;
END $$;

CREATE FUNCTION casework_propose_move(actor jsonb, at timestamptz, child bigint, wanted text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who bigint := (actor ->> 'account')::bigint;
    today date := (at AT TIME ZONE 'Europe/London')::date;
    held directory_child;
    mine text;
    responsible text;
    made bigint;
BEGIN
    SELECT * INTO held FROM directory_child c WHERE c.id = $3 AND c.live_until > today FOR UPDATE;
    -- Before anything is said of the child: the same refusal whether there is one or not.
    mine := hidden.movers_authority(who, at, coalesce(held.shielded, false));
    responsible := hidden.authority_of(held.id);
    IF held.id IS NULL OR responsible = wanted OR mine NOT IN (responsible, wanted)
        OR (held.shielded AND mine <> responsible) THEN
        RAISE EXCEPTION 'no business of this authority' USING ERRCODE = 'CP404';
    END IF;
    PERFORM hidden.insist_open_authority(wanted, at);
    INSERT INTO hidden.move (child_id, from_authority, to_authority, proposed_for, proposed_by, proposed_at)
        VALUES (held.id, responsible, wanted, mine, who, at)
        ON CONFLICT (child_id) WHERE outcome IS NULL DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
        RAISE EXCEPTION 'proposed already' USING ERRCODE = 'CP409';
    END IF;
    RETURN made;
END $$;

CREATE FUNCTION hidden.say_move(m hidden.move, mine text) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object('id', ($1).id, 'child', hidden.say_child(($1).child_id),
        'from', ($1).from_authority, 'to', ($1).to_authority, 'proposed_at', ($1).proposed_at,
        'is_by_address', ($1).proposed_by IS NULL,
        'is_ours', ($1).proposed_for = $2, 'outcome', ($1).outcome, 'why', ($1).why, 'decided_at', ($1).decided_at,
        'proposed_by', coalesce((SELECT a.name FROM access_account a WHERE a.id = ($1).proposed_by), ''),
        'decided_by', coalesce((SELECT a.name FROM access_account a WHERE a.id = ($1).decided_by), ''))
$$;

CREATE FUNCTION casework_read_moves(actor jsonb, at timestamptz, since timestamptz, most integer) RETURNS jsonb
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
    SELECT jsonb_agg(hidden.say_move(m, coalesce(open_ones, shielded_ones))
               ORDER BY m.outcome IS NOT NULL, coalesce(m.decided_at, m.proposed_at), m.id),
           array_agg(m.child_id) INTO said, children
        FROM (SELECT q.* FROM hidden.move q JOIN directory_child c ON c.id = q.child_id
            WHERE CASE WHEN c.shielded THEN shielded_ones ELSE open_ones END IN (q.from_authority, q.to_authority)
              AND (q.outcome IS NULL OR q.decided_at >= since)
            ORDER BY q.outcome IS NOT NULL, coalesce(q.decided_at, q.proposed_at), q.id LIMIT most) m;
    PERFORM hidden.log_handed_out(actor, at, children, 'moves', NULL);
    RETURN jsonb_build_object('authority', coalesce(open_ones, shielded_ones), 'moves', coalesce(said, '[]'));
END $$;

CREATE FUNCTION hidden.granted_authority(account bigint, at timestamptz, role text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT g.authority FROM access_rolegrant g WHERE g.account_id = $1 AND g.role = $3
      AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2) ORDER BY g.id LIMIT 1
$$;

CREATE FUNCTION hidden.lock_move(account bigint, at timestamptz, which bigint, is_own boolean) RETURNS hidden.move
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found hidden.move;
    is_shielded boolean;
    mine text;
BEGIN
    SELECT m.* INTO found FROM hidden.move m WHERE m.id = which;
    SELECT c.shielded INTO is_shielded FROM directory_child c WHERE c.id = found.child_id FOR UPDATE;
    mine := hidden.movers_authority(account, at, coalesce(is_shielded, false));
    SELECT m.* INTO found FROM hidden.move m WHERE m.id = which FOR UPDATE;
    IF found.id IS NULL OR mine NOT IN (found.from_authority, found.to_authority)
        OR (found.proposed_for = mine) <> is_own THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    ELSIF found.outcome IS NOT NULL OR hidden.authority_of(found.child_id) <> found.from_authority THEN
        RAISE EXCEPTION 'decided already' USING ERRCODE = 'CP409';
    END IF;
    RETURN found;
END $$;

-- With the child go the shield, and whatever asks whose it is; questions about it are put to the new authority.
CREATE FUNCTION casework_decide_move(reader bigint, at timestamptz, which bigint, why text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held hidden.move := hidden.lock_move(reader, at, which, false);
BEGIN
    UPDATE hidden.move m SET outcome = CASE WHEN $4 = '' THEN 'accepted' ELSE 'rejected' END, why = $4,
        decided_by = reader, decided_at = $2 WHERE m.id = which;
    IF $4 = '' THEN
        PERFORM hidden.insist_open_authority(held.to_authority, at);
        UPDATE directory_child c SET authority = held.to_authority, searchable_from = (
                SELECT o.searchable_from FROM directory_authorityopening o WHERE o.authority = held.to_authority)
            WHERE c.id = held.child_id AND NOT c.shielded;
        UPDATE hidden.shield s SET authority = held.to_authority WHERE s.child_id = held.child_id;
        UPDATE hidden.waiting_row w SET candidates = w.candidates
            WHERE (w.candidates -> 'children') @> jsonb_build_array(jsonb_build_object('child', held.child_id));
    END IF;
    RETURN held.child_id;
END $$;

CREATE FUNCTION casework_withdraw_move(reader bigint, at timestamptz, which bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held hidden.move := hidden.lock_move(reader, at, which, true);
BEGIN
    UPDATE hidden.move m SET outcome = 'withdrawn', decided_by = reader, decided_at = $2 WHERE m.id = which;
    RETURN held.child_id;
END $$;
"""

DOORS = (
    "casework_propose_move(jsonb, timestamptz, bigint, text)",
    "casework_read_moves(jsonb, timestamptz, timestamptz, integer)",
    "casework_decide_move(bigint, timestamptz, bigint, text)",
    "casework_withdraw_move(bigint, timestamptz, bigint)",
)
INNER = (
    "hidden.lock_move(bigint, timestamptz, bigint, boolean)",
    "hidden.say_move(hidden.move, text)",
    "hidden.granted_authority(bigint, timestamptz, text)",
    "hidden.insist_open_authority(text, timestamptz)",
    "hidden.movers_authority(bigint, timestamptz, boolean)",
)
RIGHTS = (
    "GRANT SELECT ON directory_authorityopening TO contactpoint_hidden;\n"
    "GRANT CREATE ON SCHEMA public TO contactpoint_hidden;\n"
    + "".join(f"ALTER FUNCTION {name} OWNER TO contactpoint_hidden;\n" for name in (*INNER, *DOORS))
    + "REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;\nSET ROLE contactpoint_hidden;\n"
    + "".join(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC;\n" for name in (*INNER, *DOORS))
    + "".join(f"GRANT EXECUTE ON FUNCTION {name} TO contactpoint_app;\n" for name in DOORS)
    + "RESET ROLE;\n"
)
DROP = "".join(f"DROP FUNCTION {name};\n" for name in (*DOORS, *INNER))


class Migration(migrations.Migration):
    dependencies = [("casework", "0011_archive"), ("directory", "0012_moves"), ("intake", "0002_questions")]

    operations = [migrations.RunSQL(DOOR + RIGHTS, DROP)]
