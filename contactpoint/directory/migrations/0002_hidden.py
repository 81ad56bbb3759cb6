"""The hidden store: shielded values, sensitive services, rows that wait for a person, blocking keys (SHI-9).

The role `app` has no right to this schema.
`match` (intake and matching) reads both sides; the functions of the hidden door belong to `hidden`.
They lie in the schema `public`, so that calling them needs no right to the schema `hidden`.
"""

from django.db import migrations

TABLES = """
CREATE SEQUENCE directory_supplied_row_id AS bigint;
GRANT USAGE ON SEQUENCE directory_supplied_row_id TO contactpoint_app, contactpoint_hidden;
ALTER TABLE directory_suppliedrow ALTER COLUMN id SET DEFAULT nextval('directory_supplied_row_id');

-- What is said of shielded children, and every row of a sensitive supplier.
CREATE TABLE hidden.supplied_row (
    id bigint PRIMARY KEY DEFAULT nextval('directory_supplied_row_id'),
    child_id bigint NOT NULL REFERENCES directory_child,
    supplier_id text NOT NULL REFERENCES directory_supplier,
    reference text NOT NULL,
    content jsonb NOT NULL,
    digest bytea NOT NULL,
    load_id bigint NOT NULL,
    supplied_at timestamptz NOT NULL,
    UNIQUE (supplier_id, reference)
);
CREATE INDEX hidden_supplied_row_child ON hidden.supplied_row (child_id);
CREATE INDEX hidden_supplied_row_load ON hidden.supplied_row (load_id);

-- SHI-4: no shield without a ground and a review date; REC-6: exactly one responsible authority.
CREATE TABLE hidden.shield (
    child_id bigint PRIMARY KEY REFERENCES directory_child DEFERRABLE INITIALLY DEFERRED,
    authority text NOT NULL,
    ground text NOT NULL CHECK (ground <> ''),
    requested_by text NOT NULL CHECK (requested_by <> ''),
    provisional boolean NOT NULL,
    applied_by bigint,
    applied_at timestamptz NOT NULL,
    review_on date NOT NULL
);

-- SEN-2: no sensitive involvement without a basis.
CREATE TABLE hidden.sensitive_involvement (
    row_id bigint PRIMARY KEY,
    child_id bigint NOT NULL REFERENCES directory_child,
    service text NOT NULL,
    organisation text NOT NULL,
    practitioner text NOT NULL,
    role text NOT NULL,
    started_on date,
    ended_on date,
    basis text NOT NULL CHECK (basis IN ('consent', 'significant-harm')),
    consent_given_by text NOT NULL DEFAULT '' CHECK (consent_given_by IN ('', 'child', 'parent-or-carer')),
    obtained_by_role text NOT NULL DEFAULT '',
    obtained_on date,
    review_on date,
    CONSTRAINT consent_says_by_whom_and_when CHECK (
        basis <> 'consent' OR (consent_given_by <> '' AND obtained_on IS NOT NULL))
);
CREATE INDEX hidden_sensitive_child ON hidden.sensitive_involvement (child_id);

-- Practitioners' own entries on shielded children: same shape as the open tables.
CREATE TABLE hidden.involvement (LIKE directory_involvement INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
ALTER TABLE hidden.involvement ADD PRIMARY KEY (id);
CREATE INDEX hidden_involvement_child ON hidden.involvement (child_id);
CREATE TABLE hidden.assessment (LIKE directory_assessment INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
ALTER TABLE hidden.assessment ADD PRIMARY KEY (id);
CREATE INDEX hidden_assessment_child ON hidden.assessment (child_id);

-- How rows find the child they belong to: hashes of the model's blocking keys, both sides.
-- Derived, seven a child: no foreign-key check, which would double the time of a bulk load.
CREATE TABLE hidden.blocking_key (
    key bigint NOT NULL,
    child_id bigint NOT NULL,
    PRIMARY KEY (key, child_id)
);
CREATE INDEX hidden_blocking_key_child ON hidden.blocking_key (child_id);

-- Rows held for a person: several candidates, a doubtful match, or near a shield (SUP-7, SHI-5).
CREATE TABLE hidden.waiting_row (
    id bigint PRIMARY KEY DEFAULT nextval('directory_supplied_row_id'),
    supplier_id text NOT NULL REFERENCES directory_supplier,
    reference text NOT NULL,
    content jsonb NOT NULL,
    sensitive jsonb,
    digest bytea NOT NULL,
    load_id bigint NOT NULL,
    supplied_at timestamptz NOT NULL,
    why text NOT NULL CHECK (why IN ('doubtful', 'several', 'near-shield')),
    candidates jsonb NOT NULL,
    UNIQUE (supplier_id, reference)
);
CREATE INDEX hidden_waiting_row_load ON hidden.waiting_row (load_id);

-- What each row did and undid: withdrawing a load and undoing a merge read this (SUP-5, SUP-8).
CREATE TABLE hidden.row_effect (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    row_id bigint NOT NULL,
    load_id bigint NOT NULL,
    child_id bigint,
    effect text NOT NULL CHECK (effect IN
        ('made-child', 'linked', 'replaced', 'ended', 'waits', 'moved-hidden', 'moved-open')),
    previous jsonb,
    weight real,
    levels smallint[],
    model text NOT NULL DEFAULT '',
    decided_by bigint,
    at timestamptz NOT NULL
);
CREATE INDEX hidden_row_effect_row ON hidden.row_effect (row_id);
CREATE INDEX hidden_row_effect_load ON hidden.row_effect (load_id);
"""

