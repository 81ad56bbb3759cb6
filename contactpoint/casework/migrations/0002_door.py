"""The hidden door for shielding cases: the only way by which the server reaches them (SHI-9).

Each function asks the table of roles whether the account is a shielding officer now, and of which authority;
what belongs to another authority's officers does not exist for it.
What it hands out it logs itself, with the same bytes as `audit.canonical` makes; decisions are logged by the caller.
SQLSTATE CP403, CP404, CP409: not allowed, not found, changed in the meantime.
"""

from django.db import migrations

INNER = """
CREATE FUNCTION hidden.authority_of(child bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(s.authority, c.authority)
    FROM directory_child c LEFT JOIN hidden.shield s ON s.child_id = c.id WHERE c.id = $1
$$;

CREATE FUNCTION hidden.officers_authority(account bigint, at timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found text;
BEGIN
    SELECT g.authority INTO found FROM access_rolegrant g
        WHERE g.account_id = $1 AND g.role = 'shielding-officer' AND g.valid_from <= $2
          AND (g.valid_to IS NULL OR g.valid_to > $2) ORDER BY g.id LIMIT 1;
    IF found IS NULL THEN
        RAISE EXCEPTION 'not a shielding officer' USING ERRCODE = 'CP403';
    END IF;
    RETURN found;
END $$;

-- What everybody may see of a child (SHI-2).
CREATE FUNCTION hidden.say_child(child bigint) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object('id', c.id, 'given_names', c.given_names, 'family_name', c.family_name,
        'birth_date', c.birth_date, 'gender', c.gender, 'shielded', c.shielded)
    FROM directory_child c WHERE c.id = $1
$$;

CREATE FUNCTION hidden.say_account(account bigint, organisation bigint) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object('name', a.name, 'job_title', a.job_title, 'organisation', o.name)
    FROM access_account a, access_organisation o WHERE a.id = $1 AND o.id = $2
$$;

-- The same bytes as audit/canonical.py; a test holds them equal.
CREATE FUNCTION hidden.log_handed_out(actor jsonb, at timestamptz, children bigint[], shown text, which bigint)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    body bytea;
    event bigint;
BEGIN
    children := ARRAY(SELECT DISTINCT unnest(coalesce(children, ARRAY[]::bigint[])) ORDER BY 1);
    PERFORM audit_ready_month(($2 AT TIME ZONE 'UTC')::date);
    body := convert_to(format(
        '{"account":%s,"address":%s,"at":"%s","children":[%s],"door":%s,"facts":{"shown":%s%s},'
        '"kind":"hidden-opened","on_behalf_of":%s,"organisation":%s,"purpose":"","refused":false,'
        '"rules":%s,"sealed":"","v":1}',
        actor ->> 'account', to_json(actor ->> 'address'),
        to_char($2 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00',
        array_to_string(children, ','), to_json(actor ->> 'door'), to_json(shown),
        CASE WHEN which IS NULL THEN '' ELSE ',"which":' || which END,
        coalesce(actor ->> 'on_behalf_of', 'null'), actor ->> 'organisation', to_json(actor ->> 'rules')
    ), 'UTF8');
    INSERT INTO audit_event (at, kind, refused, account_id, organisation_id, purpose, body, digest, sealed)
        VALUES ($2, 'hidden-opened', false, (actor ->> 'account')::bigint, (actor ->> 'organisation')::bigint,
            '', body, sha256('\\x00'::bytea || body), ''::bytea)
        RETURNING id INTO event;
    INSERT INTO audit_event_child (event_id, child_id, at)
        SELECT event, child, $2 FROM unnest(children) AS child;
END $$;
"""

ASKING = """
-- SHI-4. An urgent request also stops a lifting that was decided and not yet carried out.
CREATE FUNCTION casework_request_shield(
    child bigint, ground text, urgent boolean, sealed bytea, account bigint, organisation bigint,
    at timestamptz, review_on date
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    INSERT INTO hidden.shield_request
        (child_id, ground, urgent, sealed, requested_by, organisation_id, requested_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id INTO made;
    IF $3 THEN
        UPDATE hidden.shield_decision d SET void = true
            WHERE d.child_id = $1 AND d.kind = 'lift' AND d.done_at IS NULL AND NOT d.void;
        IF FOUND THEN
            UPDATE hidden.shield s SET provisional = true, ground = $2, review_on = $8,
                requested_by = 'request ' || made WHERE s.child_id = $1;
        END IF;
    END IF;
    RETURN made;
END $$;

CREATE FUNCTION casework_pass_message(
    child bigint, sealed bytea, account bigint, organisation bigint, at timestamptz
) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO hidden.shield_message (child_id, sealed, sent_by, organisation_id, sent_at)
    VALUES ($1, $2, $3, $4, $5) RETURNING id
$$;

-- SHI-5: questions that others would answer belong to the shielding officer from now on.
CREATE FUNCTION casework_hold_rows_near(child bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE hidden.waiting_row w SET why = 'near-shield'
    WHERE w.why <> 'near-shield'
      AND (w.candidates -> 'children') @> jsonb_build_array(jsonb_build_object('child', $1))
      AND EXISTS (SELECT 1 FROM hidden.shield s WHERE s.child_id = $1)
$$;
"""

