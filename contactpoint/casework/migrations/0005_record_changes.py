"""Joining records and parting them: proposed, agreed by everybody responsible, carried out, undone (REC-4, SHI-5).

Who must agree: the data manager of an open record's authority, the shielding officer of a shielded one's.
One person who is both for both records decides alone.
"""

from django.conf import settings
from django.db import migrations

TABLES = """
-- `child_id` is the record that stays, `other` the number that comes or goes.
-- `moved` and `stayed` are rows by supplier and reference, `entries` what practitioners recorded: as it was done.
CREATE TABLE hidden.record_change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('join', 'part')),
    child_id bigint NOT NULL REFERENCES directory_child,
    other bigint,
    authority text NOT NULL,
    known_by text NOT NULL CHECK (known_by <> ''),
    moved jsonb NOT NULL DEFAULT '[]',
    stayed jsonb NOT NULL DEFAULT '[]',
    entries jsonb NOT NULL DEFAULT '{}',
    undoes bigint REFERENCES hidden.record_change,
    needs text[] NOT NULL,
    given text[] NOT NULL,
    proposed_by bigint NOT NULL REFERENCES access_account,
    proposed_at timestamptz NOT NULL,
    agreed_by bigint REFERENCES access_account,
    agreed_at timestamptz,
    declined_by bigint REFERENCES access_account,
    declined_at timestamptz,
    done_at timestamptz,
    undone_at timestamptz,
    CONSTRAINT change_has_another CHECK (kind = 'part' OR other IS NOT NULL),
    CONSTRAINT change_of_two CHECK (other <> child_id)
);
CREATE INDEX hidden_record_change_child ON hidden.record_change (child_id);
CREATE INDEX hidden_record_change_other ON hidden.record_change (other);
CREATE INDEX hidden_record_change_proposed ON hidden.record_change (proposed_at);
"""

INNER = """
CREATE FUNCTION hidden.posts_of(account bigint, at timestamptz) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found text[];
BEGIN
    SELECT array_agg(DISTINCT g.role || ' ' || g.authority) INTO found FROM access_rolegrant g
        WHERE g.account_id = $1 AND g.role IN ('data-manager', 'shielding-officer') AND g.valid_from <= $2
          AND (g.valid_to IS NULL OR g.valid_to > $2) AND g.authority IS NOT NULL;
    IF found IS NULL THEN
        RAISE EXCEPTION 'neither data manager nor shielding officer' USING ERRCODE = 'CP403';
    END IF;
    RETURN found;
END $$;

CREATE FUNCTION hidden.post_for(child bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN c.shielded THEN 'shielding-officer ' ELSE 'data-manager ' END || hidden.authority_of(c.id)
    FROM directory_child c WHERE c.id = $1
$$;

CREATE FUNCTION hidden.is_changing(first bigint, second bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM hidden.record_change m
        WHERE m.done_at IS NULL AND m.declined_at IS NULL AND ARRAY[m.child_id, m.other] && ARRAY[$1, $2])
$$;

CREATE FUNCTION hidden.is_there(child bigint, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM directory_child c
        WHERE c.id = $1 AND c.live_until > ($2 AT TIME ZONE 'Europe/London')::date
          AND NOT EXISTS (SELECT 1 FROM directory_redirect r WHERE r.number_id = c.id))
$$;

CREATE FUNCTION hidden.say_change(m hidden.record_change, posts text[]) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object('id', ($1).id, 'kind', ($1).kind, 'reason', ($1).known_by,
        'survivor', hidden.say_child(($1).child_id), 'other', hidden.say_child(($1).other),
        'proposed_by', (SELECT a.name FROM access_account a WHERE a.id = ($1).proposed_by),
        'proposed_at', ($1).proposed_at, 'done_at', ($1).done_at, 'undone_at', ($1).undone_at,
        'declined_at', ($1).declined_at, 'undoes', ($1).undoes IS NOT NULL,
        'ready', ($1).given @> ($1).needs,
        'may_agree', ($1).done_at IS NULL AND ($1).declined_at IS NULL AND NOT ($1).given @> ($1).needs
            AND EXISTS (SELECT 1 FROM unnest(($1).needs) n WHERE n = ANY ($2) AND NOT n = ANY (($1).given)),
        'may_undo', ($1).done_at IS NOT NULL AND ($1).undone_at IS NULL AND ($1).undoes IS NULL
            AND hidden.post_for(($1).child_id) = ANY ($2))
$$;
"""

