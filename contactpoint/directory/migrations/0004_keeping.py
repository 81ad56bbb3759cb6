"""The archive, sealed under a key of each child, and which entries of the ledger this database has done (RET)."""

from django.db import migrations

TABLES = """
-- Which entries of the ledger this database has done. How many there are is nobody else's business (SHI-3).
CREATE TABLE hidden.ledger_note (number bigint PRIMARY KEY);

-- RET-2: no archive without a date of destruction, six years on. `sealed` is the whole record.
-- The authority is whose data managers may ask for it in its first year.
CREATE TABLE hidden.archived_record (
    child_id bigint PRIMARY KEY REFERENCES directory_child,
    authority text NOT NULL,
    leaving text NOT NULL CHECK (leaving IN
        ('eighteen', 'agreed-date', 'death', 'left-england', 'nothing-left')),
    archived_on date NOT NULL,
    destroy_on date NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT archive_ends_after_six_years CHECK (
        destroy_on >= (archived_on + interval '6 years')::date
        AND destroy_on <= (archived_on + interval '6 years 1 day')::date)
);
CREATE INDEX hidden_archived_destroy ON hidden.archived_record (destroy_on);

-- What a supplier still sends of an archived child is not published again: digests of supplier and reference.
CREATE TABLE hidden.archived_reference (
    mark bytea NOT NULL,
    child_id bigint NOT NULL REFERENCES directory_child,
    PRIMARY KEY (mark, child_id)
);
CREATE INDEX hidden_archived_reference_child ON hidden.archived_reference (child_id);
"""

# Only for the withdrawal of this very transaction: what the ledger must say of it.
DOOR = """
CREATE FUNCTION directory_withdrawn_marks(event bigint, entry bigint)
RETURNS TABLE (entry_id bigint, mark bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    provider record;
BEGIN
    SELECT * INTO provider FROM hidden.find_provider(event, 'sensitive-withdrawn');
    RETURN QUERY
        SELECT w.entry_id, w.mark FROM hidden.sensitive_withdrawal w
        WHERE w.organisation = provider.organisation AND w.withdrawn_at = provider.happened
          AND w.mark = (SELECT m.mark FROM hidden.sensitive_withdrawal m WHERE m.entry_id = $2);
END $$;

CREATE FUNCTION directory_note_deeds(numbers bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO hidden.ledger_note (number) SELECT unnest($1) ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION directory_is_behind(last bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT count(*) < $1 FROM hidden.ledger_note n WHERE n.number <= $1
$$;
"""

DOORS = (
    "directory_withdrawn_marks(bigint, bigint)",
    "directory_note_deeds(bigint[])",
    "directory_is_behind(bigint)",
)
RIGHTS = (
    "GRANT CREATE ON SCHEMA public TO contactpoint_hidden;\n"
    + "".join(f"ALTER FUNCTION {name} OWNER TO contactpoint_hidden;\n" for name in DOORS)
    + "REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;\nSET ROLE contactpoint_hidden;\n"
    + "".join(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC;\n" for name in DOORS)
    + "".join(f"GRANT EXECUTE ON FUNCTION {name} TO contactpoint_app;\n" for name in DOORS)
    + "RESET ROLE;\n"
)

DROP = (
    "".join(f"DROP FUNCTION {name};\n" for name in DOORS)
    + "DROP TABLE hidden.ledger_note, hidden.archived_reference, hidden.archived_record;"
)


class Migration(migrations.Migration):
    dependencies = [("directory", "0003_sensitive_door")]

    operations = [
        migrations.RunSQL(TABLES + DOOR + RIGHTS, DROP),
    ]