READING = """
CREATE FUNCTION hidden.say_request(r hidden.shield_request) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object('id', ($1).id, 'child', hidden.say_child(($1).child_id), 'ground', ($1).ground,
        'urgent', ($1).urgent, 'requested_at', ($1).requested_at, 'outcome', coalesce(($1).outcome, ''),
        'requester', hidden.say_account(($1).requested_by, ($1).organisation_id),
        'requested_by', ($1).requested_by,
        'ours', (SELECT s.requested_by = 'request ' || ($1).id FROM hidden.shield s
            WHERE s.child_id = ($1).child_id AND s.provisional))
$$;

CREATE FUNCTION hidden.say_shield(s hidden.shield) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object('id', ($1).id, 'child', hidden.say_child(($1).child_id), 'ground', ($1).ground,
        'provisional', ($1).provisional, 'requested_by', ($1).requested_by, 'applied_at', ($1).applied_at,
        'review_on', ($1).review_on,
        'lifting', EXISTS (SELECT 1 FROM hidden.shield_decision d WHERE d.child_id = ($1).child_id
            AND d.kind = 'lift' AND d.done_at IS NULL AND NOT d.void),
        'seen', coalesce((SELECT max(d.id) FROM hidden.shield_decision d WHERE d.child_id = ($1).child_id), 0))
$$;

CREATE FUNCTION hidden.say_held(w hidden.waiting_row, mine text) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object('id', ($1).id, 'supplied_at', ($1).supplied_at,
        'supplier', (SELECT p.name FROM directory_supplier p WHERE p.code = ($1).supplier_id),
        'near', (SELECT jsonb_agg(hidden.say_child(s.child_id) ORDER BY s.child_id) FROM hidden.shield s
            WHERE s.authority = $2 AND s.child_id IN (
                SELECT (c ->> 'child')::bigint FROM jsonb_array_elements(($1).candidates -> 'children') c)))
$$;

CREATE FUNCTION hidden.find_held(mine text) RETURNS SETOF hidden.waiting_row
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT w.* FROM hidden.waiting_row w
    WHERE w.why = 'near-shield'
      AND EXISTS (SELECT 1 FROM jsonb_array_elements(w.candidates -> 'children') c
          JOIN hidden.shield s ON s.child_id = (c ->> 'child')::bigint WHERE s.authority = $1)
      AND NOT EXISTS (SELECT 1 FROM hidden.shield_decision d WHERE d.row_id = w.id AND d.kind = 'belongs')
$$;

CREATE FUNCTION casework_read_queue(actor jsonb, at timestamptz, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.officers_authority((actor ->> 'account')::bigint, at);
    requests jsonb;
    held jsonb;
    messages jsonb;
    children bigint[];
BEGIN
    SELECT jsonb_agg(hidden.say_request(r) ORDER BY r.urgent DESC, r.requested_at, r.id),
           array_agg(r.child_id) INTO requests, children
        FROM (SELECT q.* FROM hidden.shield_request q WHERE q.outcome IS NULL
            AND hidden.authority_of(q.child_id) = mine
            ORDER BY q.urgent DESC, q.requested_at, q.id LIMIT most) r;
    SELECT jsonb_agg(hidden.say_held(w, mine) ORDER BY w.supplied_at, w.id) INTO held
        FROM (SELECT * FROM hidden.find_held(mine) ORDER BY supplied_at, id LIMIT most) w;
    SELECT jsonb_agg(jsonb_build_object('id', m.id, 'child', hidden.say_child(m.child_id), 'sent_at', m.sent_at,
            'sender', hidden.say_account(m.sent_by, m.organisation_id)) ORDER BY m.sent_at, m.id),
           children || array_agg(m.child_id) INTO messages, children
        FROM (SELECT q.* FROM hidden.shield_message q WHERE q.answered_at IS NULL
            AND hidden.authority_of(q.child_id) = mine ORDER BY q.sent_at, q.id LIMIT most) m;
    children := coalesce(children, ARRAY[]::bigint[]) || coalesce((
        SELECT array_agg((near ->> 'id')::bigint)
        FROM jsonb_array_elements(held) h, jsonb_array_elements(h -> 'near') near), ARRAY[]::bigint[]);
    PERFORM hidden.log_handed_out(actor, at, children, 'shielding-queue', NULL);
    RETURN jsonb_build_object('authority', mine, 'requests', coalesce(requests, '[]'),
        'held', coalesce(held, '[]'), 'messages', coalesce(messages, '[]'),
        'overdue', (SELECT count(*) FROM hidden.shield s
            WHERE s.authority = mine AND s.review_on < (at AT TIME ZONE 'Europe/London')::date),
        'shields', (SELECT count(*) FROM hidden.shield s WHERE s.authority = mine));
END $$;

CREATE FUNCTION casework_read_shields(actor jsonb, at timestamptz, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.officers_authority((actor ->> 'account')::bigint, at);
    said jsonb;
    children bigint[];
BEGIN
    SELECT jsonb_agg(hidden.say_shield(s) ORDER BY s.review_on, s.id), array_agg(s.child_id) INTO said, children
        FROM (SELECT * FROM hidden.shield WHERE authority = mine ORDER BY review_on, id LIMIT most) s;
    PERFORM hidden.log_handed_out(actor, at, children, 'shields', NULL);
    RETURN coalesce(said, '[]');
END $$;

CREATE FUNCTION casework_read_one(actor jsonb, at timestamptz, what text, which bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.officers_authority((actor ->> 'account')::bigint, at);
    said jsonb;
    children bigint[];
BEGIN
    IF what = 'request' THEN
        SELECT hidden.say_request(r) || jsonb_build_object('sealed', encode(r.sealed, 'base64')),
               ARRAY[r.child_id] INTO said, children
            FROM hidden.shield_request r WHERE r.id = which AND hidden.authority_of(r.child_id) = mine;
    ELSIF what = 'shield' THEN
        SELECT hidden.say_shield(s), ARRAY[s.child_id] INTO said, children
            FROM hidden.shield s WHERE s.id = which AND s.authority = mine;
    ELSIF what = 'message' THEN
        SELECT jsonb_build_object('id', m.id, 'child', hidden.say_child(m.child_id), 'sent_at', m.sent_at,
                'sender', hidden.say_account(m.sent_by, m.organisation_id), 'answered_at', m.answered_at,
                'sealed', encode(m.sealed, 'base64')), ARRAY[m.child_id] INTO said, children
            FROM hidden.shield_message m WHERE m.id = which AND hidden.authority_of(m.child_id) = mine;
    ELSIF what = 'held' THEN
        SELECT hidden.say_held(w, mine) || jsonb_build_object('content', w.content, 'sensitive', w.sensitive IS NOT NULL)
            INTO said FROM hidden.find_held(mine) w WHERE w.id = which;
        SELECT array_agg((near ->> 'id')::bigint) INTO children FROM jsonb_array_elements(said -> 'near') near;
    ELSIF what = 'child' THEN
        SELECT hidden.say_child(which), ARRAY[which] INTO said, children
            WHERE hidden.authority_of(which) = mine;
    END IF;
    IF said IS NULL THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    END IF;
    PERFORM hidden.log_handed_out(actor, at, children, what, which);
    RETURN said;
END $$;
"""

