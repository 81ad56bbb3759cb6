"""The door by which data managers reach doubtful matches and decide on them (SUP-7, SUP-8).

Each function asks the table of roles whether the account is a data manager now, and of which authority;
what no queue of that authority has does not exist for it.
What it hands out it logs itself; decisions are logged by the caller.
SQLSTATE CP403, CP404, CP409: not allowed, not found, changed in the meantime.
"""

from django.db import migrations

READING = """
CREATE FUNCTION hidden.managers_authority(account bigint, at timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found text;
BEGIN
    SELECT g.authority INTO found FROM access_rolegrant g
        WHERE g.account_id = $1 AND g.role = 'data-manager' AND g.valid_from <= $2
          AND (g.valid_to IS NULL OR g.valid_to > $2) AND g.authority IS NOT NULL ORDER BY g.id LIMIT 1;
    IF found IS NULL THEN
        RAISE EXCEPTION 'not a data manager' USING ERRCODE = 'CP403';
    END IF;
    RETURN found;
END $$;

-- Children that a row may be, as they may be shown: open and live.
CREATE FUNCTION hidden.open_candidates(candidates jsonb, at timestamptz) RETURNS bigint[]
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(array_agg(met.child ORDER BY met.place), ARRAY[]::bigint[])
    FROM (SELECT (c ->> 'child')::bigint AS child, min(place) AS place
          FROM jsonb_array_elements($1 -> 'children') WITH ORDINALITY AS each (c, place) GROUP BY 1) met
    JOIN directory_child c ON c.id = met.child
    WHERE NOT c.shielded AND c.live_until > ($2 AT TIME ZONE 'Europe/London')::date
      AND NOT EXISTS (SELECT 1 FROM hidden.shield s WHERE s.child_id = c.id)
$$;

CREATE FUNCTION casework_read_reviews(actor jsonb, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.managers_authority((actor ->> 'account')::bigint, at);
    said jsonb;
BEGIN
    SELECT jsonb_build_object(
        'authority', mine,
        'waiting', count(*) FILTER (WHERE q.passed_at IS NULL),
        'oldest', min(q.since) FILTER (WHERE q.passed_at IS NULL),
        'day', count(*) FILTER (WHERE q.passed_at IS NULL AND q.since > at - interval '1 day'),
        'week', count(*) FILTER (WHERE q.passed_at IS NULL AND q.since <= at - interval '1 day'
            AND q.since > at - interval '7 days'),
        'older', count(*) FILTER (WHERE q.passed_at IS NULL AND q.since <= at - interval '7 days'),
        'several', count(*) FILTER (WHERE q.passed_at IS NULL AND w.why = 'several'),
        'across', count(*) FILTER (WHERE q.passed_at IS NULL AND EXISTS (
            SELECT 1 FROM hidden.review_queue o WHERE o.row_id = q.row_id AND o.authority <> mine)),
        'passed', count(*) FILTER (WHERE q.passed_at IS NOT NULL))
    INTO said FROM hidden.review_queue q JOIN hidden.waiting_row w ON w.id = q.row_id WHERE q.authority = mine;
    said := said || jsonb_build_object('decided', (
        SELECT count(*) FROM hidden.match_decision d WHERE d.authority = mine AND d.undone_at IS NULL
            AND d.decided_at > at - interval '1 day'));
    PERFORM hidden.log_handed_out(actor, at, NULL, 'matches', NULL);
    RETURN said;
END $$;

-- The next question: not one that a colleague has open just now.
CREATE FUNCTION casework_next_review(account bigint, at timestamptz, behind bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.managers_authority(account, at);
BEGIN
    RETURN (SELECT q.row_id FROM hidden.review_queue q
        WHERE q.authority = mine AND q.passed_at IS NULL AND q.row_id IS DISTINCT FROM behind
          AND NOT EXISTS (SELECT 1 FROM hidden.review_queue o WHERE o.row_id = q.row_id
              AND o.looked_by <> account AND o.looked_at > at - interval '5 minutes')
        ORDER BY q.turn, q.row_id LIMIT 1);
END $$;

CREATE FUNCTION casework_read_review(actor jsonb, at timestamptz, which bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who bigint := (actor ->> 'account')::bigint;
    mine text := hidden.managers_authority(who, at);
    w hidden.waiting_row;
    met bigint[];
    said jsonb;
BEGIN
    SELECT r.* INTO w FROM hidden.waiting_row r JOIN hidden.review_queue q ON q.row_id = r.id
        WHERE r.id = which AND q.authority = mine AND r.why <> 'near-shield';
    IF w.id IS NULL THEN
        IF EXISTS (SELECT 1 FROM hidden.match_decision d WHERE d.row_id = which AND d.authority = mine) THEN
            RAISE EXCEPTION 'decided already' USING ERRCODE = 'CP409';
        END IF;
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    END IF;
    met := hidden.open_candidates(w.candidates, at);
    -- The sector and not the supplier: that a sensitive service supplied a row is nobody's here (SEN-3).
    SELECT jsonb_build_object('id', w.id, 'content', w.content, 'why', w.why, 'supplied_at', w.supplied_at,
        'sector', p.sector, 'children', to_jsonb(met),
        'authorities', (SELECT jsonb_agg(q.authority ORDER BY q.authority) FROM hidden.review_queue q
            WHERE q.row_id = w.id),
        'passed', (SELECT q.passed_at IS NOT NULL FROM hidden.review_queue q
            WHERE q.row_id = w.id AND q.authority = mine),
        'looked_by', (SELECT a.name FROM hidden.review_queue q JOIN access_account a ON a.id = q.looked_by
            WHERE q.row_id = w.id AND q.looked_by <> who AND q.looked_at > at - interval '5 minutes'
            ORDER BY q.looked_at DESC LIMIT 1))
    INTO said FROM directory_supplier p WHERE p.code = w.supplier_id;
    UPDATE hidden.review_queue q SET looked_by = who, looked_at = at
        WHERE q.row_id = which AND q.authority = mine AND said ->> 'looked_by' IS NULL;
    PERFORM hidden.log_handed_out(actor, at, met, 'match', which);
    RETURN said;
END $$;

CREATE FUNCTION casework_read_match_decisions(actor jsonb, at timestamptz, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.managers_authority((actor ->> 'account')::bigint, at);
    said jsonb;
    children bigint[];
BEGIN
    SELECT jsonb_agg(jsonb_build_object('id', d.id, 'verdict', d.verdict, 'decided_at', d.decided_at,
            'decided_by', a.name, 'is_done', d.done_at IS NOT NULL, 'undone_at', d.undone_at,
            'child', hidden.say_child(d.child_id)) ORDER BY d.decided_at DESC, d.id DESC),
        array_agg(d.child_id)
    INTO said, children
    FROM (SELECT m.* FROM hidden.match_decision m JOIN directory_child c ON c.id = m.child_id
          WHERE m.authority = mine AND NOT c.shielded
          ORDER BY m.decided_at DESC, m.id DESC LIMIT most) d
    JOIN access_account a ON a.id = d.decided_by;
    PERFORM hidden.log_handed_out(actor, at, children, 'match-decisions', NULL);
    RETURN coalesce(said, '[]');
END $$;
"""