# SEN-2: the open side can't hold a sensitive service at all; the hidden side only with its basis.
SENSITIVE = """
ALTER TABLE directory_suppliedrow ADD CONSTRAINT supplied_row_never_sensitive CHECK (
    coalesce(content #>> '{involvement,service}', '') NOT IN ('camhs', 'sexual_health', 'substance_misuse'));
ALTER TABLE directory_involvement ADD CONSTRAINT involvement_never_sensitive CHECK (
    service NOT IN ('camhs', 'sexual_health', 'substance_misuse'));
"""

DOOR = """
GRANT SELECT, UPDATE ON directory_child TO contactpoint_hidden;
GRANT SELECT, DELETE ON directory_suppliedrow, directory_involvement, directory_assessment,
    directory_searchnumber TO contactpoint_hidden;

-- SHI-4, SHI-8, SHI-9: moves everything but what SHI-2 shows to the hidden side, in the caller's transaction.
-- Gives the children that were not shielded before. Their name pairs are filed anew by the caller beforehand.
-- 2000-01-01 stands for "open": the true date would tell which authority it is.
CREATE FUNCTION directory_apply_shield(
    children bigint[], ground text, requested_by text, provisional boolean,
    applied_by bigint, at timestamptz, review_on date
) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    fresh bigint[];
BEGIN
    SELECT array_agg(id) INTO fresh FROM (
        SELECT c.id FROM directory_child c
        WHERE c.id = ANY (children) AND NOT c.shielded ORDER BY c.id FOR UPDATE) locked;
    IF fresh IS NULL THEN
        RETURN ARRAY[]::bigint[];
    END IF;
    INSERT INTO hidden.shield (child_id, authority, ground, requested_by, provisional, applied_by, applied_at, review_on)
        SELECT c.id, c.authority, $2, $3, $4, $5, $6, $7 FROM directory_child c WHERE c.id = ANY (fresh);
    WITH moved AS (
        DELETE FROM directory_suppliedrow r WHERE r.child_id = ANY (fresh) RETURNING r.*
    ), arrived AS (
        INSERT INTO hidden.supplied_row (id, child_id, supplier_id, reference, content, digest, load_id, supplied_at)
        SELECT id, child_id, supplier_id, reference, content, digest, load_id, supplied_at FROM moved
    )
    INSERT INTO hidden.row_effect (row_id, load_id, child_id, effect, decided_by, at)
        SELECT m.id, m.load_id, m.child_id, 'moved-hidden', $5, $6 FROM moved m;
    WITH moved AS (DELETE FROM directory_involvement i WHERE i.child_id = ANY (fresh) RETURNING i.*)
        INSERT INTO hidden.involvement SELECT * FROM moved;
    WITH moved AS (DELETE FROM directory_assessment a WHERE a.child_id = ANY (fresh) RETURNING a.*)
        INSERT INTO hidden.assessment SELECT * FROM moved;
    DELETE FROM directory_searchnumber n WHERE n.child_id = ANY (fresh);
    UPDATE directory_child c
        SET shielded = true, authority = NULL, town = '', outward = '', postcodes = '',
            searchable_from = CASE WHEN c.searchable_from <= ($6 AT TIME ZONE 'Europe/London')::date
                THEN date '2000-01-01' END
        WHERE c.id = ANY (fresh);
    RETURN fresh;
END $$;

-- SHI-10: shielded children of an authority that has opened can be found by what everybody may see of them.
CREATE FUNCTION directory_open_shielded(code text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE directory_child c SET searchable_from = date '2000-01-01'
    FROM hidden.shield s WHERE s.child_id = c.id AND s.authority = $1 AND c.shielded
$$;

GRANT CREATE ON SCHEMA public TO contactpoint_hidden;
ALTER FUNCTION directory_apply_shield(bigint[], text, text, boolean, bigint, timestamptz, date)
    OWNER TO contactpoint_hidden;
ALTER FUNCTION directory_open_shielded(text) OWNER TO contactpoint_hidden;
REVOKE CREATE ON SCHEMA public FROM contactpoint_hidden;
SET ROLE contactpoint_hidden;
REVOKE EXECUTE ON FUNCTION directory_apply_shield(bigint[], text, text, boolean, bigint, timestamptz, date) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION directory_open_shielded(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION directory_apply_shield(bigint[], text, text, boolean, bigint, timestamptz, date),
    directory_open_shielded(text) TO contactpoint_app;
RESET ROLE;
"""

DROP = """
DROP FUNCTION directory_apply_shield(bigint[], text, text, boolean, bigint, timestamptz, date),
    directory_open_shielded(text);
ALTER TABLE directory_suppliedrow DROP CONSTRAINT supplied_row_never_sensitive;
DROP TABLE hidden.row_effect, hidden.waiting_row, hidden.blocking_key, hidden.assessment, hidden.involvement,
    hidden.sensitive_involvement, hidden.shield, hidden.supplied_row;
ALTER TABLE directory_suppliedrow ALTER COLUMN id DROP DEFAULT;
DROP SEQUENCE directory_supplied_row_id;
"""


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]

    operations = [migrations.RunSQL(TABLES + SENSITIVE + DOOR, DROP)]