DECIDING = """
-- Gives child, decision, and whether the provisional shield that the request brought is to be lifted.
CREATE FUNCTION casework_decide_request(
    officer bigint, at timestamptz, request bigint, verdict text, ground text, review_on date,
    OUT child bigint, OUT decision bigint, OUT lift bigint, OUT was_shielded boolean
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.officers_authority(officer, at);
    asked hidden.shield_request;
    rival bigint;
BEGIN
    SELECT * INTO asked FROM hidden.shield_request r WHERE r.id = request FOR UPDATE;
    IF asked.id IS NULL OR hidden.authority_of(asked.child_id) <> mine THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    ELSIF asked.outcome IS NOT NULL THEN
        RAISE EXCEPTION 'decided already' USING ERRCODE = 'CP409';
    END IF;
    child := asked.child_id;
    UPDATE hidden.shield_request r SET outcome = verdict, decided_by = officer, decided_at = $2
        WHERE r.id = request;
    INSERT INTO hidden.shield_decision (kind, child_id, request_id, ground, review_on, decided_by, decided_at)
        VALUES (verdict, child, request, $5, $6, officer, $2) RETURNING id INTO decision;
    SELECT c.shielded INTO was_shielded FROM directory_child c WHERE c.id = child;
    IF verdict = 'confirm' THEN
        UPDATE hidden.shield s SET provisional = false, ground = $5, review_on = $6, applied_by = officer,
            requested_by = 'request ' || request WHERE s.child_id = asked.child_id;
        UPDATE hidden.shield_decision d SET void = true
            WHERE d.child_id = asked.child_id AND d.kind = 'lift' AND d.done_at IS NULL AND NOT d.void;
        RETURN;
    END IF;
    SELECT min(r.id) INTO rival FROM hidden.shield_request r
        WHERE r.child_id = asked.child_id AND r.urgent AND r.outcome IS NULL;
    IF rival IS NOT NULL THEN
        UPDATE hidden.shield s SET requested_by = 'request ' || rival
            WHERE s.child_id = asked.child_id AND s.provisional AND s.requested_by = 'request ' || request;
    ELSIF EXISTS (SELECT 1 FROM hidden.shield s WHERE s.child_id = asked.child_id AND s.provisional
            AND s.requested_by = 'request ' || request) THEN
        INSERT INTO hidden.shield_decision (kind, child_id, request_id, ground, decided_by, decided_at)
            VALUES ('lift', child, request, $5, officer, $2)
            ON CONFLICT DO NOTHING RETURNING id INTO lift;
    END IF;
END $$;

-- A shield on an officer's own initiative; the caller then shields the child.
CREATE FUNCTION casework_decide_to_shield(officer bigint, at timestamptz, child bigint, ground text, review_on date)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.officers_authority(officer, at);
    decision bigint;
    known boolean;
BEGIN
    SELECT c.shielded INTO known FROM directory_child c WHERE c.id = $3 FOR UPDATE;
    IF known IS NULL OR hidden.authority_of($3) <> mine THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    ELSIF known THEN
        RAISE EXCEPTION 'shielded already' USING ERRCODE = 'CP409';
    END IF;
    INSERT INTO hidden.shield_decision (kind, child_id, ground, review_on, decided_by, decided_at)
        VALUES ('apply', $3, $4, $5, officer, $2) RETURNING id INTO decision;
    RETURN decision;
END $$;

-- `seen` is the last decision that the officer was shown: a newer one is a colleague's.
CREATE FUNCTION casework_decide_shield(
    officer bigint, at timestamptz, shield bigint, seen bigint, verdict text, ground text, review_on date,
    OUT child bigint, OUT decision bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.officers_authority(officer, at);
BEGIN
    IF verdict NOT IN ('renew', 'lift') THEN
        RAISE EXCEPTION 'no such decision' USING ERRCODE = 'CP404';
    END IF;
    SELECT s.child_id INTO child FROM hidden.shield s WHERE s.id = shield AND s.authority = mine FOR UPDATE;
    IF child IS NULL THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    ELSIF EXISTS (SELECT 1 FROM hidden.shield_decision d
            WHERE d.child_id = casework_decide_shield.child AND d.id > seen) THEN
        RAISE EXCEPTION 'decided meanwhile' USING ERRCODE = 'CP409';
    END IF;
    INSERT INTO hidden.shield_decision (kind, child_id, ground, review_on, decided_by, decided_at)
        VALUES (verdict, child, $6, $7, officer, $2) RETURNING id INTO decision;
    IF verdict = 'renew' THEN
        UPDATE hidden.shield s SET provisional = false, ground = $6, review_on = $7, applied_by = officer
            WHERE s.id = shield;
        UPDATE hidden.shield_decision d SET void = true WHERE d.child_id = casework_decide_shield.child
            AND d.kind = 'lift' AND d.done_at IS NULL AND NOT d.void;
    END IF;
END $$;

-- Whether the row may now be published is for the worker to see: another authority may have a child near it.
CREATE FUNCTION casework_decide_held(officer bigint, at timestamptz, held bigint, verdict text, chosen bigint)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.officers_authority(officer, at);
    decision bigint;
BEGIN
    PERFORM 1 FROM hidden.waiting_row w WHERE w.id = held FOR UPDATE;
    IF NOT EXISTS (SELECT 1 FROM hidden.find_held(mine) w WHERE w.id = held) THEN
        IF EXISTS (SELECT 1 FROM hidden.shield_decision d WHERE d.row_id = held) THEN
            RAISE EXCEPTION 'decided already' USING ERRCODE = 'CP409';
        END IF;
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    ELSIF verdict = 'belongs' AND NOT EXISTS (
            SELECT 1 FROM hidden.waiting_row w, jsonb_array_elements(w.candidates -> 'children') c
            JOIN hidden.shield s ON s.child_id = (c ->> 'child')::bigint AND s.authority = mine
            WHERE w.id = held AND s.child_id = chosen) THEN
        RAISE EXCEPTION 'not a child near this row' USING ERRCODE = 'CP404';
    END IF;
    INSERT INTO hidden.shield_decision (kind, row_id, child_id, ground, decided_by, decided_at)
        VALUES (verdict, held, chosen, 'compared', officer, $2) RETURNING id INTO decision;
    IF verdict = 'another' THEN
        UPDATE hidden.waiting_row w SET candidates = jsonb_set(w.candidates, '{children}', coalesce((
            SELECT jsonb_agg(c) FROM jsonb_array_elements(w.candidates -> 'children') c
            WHERE NOT EXISTS (SELECT 1 FROM hidden.shield s
                WHERE s.child_id = (c ->> 'child')::bigint AND s.authority = mine)), '[]'))
            WHERE w.id = held;
    END IF;
    RETURN decision;
END $$;

CREATE FUNCTION casework_answer_message(officer bigint, at timestamptz, message bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.officers_authority(officer, at);
    about bigint;
    done timestamptz;
BEGIN
    SELECT m.child_id, m.answered_at INTO about, done FROM hidden.shield_message m
        WHERE m.id = message AND hidden.authority_of(m.child_id) = mine FOR UPDATE;
    IF about IS NULL THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    ELSIF done IS NOT NULL THEN
        RAISE EXCEPTION 'answered already' USING ERRCODE = 'CP409';
    END IF;
    UPDATE hidden.shield_message m SET answered_by = officer, answered_at = $2 WHERE m.id = message;
    RETURN about;
END $$;
"""

