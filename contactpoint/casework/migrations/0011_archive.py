"""The archive's door, and the register of disclosures (RET-2, FAM-4).

A data manager opens what their authority archived within the year; later, and whatever was shielded, a custodian
opens what a second one has agreed to. What is handed out is sealed under the child's own key.
SQLSTATE as in 0002_door.
"""

from django.db import migrations

TABLES = """
CREATE TABLE hidden.archive_request (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    child_id bigint NOT NULL REFERENCES directory_child,
    ground text NOT NULL CHECK (ground IN ('section-47', 'practice-review', 'death-review')),
    sealed bytea NOT NULL,
    requested_by bigint NOT NULL REFERENCES access_account,
    organisation_id bigint NOT NULL REFERENCES access_organisation,
    requested_at timestamptz NOT NULL,
    decided_by bigint REFERENCES access_account,
    decided_at timestamptz,
    open_until timestamptz,
    CONSTRAINT archive_request_decided_as_a_whole CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT archive_request_opens_when_agreed CHECK (open_until IS NULL OR decided_at IS NOT NULL),
    CONSTRAINT archive_request_decided_by_another CHECK (decided_by <> requested_by)
);
CREATE INDEX hidden_archive_request_queue ON hidden.archive_request (decided_at, requested_at);
CREATE INDEX hidden_archive_request_child ON hidden.archive_request (child_id);

-- What was said outside the service stays in the register; its text goes with the child's key.
-- The number is no reference: the entry outlives the record.
CREATE TABLE hidden.disclosure (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    child_number bigint NOT NULL,
    authority text NOT NULL,
    ground text NOT NULL CHECK (ground IN ('court-order', 'crime', 'section-47', 'safeguarding-review')),
    disclosed_on date NOT NULL,
    sealed bytea NOT NULL,
    recorded_by bigint NOT NULL REFERENCES access_account,
    organisation_id bigint NOT NULL REFERENCES access_organisation,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT disclosure_recorded_afterwards CHECK (disclosed_on <= (recorded_at AT TIME ZONE 'Europe/London')::date)
);
CREATE INDEX hidden_disclosure_authority ON hidden.disclosure (authority, recorded_at);
CREATE INDEX hidden_disclosure_child ON hidden.disclosure (child_number);
CREATE FUNCTION hidden.keep_disclosure() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the register of disclosures is only added to' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER disclosure_stays BEFORE UPDATE OR DELETE ON hidden.disclosure
    FOR EACH ROW EXECUTE FUNCTION hidden.keep_disclosure();
"""

