"""The door of those who provide a sensitive service: record, list, renew, end, withdraw their own entries (SEN).

Each function names an event of the same transaction, written by whoever asks: no log, no access, by the
database itself (AUD-2).
Who asks, for which organisation and which service is read from that event and from access, never taken on trust.
"""

from django.db import migrations

TABLES = """
ALTER TABLE hidden.sensitive_involvement
    ADD COLUMN recorded_by bigint,
    ADD COLUMN confirmed_at timestamptz,
    ADD CONSTRAINT consent_confirmed_here_is_whole CHECK (
        confirmed_at IS NULL OR basis <> 'consent' OR (
            obtained_by_role <> '' AND review_on IS NOT NULL AND review_on > obtained_on
            AND obtained_on <= (confirmed_at AT TIME ZONE 'Europe/London')::date)),
    ADD CONSTRAINT harm_recorded_here_claims_no_consent CHECK (
        recorded_by IS NULL OR basis = 'consent' OR (
            consent_given_by = '' AND obtained_by_role = '' AND obtained_on IS NULL AND review_on IS NULL)),
    ADD CONSTRAINT recorded_here_has_a_start CHECK (recorded_by IS NULL OR started_on IS NOT NULL),
    ADD CONSTRAINT recorded_here_ends_after_start CHECK (recorded_by IS NULL OR ended_on >= started_on);
CREATE INDEX hidden_sensitive_organisation ON hidden.sensitive_involvement (organisation, review_on);
CREATE UNIQUE INDEX hidden_sensitive_open_once
    ON hidden.sensitive_involvement (child_id, organisation, service, recorded_by)
    WHERE recorded_by IS NOT NULL AND ended_on IS NULL;

-- SEN-7: that an entry was withdrawn, so that a feed which still carries the old consent does not bring it back.
-- The mark is a digest of child, organisation and service: it answers "this one?", and lists nobody.
CREATE TABLE hidden.sensitive_withdrawal (
    entry_id bigint PRIMARY KEY,
    organisation text NOT NULL,
    mark bytea NOT NULL,
    withdrawn_at timestamptz NOT NULL
);
CREATE INDEX hidden_sensitive_withdrawal_mark ON hidden.sensitive_withdrawal (mark);

CREATE FUNCTION hidden.withdrawal_mark(child bigint, organisation text, service text) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(convert_to(concat_ws(E'\\x1f', $1, $2, $3), 'UTF8'))
$$;

-- Only rows of feeds: what people record here is a new consent, given after the withdrawal.
CREATE FUNCTION hidden.keep_withdrawn() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.recorded_by IS NULL AND NEW.basis = 'consent' AND EXISTS (
        SELECT 1 FROM hidden.sensitive_withdrawal w
        WHERE w.mark = hidden.withdrawal_mark(NEW.child_id, NEW.organisation, NEW.service)
          AND NEW.obtained_on <= (w.withdrawn_at AT TIME ZONE 'Europe/London')::date) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;
GRANT EXECUTE ON FUNCTION hidden.withdrawal_mark(bigint, text, text), hidden.keep_withdrawn()
    TO contactpoint_match, contactpoint_hidden;
CREATE TRIGGER sensitive_stays_withdrawn BEFORE INSERT ON hidden.sensitive_involvement
    FOR EACH ROW EXECUTE FUNCTION hidden.keep_withdrawn();
"""

