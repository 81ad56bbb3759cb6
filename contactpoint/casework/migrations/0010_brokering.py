"""Brokered contact: requests, questions to providers, contacts given; and the door to them (SEN-5, SEN-7).

A contact cannot be written without an accepted answer. A question goes with the entry that it is about,
however that entry goes; whether a contact may be read is decided at every read.
Each function names an event of the same transaction: no log, no access, by the database itself (AUD-2).
SQLSTATE as in 0002_door.
"""

from django.db import migrations

TABLES = """
-- asked_about: the number that the record had then, so that parting gives the request back with it.
CREATE TABLE hidden.contact_request (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    child_id bigint NOT NULL REFERENCES directory_child,
    asked_about bigint NOT NULL,
    sealed bytea NOT NULL,
    requested_by bigint NOT NULL REFERENCES access_account,
    organisation_id bigint NOT NULL REFERENCES access_organisation,
    requested_at timestamptz NOT NULL,
    claimed_by bigint REFERENCES access_account,
    claimed_at timestamptz,
    outcome text CHECK (outcome IN ('contact', 'none')),
    closed_by bigint REFERENCES access_account,
    closed_at timestamptz,
    UNIQUE (id, child_id),
    CONSTRAINT contact_request_claimed_as_a_whole CHECK ((claimed_by IS NULL) = (claimed_at IS NULL)),
    CONSTRAINT contact_request_closed_as_a_whole CHECK (
        (outcome IS NULL) = (closed_by IS NULL) AND (outcome IS NULL) = (closed_at IS NULL)),
    CONSTRAINT contact_request_brokered_by_another CHECK (claimed_by <> requested_by)
);
CREATE INDEX hidden_contact_request_child ON hidden.contact_request (child_id);
CREATE INDEX hidden_contact_request_own ON hidden.contact_request (requested_by, requested_at);
CREATE UNIQUE INDEX hidden_contact_request_once ON hidden.contact_request (child_id, requested_by)
    WHERE outcome IS NULL;

CREATE TABLE hidden.contact_question (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    child_id bigint NOT NULL,
    request_id bigint NOT NULL,
    organisation text NOT NULL,
    service text NOT NULL,
    asked_by bigint NOT NULL REFERENCES access_account,
    asked_at timestamptz NOT NULL,
    outcome text CHECK (outcome IN ('accepted', 'declined')),
    answered_by bigint REFERENCES access_account,
    answered_at timestamptz,
    UNIQUE (id, outcome),
    UNIQUE (id, child_id),
    UNIQUE (request_id, organisation, service),
    FOREIGN KEY (request_id, child_id) REFERENCES hidden.contact_request (id, child_id) ON UPDATE CASCADE,
    CONSTRAINT contact_question_answered_as_a_whole CHECK (
        (outcome IS NULL) = (answered_by IS NULL) AND (outcome IS NULL) = (answered_at IS NULL))
);
CREATE INDEX hidden_contact_question_child ON hidden.contact_question (child_id, organisation, service);
CREATE INDEX hidden_contact_question_waits ON hidden.contact_question (organisation) WHERE outcome IS NULL;

-- SEN-5: nothing is given but on an accepted answer, and for a limited time.
CREATE TABLE hidden.contact_given (
    question_id bigint PRIMARY KEY,
    child_id bigint NOT NULL,
    outcome text NOT NULL DEFAULT 'accepted' CHECK (outcome = 'accepted'),
    sealed bytea NOT NULL,
    given_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    CONSTRAINT contact_given_on_acceptance FOREIGN KEY (question_id, outcome)
        REFERENCES hidden.contact_question (id, outcome) ON DELETE CASCADE,
    FOREIGN KEY (question_id, child_id) REFERENCES hidden.contact_question (id, child_id)
        ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT contact_given_for_a_time CHECK (until > given_at AND until <= given_at + interval '31 days')
);
CREATE INDEX hidden_contact_given_child ON hidden.contact_given (child_id);

-- SEN-7: with the last entry of a provider goes what was asked of it and given by it; at the end of the transaction,
-- for a feed takes a row away and writes it anew.
CREATE FUNCTION hidden.drop_questions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM hidden.contact_question q
    WHERE q.child_id = OLD.child_id AND q.organisation = OLD.organisation AND q.service = OLD.service
      AND NOT EXISTS (SELECT 1 FROM hidden.sensitive_involvement s WHERE s.child_id = OLD.child_id
          AND s.organisation = OLD.organisation AND s.service = OLD.service);
    RETURN NULL;
END $$;
ALTER FUNCTION hidden.drop_questions() OWNER TO contactpoint_hidden;
CREATE CONSTRAINT TRIGGER questions_go_with_their_entry
    AFTER DELETE OR UPDATE OF child_id, organisation, service ON hidden.sensitive_involvement
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hidden.drop_questions();
"""