DOOR = """
CREATE FUNCTION hidden.insist_archive_custodian(account bigint, at timestamptz) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM access_rolegrant g WHERE g.account_id = $1 AND g.role = 'archive-custodian'
            AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2)) THEN
        RAISE EXCEPTION 'not the archive''s custodian' USING ERRCODE = 'CP403';
    END IF;
END $$;

-- The one record that is meant; several are a question for whoever asks, who has to give a number.
CREATE FUNCTION hidden.find_archived(marks bytea[]) RETURNS hidden.archived_record
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found bigint[];
    record hidden.archived_record;
BEGIN
    SELECT array_agg(DISTINCT m.child_id) INTO found FROM hidden.archived_mark m WHERE m.mark = ANY($1);
    IF coalesce(array_length(found, 1), 0) <> 1 THEN
        RAISE EXCEPTION 'nothing, or several' USING ERRCODE = 'CP404';
    END IF;
    SELECT * INTO record FROM hidden.archived_record a WHERE a.child_id = found[1];
    RETURN record;
END $$;

CREATE FUNCTION hidden.say_archived(a hidden.archived_record) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object('child', ($1).child_id, 'authority', ($1).authority, 'leaving', ($1).leaving,
        'archived_on', ($1).archived_on, 'destroy_on', ($1).destroy_on, 'shielded', ($1).shielded,
        'sealed', encode(($1).sealed, 'base64'))
$$;

CREATE FUNCTION casework_open_young_archive(actor jsonb, at timestamptz, marks bytea[]) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    mine text := hidden.managers_authority((actor ->> 'account')::bigint, at);
    found hidden.archived_record := hidden.find_archived(marks);
BEGIN
    IF found.child_id IS NULL OR found.authority <> mine OR found.shielded
        OR found.archived_on <= ((at AT TIME ZONE 'Europe/London')::date - interval '1 year') THEN
        RAISE EXCEPTION 'nothing that this reader may open' USING ERRCODE = 'CP404';
    END IF;
    PERFORM hidden.log_handed_out(actor, at, ARRAY[found.child_id], 'archive', NULL);
    RETURN hidden.say_archived(found);
END $$;

CREATE FUNCTION casework_ask_for_archive(
    actor jsonb, at timestamptz, marks bytea[], ground text, sealed bytea, OUT request bigint, OUT child bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who bigint := (actor ->> 'account')::bigint;
    found hidden.archived_record;
BEGIN
    PERFORM hidden.insist_archive_custodian(who, at);
    found := hidden.find_archived(marks);
    IF found.child_id IS NULL THEN
        RAISE EXCEPTION 'nothing archived' USING ERRCODE = 'CP404';
    END IF;
    INSERT INTO hidden.archive_request (child_id, ground, sealed, requested_by, organisation_id, requested_at)
        VALUES (found.child_id, $4, $5, who, (actor ->> 'organisation')::bigint, $2)
        RETURNING id INTO request;
    child := found.child_id;
END $$;

CREATE FUNCTION hidden.say_archive_request(r hidden.archive_request, reader bigint) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object('id', ($1).id, 'child', ($1).child_id, 'ground', ($1).ground,
        'sealed', encode(($1).sealed, 'base64'), 'requested_at', ($1).requested_at,
        'who', hidden.say_account(($1).requested_by, ($1).organisation_id), 'is_own', ($1).requested_by = $2,
        'decided_at', ($1).decided_at, 'open_until', ($1).open_until,
        'decided_by', coalesce((SELECT a.name FROM access_account a WHERE a.id = ($1).decided_by), ''))
$$;

CREATE FUNCTION casework_list_archive_requests(actor jsonb, at timestamptz, since timestamptz, most integer)
RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    reader bigint := (actor ->> 'account')::bigint;
    said jsonb;
    children bigint[];
BEGIN
    PERFORM hidden.insist_archive_custodian(reader, at);
    SELECT jsonb_agg(hidden.say_archive_request(r, reader) ORDER BY r.decided_at IS NOT NULL, r.requested_at, r.id),
           array_agg(r.child_id) INTO said, children
        FROM (SELECT * FROM hidden.archive_request q WHERE q.decided_at IS NULL OR q.decided_at >= since
            ORDER BY q.decided_at IS NOT NULL, q.requested_at, q.id LIMIT most) r;
    PERFORM hidden.log_handed_out(actor, at, children, 'archive-requests', NULL);
    RETURN coalesce(said, '[]');
END $$;

CREATE FUNCTION casework_decide_archive_request(
    reader bigint, at timestamptz, which bigint, open_until timestamptz
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held hidden.archive_request;
BEGIN
    PERFORM hidden.insist_archive_custodian(reader, at);
    SELECT * INTO held FROM hidden.archive_request q WHERE q.id = which FOR UPDATE;
    IF held.id IS NULL THEN
        RAISE EXCEPTION 'no such request' USING ERRCODE = 'CP404';
    ELSIF held.requested_by = reader THEN
        RAISE EXCEPTION 'one''s own request' USING ERRCODE = 'CP403';
    ELSIF held.decided_at IS NOT NULL THEN
        RAISE EXCEPTION 'decided already' USING ERRCODE = 'CP409';
    END IF;
    UPDATE hidden.archive_request q SET decided_by = $1, decided_at = $2, open_until = $4 WHERE q.id = which;
    RETURN held.child_id;
END $$;

CREATE FUNCTION casework_open_agreed_archive(actor jsonb, at timestamptz, which bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    reader bigint := (actor ->> 'account')::bigint;
    found hidden.archived_record;
    asked hidden.archive_request;
BEGIN
    PERFORM hidden.insist_archive_custodian(reader, at);
    SELECT * INTO asked FROM hidden.archive_request q
        WHERE q.id = which AND q.requested_by = reader AND q.open_until > at;
    SELECT * INTO found FROM hidden.archived_record a WHERE a.child_id = asked.child_id;
    IF found.child_id IS NULL THEN
        RAISE EXCEPTION 'not agreed, or over' USING ERRCODE = 'CP404';
    END IF;
    PERFORM hidden.log_handed_out(actor, at, ARRAY[found.child_id], 'archive', which);
    RETURN hidden.say_archived(found) || jsonb_build_object('ground', asked.ground);
END $$;

-- Whose record it is, live or archived: whether it exists is told to its own authority alone.
CREATE FUNCTION hidden.answerable_for(child bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce((SELECT a.authority FROM hidden.archived_record a WHERE a.child_id = $1), hidden.authority_of($1))
$$;

CREATE FUNCTION casework_record_disclosure(
    actor jsonb, at timestamptz, child bigint, ground text, disclosed_on date, sealed bytea
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who bigint := (actor ->> 'account')::bigint;
    mine text := hidden.managers_authority(who, at);
    entry bigint;
BEGIN
    IF hidden.answerable_for(child) IS DISTINCT FROM mine
        OR EXISTS (SELECT 1 FROM hidden.sealed_identity i WHERE i.child_id = child) THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    END IF;
    INSERT INTO hidden.disclosure (child_number, authority, ground, disclosed_on, sealed, recorded_by,
            organisation_id, recorded_at)
        VALUES ($3, mine, $4, $5, $6, who, (actor ->> 'organisation')::bigint, $2)
        RETURNING id INTO entry;
    RETURN entry;
END $$;

-- Own authority's entries for its data managers and auditors; all of them for the national auditor.
CREATE FUNCTION casework_read_disclosures(actor jsonb, at timestamptz, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    reader bigint := (actor ->> 'account')::bigint;
    theirs text[];
    is_national boolean;
    said jsonb;
    children bigint[];
BEGIN
    SELECT array_agg(g.authority), coalesce(bool_or(g.role = 'national-auditor'), false) INTO theirs, is_national
        FROM access_rolegrant g
        WHERE g.account_id = reader AND g.role IN ('data-manager', 'auditor', 'national-auditor')
          AND g.valid_from <= at AND (g.valid_to IS NULL OR g.valid_to > at);
    IF theirs IS NULL THEN
        RAISE EXCEPTION 'no reader of the register' USING ERRCODE = 'CP403';
    END IF;
    SELECT jsonb_agg(jsonb_build_object('id', d.id, 'child', d.child_number, 'authority', d.authority,
            'ground', d.ground, 'disclosed_on', d.disclosed_on, 'recorded_at', d.recorded_at,
            'sealed', encode(d.sealed, 'base64'), 'who', hidden.say_account(d.recorded_by, d.organisation_id))
            ORDER BY d.recorded_at DESC, d.id DESC), array_agg(d.child_number) INTO said, children
        FROM (SELECT * FROM hidden.disclosure q WHERE is_national OR q.authority = ANY(theirs)
            ORDER BY q.recorded_at DESC, q.id DESC LIMIT most) d;
    PERFORM hidden.log_handed_out(actor, at, children, 'disclosures', NULL);
    RETURN coalesce(said, '[]');
END $$;
"""

