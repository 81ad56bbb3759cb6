"""Former identities, sealed, and the link to the fresh record that one role alone may open (SHI-7).

Nothing here is readable without keys that no backup of the database holds:
the record and what arrived later under the child's own key, the rest under keys of the service.
"""

from django.db import migrations

TABLES = """
-- `fresh` is what the fresh record starts with, from `due_at` on; both go when it has started.
-- `sealed` and `likeness` are empty until the worker has sealed the record.
CREATE TABLE hidden.sealed_identity (
    child_id bigint PRIMARY KEY REFERENCES directory_child,
    given_at timestamptz NOT NULL,
    destroy_on date NOT NULL,
    due_at timestamptz,
    fresh bytea,
    sealed bytea,
    likeness bytea,
    CONSTRAINT fresh_record_is_due CHECK ((due_at IS NULL) = (fresh IS NULL))
);
CREATE INDEX hidden_sealed_destroy ON hidden.sealed_identity (destroy_on);

-- Keyed digests of suppliers' references and of numbers that lead to the former identity.
CREATE TABLE hidden.sealed_mark (
    mark bytea NOT NULL,
    child_id bigint NOT NULL REFERENCES directory_child,
    PRIMARY KEY (mark, child_id)
);
CREATE INDEX hidden_sealed_mark_child ON hidden.sealed_mark (child_id);

-- What feeds still say of the former identity.
CREATE TABLE hidden.sealed_arrival (
    mark bytea PRIMARY KEY,
    child_id bigint NOT NULL REFERENCES directory_child,
    load_id bigint NOT NULL,
    sealed bytea NOT NULL
);
CREATE INDEX hidden_sealed_arrival_child ON hidden.sealed_arrival (child_id);
CREATE INDEX hidden_sealed_arrival_load ON hidden.sealed_arrival (load_id);

-- Rows of which the custodian alone may say whose they are.
CREATE TABLE hidden.sealed_question (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    child_id bigint NOT NULL REFERENCES directory_child,
    mark bytea NOT NULL UNIQUE,
    load_id bigint NOT NULL,
    supplied_at timestamptz NOT NULL,
    sealed bytea NOT NULL,
    decision text CHECK (decision IN ('former', 'other', 'cleaned')),
    decided_by bigint
);
CREATE INDEX hidden_sealed_question_child ON hidden.sealed_question (child_id);
CREATE INDEX hidden_sealed_question_load ON hidden.sealed_question (load_id);

-- Both marks are keyed digests of numbers; no column says a number, and nothing says when.
CREATE TABLE hidden.identity_link (
    by_sealed bytea PRIMARY KEY,
    by_fresh bytea NOT NULL,
    sealed bytea NOT NULL
);
CREATE INDEX hidden_identity_link_fresh ON hidden.identity_link (by_fresh);

-- However a feed, a decision or a restore is written: nothing is ever published for a sealed identity again.
CREATE FUNCTION hidden.keep_sealed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM arrived a JOIN hidden.sealed_identity i ON i.child_id = a.child_id
               WHERE i.sealed IS NOT NULL) THEN
        RAISE EXCEPTION 'nothing is published for a sealed identity' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION hidden.keep_sealed() OWNER TO contactpoint_hidden;
CREATE TRIGGER open_rows_of_sealed AFTER INSERT ON directory_suppliedrow
    REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION hidden.keep_sealed();
CREATE TRIGGER moved_rows_of_sealed AFTER UPDATE ON directory_suppliedrow
    REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION hidden.keep_sealed();
CREATE TRIGGER hidden_rows_of_sealed AFTER INSERT ON hidden.supplied_row
    REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION hidden.keep_sealed();
"""

DROP = """
DROP TRIGGER open_rows_of_sealed ON directory_suppliedrow;
DROP TRIGGER moved_rows_of_sealed ON directory_suppliedrow;
DROP TRIGGER hidden_rows_of_sealed ON hidden.supplied_row;
DROP FUNCTION hidden.keep_sealed();
DROP TABLE hidden.identity_link, hidden.sealed_question, hidden.sealed_arrival, hidden.sealed_mark,
    hidden.sealed_identity;
"""


class Migration(migrations.Migration):
    dependencies = [("directory", "0006_ended_rows")]

    operations = [migrations.RunSQL(TABLES, DROP)]