INNER = """
GRANT SELECT ON access_accreditation TO contactpoint_hidden;

-- Who acts, by an event of this very transaction.
CREATE FUNCTION hidden.find_actor(event bigint, at timestamptz, kind text, OUT account bigint, OUT organisation bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT e.account_id, e.organisation_id INTO account, organisation FROM audit_event e
    WHERE e.id = $1 AND e.at = $2 AND e.kind = $3 AND NOT e.refused AND e.account_id IS NOT NULL
      AND e.transaction = pg_current_xact_id();
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'this door opens for an event of this transaction';
    END IF;
END $$;

-- Gives the authority that a broker acts for; the event says who asks.
CREATE FUNCTION hidden.find_broker(event bigint, at timestamptz, kind text, OUT account bigint, OUT mine text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT f.account INTO account FROM hidden.find_actor($1, $2, $3) f;
    SELECT g.authority INTO mine FROM access_rolegrant g
        WHERE g.account_id = find_broker.account AND g.role = 'broker' AND g.valid_from <= $2
          AND (g.valid_to IS NULL OR g.valid_to > $2) ORDER BY g.id LIMIT 1;
    IF mine IS NULL THEN
        RAISE EXCEPTION 'not a broker' USING ERRCODE = 'CP403';
    END IF;
END $$;

CREATE FUNCTION hidden.is_accredited(code text, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM access_organisation o
        JOIN access_accreditation a ON a.organisation_id = o.id AND a.superseded_at IS NULL
        WHERE o.code = $1 AND (o.suspended_at IS NULL OR o.suspended_at > $2)
          AND (a.suspended_at IS NULL OR a.suspended_at > $2)
          AND ($2 AT TIME ZONE 'Europe/London')::date BETWEEN a.accredited_on AND a.expires_on)
$$;

-- Whether a provider can be asked here, and if not, why.
CREATE FUNCTION hidden.say_standing(code text, at timestamptz) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM access_organisation o WHERE o.code = $1 AND o.sensitive_service <> '')
            THEN 'not-registered'
        WHEN NOT hidden.is_accredited($1, $2) THEN 'not-accredited'
        WHEN NOT EXISTS (
            SELECT 1 FROM access_organisation o JOIN access_account a ON a.organisation_id = o.id
            JOIN access_rolegrant g ON g.account_id = a.id AND g.role = 'practitioner'
                AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2)
            WHERE o.code = $1 AND a.closed_at IS NULL AND a.suspended_at IS NULL) THEN 'nobody-there'
        ELSE 'ready' END
$$;

-- Of a shielded child none: the authority is not on the open side, and where a service is tells where the child is.
CREATE FUNCTION hidden.find_contact_cases(mine text, at timestamptz) RETURNS SETOF hidden.contact_request
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT r.* FROM hidden.contact_request r JOIN directory_child c ON c.id = r.child_id
    WHERE r.outcome IS NULL AND NOT c.shielded AND c.authority = $1
      AND c.live_until > ($2 AT TIME ZONE 'Europe/London')::date
$$;

CREATE FUNCTION hidden.is_still_theirs(q hidden.contact_question, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM directory_child c
        JOIN hidden.sensitive_involvement s ON s.child_id = c.id AND s.organisation = ($1).organisation
            AND s.service = ($1).service
            AND (s.ended_on IS NULL OR s.ended_on > ($2 AT TIME ZONE 'Europe/London')::date)
        WHERE c.id = ($1).child_id AND NOT c.shielded
          AND c.live_until > ($2 AT TIME ZONE 'Europe/London')::date)
$$;

-- What may be read of what was given, at that moment.
CREATE FUNCTION hidden.find_contacts(request bigint, at timestamptz) RETURNS SETOF hidden.contact_given
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT g.* FROM hidden.contact_question q JOIN hidden.contact_given g ON g.question_id = q.id
    WHERE q.request_id = $1 AND g.until > $2 AND hidden.is_still_theirs(q, $2)
      AND hidden.is_accredited(q.organisation, $2)
$$;

CREATE FUNCTION hidden.say_contact_state(r hidden.contact_request, at timestamptz) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN (SELECT c.shielded FROM directory_child c WHERE c.id = ($1).child_id) THEN 'shielded'
        WHEN EXISTS (SELECT 1 FROM hidden.find_contacts(($1).id, $2)) THEN 'contact'
        WHEN ($1).outcome IS NULL THEN 'waiting' WHEN ($1).outcome = 'contact' THEN 'over' ELSE 'none' END
$$;

CREATE FUNCTION hidden.say_contact_case(r hidden.contact_request) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object('id', ($1).id, 'child', hidden.say_child(($1).child_id),
        'requested_at', ($1).requested_at,
        'requester', hidden.say_account(($1).requested_by, ($1).organisation_id),
        'is_own', false, 'claimed_by', ($1).claimed_by,
        'claimed_name', coalesce((SELECT a.name FROM access_account a WHERE a.id = ($1).claimed_by), ''),
        'unanswered', (SELECT count(*) FROM hidden.contact_question q
            WHERE q.request_id = ($1).id AND q.outcome IS NULL),
        'declined', (SELECT count(*) FROM hidden.contact_question q
            WHERE q.request_id = ($1).id AND q.outcome = 'declined'))
$$;

CREATE FUNCTION hidden.lock_contact_case(account bigint, mine text, at timestamptz, request bigint, is_claimed boolean)
RETURNS hidden.contact_request
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found hidden.contact_request;
BEGIN
    PERFORM 1 FROM hidden.contact_request r WHERE r.id = $4 FOR UPDATE;
    SELECT * INTO found FROM hidden.find_contact_cases($2, $3) r WHERE r.id = $4;
    IF found.id IS NULL THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    ELSIF found.requested_by = $1 THEN
        RAISE EXCEPTION 'asked by the broker' USING ERRCODE = 'CP403';
    ELSIF is_claimed AND found.claimed_by IS DISTINCT FROM $1 THEN
        RAISE EXCEPTION 'a colleague has the case' USING ERRCODE = 'CP409';
    END IF;
    RETURN found;
END $$;
"""