DOORS = (
    "casework_open_young_archive(jsonb, timestamptz, bytea[])",
    "casework_ask_for_archive(jsonb, timestamptz, bytea[], text, bytea)",
    "casework_list_archive_requests(jsonb, timestamptz, timestamptz, integer)",
    "casework_decide_archive_request(bigint, timestamptz, bigint, timestamptz)",
    "casework_open_agreed_archive(jsonb, timestamptz, bigint)",
    "casework_record_disclosure(jsonb, timestamptz, bigint, text, date, bytea)",
    "casework_read_disclosures(jsonb, timestamptz, integer)",
)
INNER = (
    "hidden.answerable_for(bigint)",
    "hidden.say_archive_request(hidden.archive_request, bigint)",
    "hidden.say_archived(hidden.archived_record)",
    "hidden.find_archived(bytea[])",
    "hidden.insist_archive_custodian(bigint, timestamptz)",
    "hidden.keep_disclosure()",
)
RIGHTS = (
    "GRANT CREATE ON SCHEMA public TO contactpoint_hidden;\n"
    + "".join(f"ALTER FUNCTION {name} OWNER TO contactpoint_hidden;\n" for name in (*INNER, *DOORS))
    + "REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;\nSET ROLE contactpoint_hidden;\n"
    + "".join(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC;\n" for name in (*INNER, *DOORS))
    + "".join(f"GRANT EXECUTE ON FUNCTION {name} TO contactpoint_app;\n" for name in DOORS)
    + "RESET ROLE;\n"
)
DROP = (
    "DROP TRIGGER disclosure_stays ON hidden.disclosure;\n"
    + "".join(f"DROP FUNCTION {name};\n" for name in (*DOORS, *INNER))
    + "DROP TABLE hidden.disclosure, hidden.archive_request;"
)


class Migration(migrations.Migration):
    dependencies = [("casework", "0010_brokering"), ("directory", "0010_archive_marks")]

    operations = [migrations.RunSQL(TABLES + DOOR + RIGHTS, DROP)]