READING = """
-- Two records to be compared, of which one at least is the asker's own affair.
CREATE FUNCTION casework_read_two(actor jsonb, at timestamptz, first bigint, second bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    posts text[] := hidden.posts_of((actor ->> 'account')::bigint, at);
    a bigint := directory_survivor(first);
    b bigint := directory_survivor(second);
    needs text[] := ARRAY[hidden.post_for(a), hidden.post_for(b)];
BEGIN
    IF NOT hidden.is_there(a, at) OR NOT hidden.is_there(b, at) OR a = b OR NOT needs && posts THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    END IF;
    PERFORM hidden.log_handed_out(actor, at, ARRAY[a, b], 'two-records', NULL);
    RETURN jsonb_build_object('first', hidden.say_child(a), 'second', hidden.say_child(b),
        'alone', posts @> needs, 'pending', hidden.is_changing(a, b));
END $$;

CREATE FUNCTION casework_read_changes(actor jsonb, at timestamptz, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    posts text[] := hidden.posts_of((actor ->> 'account')::bigint, at);
    said jsonb;
    children bigint[];
BEGIN
    SELECT jsonb_agg(hidden.say_change(m, posts) ORDER BY m.done_at IS NOT NULL, m.proposed_at DESC, m.id DESC),
           array_agg(m.child_id) || array_agg(m.other)
    INTO said, children
    FROM (SELECT r.* FROM hidden.record_change r WHERE r.needs && posts
          ORDER BY r.done_at IS NOT NULL, r.proposed_at DESC, r.id DESC LIMIT most) m;
    PERFORM hidden.log_handed_out(actor, at, array_remove(children, NULL), 'record-changes', NULL);
    RETURN coalesce(said, '[]');
END $$;
"""

DECIDING = """
-- The shielded one of two survives, so that no shield has to move (SHI-5).
CREATE FUNCTION casework_propose_join(
    account bigint, at timestamptz, survivor bigint, other bigint, reason text,
    OUT change bigint, OUT ready boolean
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    posts text[] := hidden.posts_of(account, at);
    a bigint := directory_survivor(survivor);
    b bigint := directory_survivor(other);
    wanted text[];
BEGIN
    PERFORM 1 FROM directory_child c WHERE c.id IN (a, b) ORDER BY c.id FOR UPDATE;
    IF (SELECT c.shielded FROM directory_child c WHERE c.id = b)
            AND NOT (SELECT c.shielded FROM directory_child c WHERE c.id = a) THEN
        SELECT b, a INTO a, b;
    END IF;
    wanted := ARRAY(SELECT DISTINCT unnest(ARRAY[hidden.post_for(a), hidden.post_for(b)]));
    IF NOT hidden.is_there(a, at) OR NOT hidden.is_there(b, at) OR a = b OR NOT wanted && posts THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    ELSIF hidden.is_changing(a, b) THEN
        RAISE EXCEPTION 'another change waits' USING ERRCODE = 'CP409';
    END IF;
    INSERT INTO hidden.record_change AS m
        (kind, child_id, other, authority, known_by, needs, given, proposed_by, proposed_at)
    VALUES ('join', a, b, hidden.authority_of(b), $5, wanted,
        ARRAY(SELECT n FROM unnest(wanted) n WHERE n = ANY (posts)), account, at)
    RETURNING m.id, m.given @> m.needs INTO change, ready;
END $$;

-- Rows and entries of an open record that are another child's: by their ids, as the page shows them.
CREATE FUNCTION casework_propose_part(
    account bigint, at timestamptz, child bigint, rows bigint[], involvements bigint[], assessments bigint[],
    reason text, OUT change bigint, OUT ready boolean
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    posts text[] := hidden.posts_of(account, at);
    a bigint := directory_survivor(child);
    needed text;
    chosen jsonb;
BEGIN
    PERFORM 1 FROM directory_child c WHERE c.id = a FOR UPDATE;
    needed := hidden.post_for(a);
    IF NOT hidden.is_there(a, at) OR NOT needed = ANY (posts)
            OR (SELECT c.shielded FROM directory_child c WHERE c.id = a) THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    ELSIF hidden.is_changing(a, NULL) THEN
        RAISE EXCEPTION 'another change waits' USING ERRCODE = 'CP409';
    END IF;
    SELECT jsonb_agg(jsonb_build_array(r.supplier_id, r.reference)) INTO chosen
        FROM directory_suppliedrow r WHERE r.child_id = a AND r.id = ANY ($4);
    IF coalesce(jsonb_array_length(chosen), 0) <> cardinality($4) OR cardinality($4) = 0 OR cardinality($4) =
            (SELECT count(*) FROM directory_suppliedrow r WHERE r.child_id = a) THEN
        RAISE EXCEPTION 'not as it was shown' USING ERRCODE = 'CP409';
    END IF;
    INSERT INTO hidden.record_change AS m
        (kind, child_id, authority, known_by, moved, entries, needs, given, proposed_by, proposed_at)
    VALUES ('part', a, hidden.authority_of(a), $7, chosen,
        jsonb_build_object('involvements', $5, 'assessments', $6), ARRAY[needed], ARRAY[needed], account, at)
    RETURNING m.id, true INTO change, ready;
END $$;

CREATE FUNCTION casework_propose_undo(account bigint, at timestamptz, which bigint, OUT change bigint, OUT ready boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    posts text[] := hidden.posts_of(account, at);
    m hidden.record_change;
BEGIN
    SELECT r.* INTO m FROM hidden.record_change r WHERE r.id = which FOR UPDATE;
    IF m.id IS NULL OR NOT (hidden.post_for(m.child_id) = ANY (posts) OR m.needs && posts) THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    ELSIF m.done_at IS NULL OR m.undone_at IS NOT NULL OR m.undoes IS NOT NULL
            OR NOT hidden.is_there(m.child_id, at) OR hidden.is_changing(m.child_id, m.other) THEN
        RAISE EXCEPTION 'not as it was' USING ERRCODE = 'CP409';
    END IF;
    INSERT INTO hidden.record_change AS n
        (kind, child_id, other, authority, known_by, moved, stayed, entries, undoes, needs, given, proposed_by, proposed_at)
    VALUES (CASE m.kind WHEN 'join' THEN 'part' ELSE 'join' END, m.child_id, m.other, m.authority, 'undo',
        m.moved, m.stayed, m.entries, m.id, ARRAY[hidden.post_for(m.child_id)],
        ARRAY(SELECT p FROM unnest(posts) p WHERE p = hidden.post_for(m.child_id)), account, at)
    RETURNING n.id, n.given @> n.needs INTO change, ready;
END $$;

CREATE FUNCTION casework_answer_change(account bigint, at timestamptz, which bigint, agrees boolean)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    posts text[] := hidden.posts_of(account, at);
    m hidden.record_change;
    added text[];
BEGIN
    SELECT r.* INTO m FROM hidden.record_change r WHERE r.id = which FOR UPDATE;
    IF m.id IS NULL OR NOT m.needs && posts THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    ELSIF m.done_at IS NOT NULL OR m.declined_at IS NOT NULL OR m.given @> m.needs THEN
        RAISE EXCEPTION 'decided already' USING ERRCODE = 'CP409';
    END IF;
    IF NOT agrees THEN
        UPDATE hidden.record_change r SET declined_by = account, declined_at = at WHERE r.id = which;
        RETURN false;
    END IF;
    added := ARRAY(SELECT n FROM unnest(m.needs) n WHERE n = ANY (posts) AND NOT n = ANY (m.given));
    IF cardinality(added) = 0 THEN
        RAISE EXCEPTION 'agreed already' USING ERRCODE = 'CP409';
    END IF;
    UPDATE hidden.record_change r SET given = r.given || added, agreed_by = account, agreed_at = at
        WHERE r.id = which;
    RETURN (SELECT r.given @> r.needs FROM hidden.record_change r WHERE r.id = which);
END $$;
"""