ASKING = """
-- Received whether or not there is any such service: the answer says nothing (SEN-3).
CREATE FUNCTION casework_ask_contact(event bigint, at timestamptz, child bigint, sealed bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who record;
    made bigint;
BEGIN
    SELECT * INTO who FROM hidden.find_actor(event, at, 'contact-asked');
    PERFORM 1 FROM directory_child c WHERE c.id = $3 AND NOT c.shielded;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'shielded' USING ERRCODE = 'CP404';
    END IF;
    INSERT INTO hidden.contact_request (child_id, asked_about, sealed, requested_by, organisation_id, requested_at)
        VALUES ($3, $3, $4, who.account, who.organisation, $2) RETURNING id INTO made;
    RETURN made;
END $$;

-- One's own, of both kinds. Of a shield that was asked for: only whether somebody has decided.
CREATE FUNCTION casework_list_own_requests(event bigint, at timestamptz, since timestamptz, most integer)
RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who record;
BEGIN
    SELECT * INTO who FROM hidden.find_actor(event, at, 'hidden-opened');
    RETURN jsonb_build_object(
        'contacts', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', r.id,
                'child', directory_survivor(r.child_id), 'at', r.requested_at,
                'state', hidden.say_contact_state(r, $2)) ORDER BY r.requested_at DESC, r.id DESC), '[]')
            FROM (SELECT q.* FROM hidden.contact_request q WHERE q.requested_by = who.account
                AND (q.outcome IS NULL OR q.closed_at >= $3)
                -- Of two open ones about records that were joined, one stayed behind.
                AND NOT EXISTS (SELECT 1 FROM directory_redirect d WHERE d.number_id = q.child_id)
                ORDER BY q.requested_at DESC, q.id DESC LIMIT $4) r),
        'shields', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', r.id,
                'child', directory_survivor(r.child_id), 'at', r.requested_at,
                'state', CASE WHEN r.outcome IS NULL THEN 'received' ELSE 'decided' END)
                ORDER BY r.requested_at DESC, r.id DESC), '[]')
            FROM (SELECT q.* FROM hidden.shield_request q WHERE q.requested_by = who.account
                AND (q.outcome IS NULL OR q.decided_at >= $3)
                ORDER BY q.requested_at DESC, q.id DESC LIMIT $4) r));
END $$;

-- SEN-5: for who asked, and nobody else.
CREATE FUNCTION casework_read_own_contact(event bigint, at timestamptz, request bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who record;
    said jsonb;
BEGIN
    SELECT * INTO who FROM hidden.find_actor(event, at, 'hidden-opened');
    SELECT jsonb_build_object('id', r.id, 'child', r.child_id, 'at', r.requested_at,
            'state', hidden.say_contact_state(r, $2), 'contacts', (
                SELECT coalesce(jsonb_agg(jsonb_build_object('sealed', encode(g.sealed, 'base64'),
                    'given_at', g.given_at, 'until', g.until, 'provider', q.organisation) ORDER BY q.id), '[]')
                FROM hidden.find_contacts(r.id, $2) g JOIN hidden.contact_question q ON q.id = g.question_id))
        INTO said FROM hidden.contact_request r WHERE r.id = $3 AND r.requested_by = who.account;
    IF said IS NULL THEN
        RAISE EXCEPTION 'nothing of this person' USING ERRCODE = 'CP404';
    END IF;
    RETURN said;
END $$;
"""