DOOR = """
GRANT SELECT (id, at, kind, refused, account_id, organisation_id, transaction) ON audit_event
    TO contactpoint_hidden;
GRANT SELECT (id, organisation_id, name) ON access_account TO contactpoint_hidden;
GRANT SELECT (id, code, sensitive_service) ON access_organisation TO contactpoint_hidden;

-- Who asks, by an event of this very transaction; refuses whoever provides no sensitive service (SEN-4).
CREATE FUNCTION hidden.find_provider(
    event bigint, kind text,
    OUT account bigint, OUT practitioner text, OUT organisation text, OUT service text, OUT happened timestamptz
) LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT a.id, a.name, o.code, o.sensitive_service, e.at
    INTO account, practitioner, organisation, service, happened
    FROM audit_event e
    JOIN access_account a ON a.id = e.account_id
    JOIN access_organisation o ON o.id = a.organisation_id AND o.id = e.organisation_id
    WHERE e.id = $1 AND e.kind = $2 AND NOT e.refused AND e.transaction = pg_current_xact_id()
      AND o.sensitive_service <> '';
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE =
            'this door opens for an event of this transaction by a provider of a sensitive service';
    END IF;
END $$;

CREATE FUNCTION directory_record_sensitive(
    event bigint, entry bigint, child bigint, post text, started date,
    ground text, giver text, obtainer text, obtained date, review date
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    provider record;
BEGIN
    SELECT * INTO provider FROM hidden.find_provider(event, 'sensitive-recorded');
    INSERT INTO hidden.sensitive_involvement
        (row_id, child_id, service, organisation, practitioner, role, started_on,
         basis, consent_given_by, obtained_by_role, obtained_on, review_on, recorded_by, confirmed_at)
    VALUES (entry, child, provider.service, provider.organisation, provider.practitioner, post, started,
            ground, giver, obtainer, obtained, review, provider.account, provider.happened);
END $$;

-- Soonest review first; `wanted` asks for one entry, NULL for all of the organisation's.
CREATE FUNCTION directory_list_sensitive(event bigint, wanted bigint, most integer)
RETURNS TABLE (
    row_id bigint, child_id bigint, service text, practitioner text, role text, started_on date, ended_on date,
    basis text, consent_given_by text, obtained_by_role text, obtained_on date, review_on date, supplied boolean
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    provider record;
BEGIN
    SELECT * INTO provider FROM hidden.find_provider(event, 'hidden-opened');
    RETURN QUERY
        SELECT s.row_id, s.child_id, s.service, s.practitioner, s.role, s.started_on, s.ended_on,
               s.basis, s.consent_given_by, s.obtained_by_role, s.obtained_on, s.review_on,
               s.recorded_by IS NULL
        FROM hidden.sensitive_involvement s
        WHERE s.organisation = provider.organisation AND (wanted IS NULL OR s.row_id = wanted)
        ORDER BY s.ended_on IS NOT NULL, s.review_on NULLS LAST, s.row_id LIMIT most;
END $$;

-- 'done'; 'none': not one of the organisation's; 'withdrawn', 'ended', 'before-start': as it is, nothing changed.
CREATE FUNCTION directory_renew_sensitive(
    event bigint, entry bigint, giver text, obtainer text, obtained date, review date
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    provider record;
    state text;
BEGIN
    SELECT * INTO provider FROM hidden.find_provider(event, 'sensitive-renewed');
    state := hidden.lock_own_sensitive(entry, provider.organisation);
    IF state = 'done' THEN
        UPDATE hidden.sensitive_involvement s
        SET basis = 'consent', consent_given_by = giver, obtained_by_role = obtainer, obtained_on = obtained,
            review_on = review, confirmed_at = provider.happened
        WHERE s.row_id = entry;
    END IF;
    RETURN state;
END $$;

CREATE FUNCTION directory_end_sensitive(event bigint, entry bigint, ended date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    provider record;
    state text;
BEGIN
    SELECT * INTO provider FROM hidden.find_provider(event, 'sensitive-ended');
    state := hidden.lock_own_sensitive(entry, provider.organisation);
    IF state = 'done' THEN
        UPDATE hidden.sensitive_involvement s SET ended_on = ended
        WHERE s.row_id = entry AND (s.started_on IS NULL OR s.started_on <= ended);
        IF NOT FOUND THEN
            state := 'before-start';
        END IF;
    END IF;
    RETURN state;
END $$;

-- SEN-7: with the consent go all entries of that child, organisation and service which rest on it.
CREATE FUNCTION directory_withdraw_sensitive(event bigint, entry bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    provider record;
    state text;
BEGIN
    SELECT * INTO provider FROM hidden.find_provider(event, 'sensitive-withdrawn');
    state := hidden.lock_own_sensitive(entry, provider.organisation);
    IF state NOT IN ('done', 'ended') THEN
        RETURN state;
    END IF;
    WITH gone AS (
        DELETE FROM hidden.sensitive_involvement s USING hidden.sensitive_involvement asked
        WHERE asked.row_id = $2
          AND (s.row_id = asked.row_id
               OR (asked.basis = 'consent' AND s.basis = 'consent' AND s.child_id = asked.child_id
                   AND s.organisation = asked.organisation AND s.service = asked.service))
        RETURNING s.row_id, s.child_id, s.organisation, s.service
    )
    INSERT INTO hidden.sensitive_withdrawal (entry_id, organisation, mark, withdrawn_at)
        SELECT g.row_id, g.organisation, hidden.withdrawal_mark(g.child_id, g.organisation, g.service),
               provider.happened
        FROM gone g
    ON CONFLICT (entry_id) DO UPDATE SET withdrawn_at = excluded.withdrawn_at;
    RETURN 'done';
END $$;

-- Of two who act at once the second waits here, and then finds what the first has left.
CREATE FUNCTION hidden.lock_own_sensitive(entry bigint, provider text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ended date;
BEGIN
    SELECT s.ended_on INTO ended FROM hidden.sensitive_involvement s
    WHERE s.row_id = $1 AND s.organisation = $2 FOR UPDATE;
    IF FOUND THEN
        RETURN CASE WHEN ended IS NULL THEN 'done' ELSE 'ended' END;
    END IF;
    PERFORM 1 FROM hidden.sensitive_withdrawal w WHERE w.entry_id = $1 AND w.organisation = $2;
    RETURN CASE WHEN FOUND THEN 'withdrawn' ELSE 'none' END;
END $$;
"""