DOORS = [
    "casework_read_two(jsonb, timestamptz, bigint, bigint)",
    "casework_read_changes(jsonb, timestamptz, integer)",
    "casework_propose_join(bigint, timestamptz, bigint, bigint, text)",
    "casework_propose_part(bigint, timestamptz, bigint, bigint[], bigint[], bigint[], text)",
    "casework_propose_undo(bigint, timestamptz, bigint)",
    "casework_answer_change(bigint, timestamptz, bigint, boolean)",
]
INNER_NAMES = [
    "hidden.say_change(hidden.record_change, text[])",
    "hidden.is_there(bigint, timestamptz)",
    "hidden.is_changing(bigint, bigint)",
    "hidden.post_for(bigint)",
    "hidden.posts_of(bigint, timestamptz)",
]

RIGHTS = (
    "GRANT CREATE ON SCHEMA public TO contactpoint_hidden;\n"
    + "".join(f"ALTER FUNCTION {name} OWNER TO contactpoint_hidden;\n" for name in (*INNER_NAMES, *DOORS))
    + "REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;\nSET ROLE contactpoint_hidden;\n"
    + "".join(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC;\n" for name in (*INNER_NAMES, *DOORS))
    + "".join(f"GRANT EXECUTE ON FUNCTION {name} TO contactpoint_app;\n" for name in DOORS)
    + "RESET ROLE;\n"
)

DROP = (
    "".join(f"DROP FUNCTION {name};\n" for name in (*DOORS, *INNER_NAMES))
    + "DROP TABLE hidden.record_change;"
)


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0004_shields_stay"),
        ("directory", "0005_redirect"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunSQL(TABLES + INNER + READING + DECIDING + RIGHTS, DROP)]