BROKERING = """
CREATE FUNCTION casework_list_contact_cases(event bigint, at timestamptz, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who record;
BEGIN
    SELECT * INTO who FROM hidden.find_broker(event, at, 'hidden-opened');
    RETURN jsonb_build_object('authority', who.mine, 'cases', (
        SELECT coalesce(jsonb_agg(hidden.say_contact_case(r)
            || jsonb_build_object('is_own', r.requested_by = who.account) ORDER BY r.requested_at, r.id), '[]')
        FROM (SELECT * FROM hidden.find_contact_cases(who.mine, $2) ORDER BY requested_at, id LIMIT $3) r));
END $$;

-- SEN-4: who it is, for the responsible authority's broker.
CREATE FUNCTION casework_read_contact_case(event bigint, at timestamptz, request bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who record;
    said jsonb;
BEGIN
    SELECT * INTO who FROM hidden.find_broker(event, at, 'hidden-opened');
    SELECT hidden.say_contact_case(r) || jsonb_build_object('is_own', r.requested_by = who.account,
            'sealed', encode(r.sealed, 'base64'), 'providers', (
                SELECT coalesce(jsonb_agg(jsonb_build_object('organisation', e.organisation, 'service', e.service,
                    'name', coalesce(o.name, e.organisation), 'telephone', coalesce(o.telephone, ''),
                    'email', coalesce(o.secure_email, ''), 'practitioners', e.practitioners,
                    'standing', hidden.say_standing(e.organisation, $2), 'question', q.id,
                    'asked_at', q.asked_at, 'answer', q.outcome) ORDER BY e.organisation, e.service), '[]')
                FROM (SELECT s.organisation, s.service,
                        array_agg(DISTINCT s.practitioner) FILTER (WHERE s.practitioner <> '') AS practitioners
                    FROM hidden.sensitive_involvement s WHERE s.child_id = r.child_id
                      AND (s.ended_on IS NULL OR s.ended_on > ($2 AT TIME ZONE 'Europe/London')::date)
                    GROUP BY s.organisation, s.service) e
                LEFT JOIN access_organisation o ON o.code = e.organisation
                LEFT JOIN hidden.contact_question q ON q.request_id = r.id
                    AND q.organisation = e.organisation AND q.service = e.service))
        INTO said FROM hidden.find_contact_cases(who.mine, $2) r WHERE r.id = $3;
    IF said IS NULL THEN
        RAISE EXCEPTION 'nothing of this authority' USING ERRCODE = 'CP404';
    END IF;
    RETURN said;
END $$;

-- `seen` is who had the case when the broker looked: of two at once the second is told.
CREATE FUNCTION casework_take_contact_case(event bigint, at timestamptz, request bigint, seen bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who record;
    held hidden.contact_request;
BEGIN
    SELECT * INTO who FROM hidden.find_broker(event, at, 'contact-case-taken');
    held := hidden.lock_contact_case(who.account, who.mine, at, request, false);
    IF held.claimed_by IS DISTINCT FROM seen THEN
        RAISE EXCEPTION 'taken meanwhile' USING ERRCODE = 'CP409';
    END IF;
    UPDATE hidden.contact_request r SET claimed_by = who.account, claimed_at = $2 WHERE r.id = request;
    RETURN held.child_id;
END $$;

CREATE FUNCTION casework_ask_provider(
    event bigint, at timestamptz, request bigint, organisation text, service text, OUT question bigint, OUT child bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who record;
    held hidden.contact_request;
BEGIN
    SELECT * INTO who FROM hidden.find_broker(event, at, 'contact-provider-asked');
    held := hidden.lock_contact_case(who.account, who.mine, at, request, true);
    child := held.child_id;
    IF NOT EXISTS (SELECT 1 FROM hidden.sensitive_involvement s
            WHERE s.child_id = held.child_id AND s.organisation = $4 AND s.service = $5
              AND (s.ended_on IS NULL OR s.ended_on > ($2 AT TIME ZONE 'Europe/London')::date)) THEN
        RAISE EXCEPTION 'no such entry' USING ERRCODE = 'CP404';
    ELSIF hidden.say_standing($4, $2) <> 'ready' THEN
        RAISE EXCEPTION 'cannot be asked' USING ERRCODE = 'CP409';
    END IF;
    INSERT INTO hidden.contact_question (child_id, request_id, organisation, service, asked_by, asked_at)
        VALUES (held.child_id, $3, $4, $5, who.account, $2) ON CONFLICT DO NOTHING RETURNING id INTO question;
    IF question IS NULL THEN
        RAISE EXCEPTION 'asked already' USING ERRCODE = 'CP409';
    END IF;
END $$;

CREATE FUNCTION casework_close_contact_case(
    event bigint, at timestamptz, request bigint, OUT child bigint, OUT account bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who record;
    held hidden.contact_request;
BEGIN
    SELECT * INTO who FROM hidden.find_broker(event, at, 'contact-case-closed');
    held := hidden.lock_contact_case(who.account, who.mine, at, request, true);
    UPDATE hidden.contact_request r SET closed_by = who.account, closed_at = $2, outcome =
        CASE WHEN EXISTS (SELECT 1 FROM hidden.contact_question q JOIN hidden.contact_given g ON g.question_id = q.id
            WHERE q.request_id = r.id) THEN 'contact' ELSE 'none' END
        WHERE r.id = request;
    child := held.child_id;
    account := held.requested_by;
END $$;
"""