DOORS = """
    casework_request_shield(bigint, text, boolean, bytea, bigint, bigint, timestamptz, date);
    casework_pass_message(bigint, bytea, bigint, bigint, timestamptz);
    casework_hold_rows_near(bigint);
    casework_read_queue(jsonb, timestamptz, integer);
    casework_read_shields(jsonb, timestamptz, integer);
    casework_read_one(jsonb, timestamptz, text, bigint);
    casework_decide_request(bigint, timestamptz, bigint, text, text, date);
    casework_decide_to_shield(bigint, timestamptz, bigint, text, date);
    casework_decide_shield(bigint, timestamptz, bigint, bigint, text, text, date);
    casework_decide_held(bigint, timestamptz, bigint, text, bigint);
    casework_answer_message(bigint, timestamptz, bigint);
"""
NAMES = [line.strip().rstrip(";") for line in DOORS.strip().splitlines()]
INNER_NAMES = [
    "hidden.say_held(hidden.waiting_row, text)",
    "hidden.find_held(text)",
    "hidden.say_shield(hidden.shield)",
    "hidden.say_request(hidden.shield_request)",
    "hidden.log_handed_out(jsonb, timestamptz, bigint[], text, bigint)",
    "hidden.say_account(bigint, bigint)",
    "hidden.say_child(bigint)",
    "hidden.officers_authority(bigint, timestamptz)",
    "hidden.authority_of(bigint)",
]

RIGHTS = (
    """
GRANT SELECT ON access_rolegrant, access_account, access_organisation, directory_supplier TO contactpoint_hidden;
GRANT EXECUTE ON FUNCTION audit_ready_month(date) TO contactpoint_hidden;
GRANT CREATE ON SCHEMA public TO contactpoint_hidden;
"""
    + "".join(f"ALTER FUNCTION {name} OWNER TO contactpoint_hidden;\n" for name in (*INNER_NAMES, *NAMES))
    + "REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;\nSET ROLE contactpoint_hidden;\n"
    + "".join(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC;\n" for name in (*INNER_NAMES, *NAMES))
    + "".join(f"GRANT EXECUTE ON FUNCTION {name} TO contactpoint_app;\n" for name in NAMES)
    + "RESET ROLE;\n"
)

DROP = "".join(f"DROP FUNCTION {name};\n" for name in (*NAMES, *INNER_NAMES))


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_tables"), ("access", "0001_initial"), ("audit", "0001_initial")]

    operations = [migrations.RunSQL(INNER + ASKING + READING + DECIDING + RIGHTS, DROP)]