DECIDING = """
CREATE FUNCTION hidden.lock_review(account bigint, at timestamptz, which bigint) RETURNS hidden.waiting_row
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.managers_authority(account, at);
    w hidden.waiting_row;
BEGIN
    SELECT r.* INTO w FROM hidden.waiting_row r WHERE r.id = which FOR UPDATE;
    IF w.id IS NOT NULL AND w.why <> 'near-shield' AND w.decision IS NULL AND EXISTS (
            SELECT 1 FROM hidden.review_queue q WHERE q.row_id = which AND q.authority = mine) THEN
        RETURN w;
    ELSIF EXISTS (SELECT 1 FROM hidden.match_decision d WHERE d.row_id = which) THEN
        RAISE EXCEPTION 'decided already' USING ERRCODE = 'CP409';
    END IF;
    RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
END $$;

-- Gives the decision, and whether the worker has something to do now: a row that is nobody's any more, or somebody's.
CREATE FUNCTION casework_decide_match(
    account bigint, at timestamptz, which bigint, chosen bigint, said text, OUT decision bigint, OUT ready boolean
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    w hidden.waiting_row := hidden.lock_review(account, at, which);
    remaining jsonb;
BEGIN
    IF NOT chosen = ANY (hidden.open_candidates(w.candidates, at)) THEN
        RAISE EXCEPTION 'asked no more' USING ERRCODE = 'CP409';
    END IF;
    INSERT INTO hidden.match_decision
        (row_id, supplier_id, reference, child_id, verdict, candidates, authority, decided_by, decided_at)
    VALUES (w.id, w.supplier_id, w.reference, chosen, said, w.candidates,
        hidden.managers_authority(account, at), account, at)
    ON CONFLICT (supplier_id, reference, child_id) WHERE undone_at IS NULL
        DO UPDATE SET verdict = excluded.verdict, row_id = excluded.row_id, candidates = excluded.candidates,
            authority = excluded.authority, decided_by = excluded.decided_by, decided_at = excluded.decided_at,
            done_at = NULL
    RETURNING id INTO decision;
    SELECT coalesce(jsonb_agg(c), '[]') INTO remaining FROM jsonb_array_elements(w.candidates -> 'children') c
        WHERE (c ->> 'child')::bigint <> chosen;
    ready := said = 'same' OR cardinality(hidden.open_candidates(
        jsonb_build_object('children', remaining), at)) = 0;
    UPDATE hidden.waiting_row r SET
        decision = CASE WHEN ready THEN casework_decide_match.decision END,
        candidates = CASE WHEN said = 'different' THEN jsonb_set(r.candidates, '{children}', remaining)
            ELSE r.candidates END
        WHERE r.id = which;
    IF NOT ready THEN
        UPDATE hidden.match_decision d SET done_at = at WHERE d.id = casework_decide_match.decision;
    END IF;
END $$;

-- To the other authority, which may send it back: it is always in somebody's queue.
CREATE FUNCTION casework_pass_review(account bigint, at timestamptz, which bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.managers_authority(account, at);
    w hidden.waiting_row := hidden.lock_review(account, at, which);
BEGIN
    IF NOT EXISTS (SELECT 1 FROM hidden.review_queue q WHERE q.row_id = w.id AND q.authority <> mine) THEN
        RAISE EXCEPTION 'no other authority' USING ERRCODE = 'CP404';
    END IF;
    UPDATE hidden.review_queue q SET passed_at = CASE WHEN q.authority = mine THEN at END
        WHERE q.row_id = w.id;
END $$;

CREATE FUNCTION casework_leave_review(account bigint, at timestamptz, which bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.managers_authority(account, at);
    w hidden.waiting_row := hidden.lock_review(account, at, which);
BEGIN
    UPDATE hidden.review_queue q SET turn = at, looked_by = NULL, looked_at = NULL
        WHERE q.row_id = w.id AND q.authority = mine;
END $$;

-- Gives the child. What the decision brought about is taken back by the worker.
CREATE FUNCTION casework_undo_match(account bigint, at timestamptz, which bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.managers_authority(account, at);
    d hidden.match_decision;
BEGIN
    SELECT m.* INTO d FROM hidden.match_decision m WHERE m.id = which AND m.authority = mine FOR UPDATE;
    IF d.id IS NULL OR EXISTS (SELECT 1 FROM directory_child c WHERE c.id = d.child_id AND c.shielded) THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    ELSIF d.undone_at IS NOT NULL OR d.done_at IS NULL THEN
        RAISE EXCEPTION 'not as it was' USING ERRCODE = 'CP409';
    END IF;
    UPDATE hidden.match_decision m SET undone_by = account, undone_at = at, done_at = NULL
        WHERE m.id = which;
    RETURN d.child_id;
END $$;
"""

