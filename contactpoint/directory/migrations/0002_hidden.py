"""The hidden store: shielded values, sensitive services, rows that wait for a person, blocking keys (SHI-9).

The role `app` has no right to this schema.
`match` (intake and matching) reads both sides; the functions of the hidden door belong to `hidden`.
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
    child_id bigint PRIMARY KEY REFERENCES directory_child,
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
CREATE TABLE hidden.blocking_key (
    key bigint NOT NULL,
    child_id bigint NOT NULL REFERENCES directory_child,
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

DROP = """
DROP TABLE hidden.row_effect, hidden.waiting_row, hidden.blocking_key, hidden.assessment, hidden.involvement,
    hidden.sensitive_involvement, hidden.shield, hidden.supplied_row;
ALTER TABLE directory_suppliedrow ALTER COLUMN id DROP DEFAULT;
DROP SEQUENCE directory_supplied_row_id;
"""


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]

    operations = [migrations.RunSQL(TABLES, DROP)]