OPEN_TO_APP = (
    "directory_record_sensitive(bigint, bigint, bigint, text, date, text, text, text, date, date)",
    "directory_list_sensitive(bigint, bigint, integer)",
    "directory_renew_sensitive(bigint, bigint, text, text, date, date)",
    "directory_end_sensitive(bigint, bigint, date)",
    "directory_withdraw_sensitive(bigint, bigint)",
)
INSIDE = ("hidden.find_provider(bigint, text)", "hidden.lock_own_sensitive(bigint, text)")

OWNERS = "\n".join(
    [
        "GRANT CREATE ON SCHEMA public TO contactpoint_hidden;",
        *(f"ALTER FUNCTION {each} OWNER TO contactpoint_hidden;" for each in (*OPEN_TO_APP, *INSIDE)),
        "REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;",
        "SET ROLE contactpoint_hidden;",
        *(f"REVOKE EXECUTE ON FUNCTION {each} FROM PUBLIC;" for each in (*OPEN_TO_APP, *INSIDE)),
        *(f"GRANT EXECUTE ON FUNCTION {each} TO contactpoint_app;" for each in OPEN_TO_APP),
        "RESET ROLE;",
    ]
)

DROP = "\n".join(
    [
        *(f"DROP FUNCTION {each};" for each in (*OPEN_TO_APP, *INSIDE)),
        "DROP TRIGGER sensitive_stays_withdrawn ON hidden.sensitive_involvement;",
        "DROP FUNCTION hidden.keep_withdrawn(), hidden.withdrawal_mark(bigint, text, text);",
        "DROP TABLE hidden.sensitive_withdrawal;",
        "DROP INDEX hidden.hidden_sensitive_open_once, hidden.hidden_sensitive_organisation;",
        "ALTER TABLE hidden.sensitive_involvement DROP COLUMN recorded_by CASCADE,"
        " DROP COLUMN confirmed_at CASCADE;",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("directory", "0002_hidden"), ("access", "0002_sensitive_service")]

    operations = [migrations.RunSQL(TABLES + DOOR + OWNERS, DROP)]