DOORS = [
    "casework_read_reviews(jsonb, timestamptz)",
    "casework_next_review(bigint, timestamptz, bigint)",
    "casework_read_review(jsonb, timestamptz, bigint)",
    "casework_read_match_decisions(jsonb, timestamptz, integer)",
    "casework_decide_match(bigint, timestamptz, bigint, bigint, text)",
    "casework_pass_review(bigint, timestamptz, bigint)",
    "casework_leave_review(bigint, timestamptz, bigint)",
    "casework_undo_match(bigint, timestamptz, bigint)",
]
INNER = [
    "hidden.lock_review(bigint, timestamptz, bigint)",
    "hidden.open_candidates(jsonb, timestamptz)",
    "hidden.managers_authority(bigint, timestamptz)",
]

RIGHTS = (
    "GRANT CREATE ON SCHEMA public TO contactpoint_hidden;\n"
    + "".join(f"ALTER FUNCTION {name} OWNER TO contactpoint_hidden;\n" for name in (*INNER, *DOORS))
    + "REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;\nSET ROLE contactpoint_hidden;\n"
    + "".join(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC;\n" for name in (*INNER, *DOORS))
    + "".join(f"GRANT EXECUTE ON FUNCTION {name} TO contactpoint_app;\n" for name in DOORS)
    + "RESET ROLE;\n"
)

DROP = "".join(f"DROP FUNCTION {name};\n" for name in (*DOORS, *INNER))


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0002_door"),
        ("intake", "0002_questions"),
    ]

    operations = [migrations.RunSQL(READING + DECIDING + RIGHTS, DROP)]