ANSWERING = """
-- For the people of the provider alone: what they are asked, `wanted` one or NULL for all that wait.
CREATE FUNCTION casework_read_questions(event bigint, at timestamptz, wanted bigint, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    provider record;
    said jsonb;
BEGIN
    SELECT * INTO provider FROM hidden.find_provider(event, 'hidden-opened');
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', q.id, 'child', hidden.say_child(q.child_id),
            'asked_at', q.asked_at, 'requested_at', r.requested_at,
            'requester', hidden.say_account(r.requested_by, r.organisation_id))
            || CASE WHEN wanted IS NULL THEN '{}'::jsonb
                ELSE jsonb_build_object('sealed', encode(r.sealed, 'base64')) END ORDER BY q.asked_at, q.id), '[]')
        INTO said
        FROM (SELECT * FROM hidden.contact_question w WHERE w.organisation = provider.organisation
            AND w.outcome IS NULL AND (wanted IS NULL OR w.id = wanted) AND hidden.is_still_theirs(w, $2)
            ORDER BY w.asked_at, w.id LIMIT most) q
        JOIN hidden.contact_request r ON r.id = q.request_id AND r.outcome IS NULL;
    RETURN said;
END $$;

CREATE FUNCTION casework_answer_question(
    event bigint, at timestamptz, question bigint, verdict text, sealed bytea, until timestamptz,
    OUT child bigint, OUT request bigint, OUT account bigint, OUT authority text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    provider record;
    held hidden.contact_question;
    asked hidden.contact_request;
BEGIN
    SELECT * INTO provider FROM hidden.find_provider(event, 'contact-answered');
    SELECT q.request_id INTO request FROM hidden.contact_question q
        WHERE q.id = $3 AND q.organisation = provider.organisation;
    SELECT * INTO asked FROM hidden.contact_request r WHERE r.id = request FOR UPDATE;
    SELECT * INTO held FROM hidden.contact_question q
        WHERE q.id = $3 AND q.organisation = provider.organisation FOR UPDATE;
    IF held.id IS NULL OR NOT hidden.is_still_theirs(held, $2) THEN
        RAISE EXCEPTION 'nothing asked of this service' USING ERRCODE = 'CP404';
    ELSIF held.outcome IS NOT NULL OR asked.outcome IS NOT NULL THEN
        RAISE EXCEPTION 'answered already' USING ERRCODE = 'CP409';
    END IF;
    UPDATE hidden.contact_question q SET outcome = verdict, answered_by = provider.account, answered_at = $2
        WHERE q.id = held.id;
    child := held.child_id;
    account := asked.requested_by;
    SELECT c.authority INTO authority FROM directory_child c WHERE c.id = held.child_id;
    IF verdict = 'accepted' THEN
        INSERT INTO hidden.contact_given (question_id, child_id, sealed, given_at, until)
            VALUES (held.id, held.child_id, $5, $2, $6);
        IF NOT EXISTS (SELECT 1 FROM hidden.contact_question q
                WHERE q.request_id = request AND q.outcome IS NULL) THEN
            -- Closed in the broker's name: what stays after a withdrawal must not say who the provider was.
            UPDATE hidden.contact_request r SET outcome = 'contact', closed_by = r.claimed_by, closed_at = $2
                WHERE r.id = request;
        END IF;
    END IF;
END $$;
"""

