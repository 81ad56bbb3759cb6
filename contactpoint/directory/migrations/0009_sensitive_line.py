"""Whether the line "a sensitive service is involved" is shown: yes or no, and nothing else (SEN-3).

Answers for one opening that is in the log of this very transaction, by somebody whose role may ask for brokered
contact, about a child who is not shielded; for nothing else at all.
"""

from django.db import migrations

LINE = """
GRANT SELECT ON audit_event_child, access_rolegrant TO contactpoint_hidden;

CREATE FUNCTION hidden.has_open_sensitive(child bigint, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM hidden.sensitive_involvement s WHERE s.child_id = $1
        AND (s.ended_on IS NULL OR s.ended_on > ($2 AT TIME ZONE 'Europe/London')::date))
$$;

-- The roles are those of access/roles.py; a test holds them equal.
CREATE FUNCTION directory_shows_sensitive(event bigint, at timestamptz, child bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM audit_event e
        JOIN audit_event_child c ON c.event_id = e.id AND c.at = e.at AND c.child_id = $3
        JOIN access_rolegrant g ON g.account_id = e.account_id AND g.role IN ('practitioner')
            AND g.valid_from <= $2 AND (g.valid_to IS NULL OR g.valid_to > $2)
        WHERE e.id = $1 AND e.at = $2 AND e.kind = 'record-opened' AND NOT e.refused
          AND e.transaction = pg_current_xact_id()
    ) THEN
        RAISE insufficient_privilege USING MESSAGE =
            'this door opens for an opening of this transaction by somebody who may ask for brokered contact';
    END IF;
    RETURN NOT (SELECT c.shielded FROM directory_child c WHERE c.id = $3)
        AND hidden.has_open_sensitive($3, $2);
END $$;

GRANT CREATE ON SCHEMA public TO contactpoint_hidden;
ALTER FUNCTION hidden.has_open_sensitive(bigint, timestamptz) OWNER TO contactpoint_hidden;
ALTER FUNCTION directory_shows_sensitive(bigint, timestamptz, bigint) OWNER TO contactpoint_hidden;
REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;
SET ROLE contactpoint_hidden;
REVOKE EXECUTE ON FUNCTION hidden.has_open_sensitive(bigint, timestamptz) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION directory_shows_sensitive(bigint, timestamptz, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION directory_shows_sensitive(bigint, timestamptz, bigint) TO contactpoint_app;
RESET ROLE;
"""

DROP = """
DROP FUNCTION directory_shows_sensitive(bigint, timestamptz, bigint), hidden.has_open_sensitive(bigint, timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0008_awaited"),
        ("access", "0004_shield_override"),
        ("audit", "0001_initial"),
    ]

    operations = [migrations.RunSQL(LINE, DROP)]