DOORS = [
    "casework_ask_contact(bigint, timestamptz, bigint, bytea)",
    "casework_list_own_requests(bigint, timestamptz, timestamptz, integer)",
    "casework_read_own_contact(bigint, timestamptz, bigint)",
    "casework_list_contact_cases(bigint, timestamptz, integer)",
    "casework_read_contact_case(bigint, timestamptz, bigint)",
    "casework_take_contact_case(bigint, timestamptz, bigint, bigint)",
    "casework_ask_provider(bigint, timestamptz, bigint, text, text)",
    "casework_close_contact_case(bigint, timestamptz, bigint)",
    "casework_read_questions(bigint, timestamptz, bigint, integer)",
    "casework_answer_question(bigint, timestamptz, bigint, text, bytea, timestamptz)",
]
INNER_NAMES = [
    "hidden.lock_contact_case(bigint, text, timestamptz, bigint, boolean)",
    "hidden.say_contact_case(hidden.contact_request)",
    "hidden.say_contact_state(hidden.contact_request, timestamptz)",
    "hidden.find_contacts(bigint, timestamptz)",
    "hidden.is_still_theirs(hidden.contact_question, timestamptz)",
    "hidden.find_contact_cases(text, timestamptz)",
    "hidden.say_standing(text, timestamptz)",
    "hidden.is_accredited(text, timestamptz)",
    "hidden.find_broker(bigint, timestamptz, text)",
    "hidden.find_actor(bigint, timestamptz, text)",
]

RIGHTS = (
    "GRANT EXECUTE ON FUNCTION directory_survivor(bigint) TO contactpoint_hidden;\n"
    "GRANT CREATE ON SCHEMA public TO contactpoint_hidden;\n"
    + "".join(f"ALTER FUNCTION {name} OWNER TO contactpoint_hidden;\n" for name in (*INNER_NAMES, *DOORS))
    + "REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;\nSET ROLE contactpoint_hidden;\n"
    + "".join(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC;\n" for name in (*INNER_NAMES, *DOORS))
    + "".join(f"GRANT EXECUTE ON FUNCTION {name} TO contactpoint_app;\n" for name in DOORS)
    + "RESET ROLE;\n"
)

DROP = (
    "".join(f"DROP FUNCTION {name};\n" for name in (*DOORS, *INNER_NAMES))
    + "DROP TRIGGER questions_go_with_their_entry ON hidden.sensitive_involvement;\n"
    "DROP FUNCTION hidden.drop_questions();\n"
    "DROP TABLE hidden.contact_given, hidden.contact_question, hidden.contact_request;"
)


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0009_identity"),
        ("directory", "0009_sensitive_line"),
    ]

    operations = [migrations.RunSQL(TABLES + INNER + ASKING + BROKERING + ANSWERING + RIGHTS, DROP)]
