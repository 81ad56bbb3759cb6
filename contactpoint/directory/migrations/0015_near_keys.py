"""An index of shielded children by the wider keys near a shield (SHI-5), so that one row need not read them all.

Filled by the matcher when it is next asked: folding names is Python's. What changes of a shielded child, by
whomever, notes the child here in the same transaction; a shield that goes takes its keys along.
"""

from django.db import migrations

NEAR = """
CREATE TABLE hidden.near_key (
    key bigint NOT NULL,
    child_id bigint NOT NULL,
    PRIMARY KEY (key, child_id)
);
CREATE INDEX hidden_near_key_child ON hidden.near_key (child_id);
CREATE TABLE hidden.near_stale (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    child_id bigint NOT NULL
);

CREATE FUNCTION hidden.note_near_row() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    about bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        about := OLD.child_id;
        INSERT INTO hidden.near_stale (child_id)
            SELECT about WHERE EXISTS (SELECT 1 FROM hidden.shield s WHERE s.child_id = about);
    END IF;
    IF TG_OP <> 'DELETE' AND about IS DISTINCT FROM NEW.child_id THEN
        about := NEW.child_id;
        INSERT INTO hidden.near_stale (child_id)
            SELECT about WHERE EXISTS (SELECT 1 FROM hidden.shield s WHERE s.child_id = about);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER near_row_noted AFTER INSERT OR DELETE OR UPDATE OF child_id, content ON hidden.supplied_row
    FOR EACH ROW EXECUTE FUNCTION hidden.note_near_row();

CREATE FUNCTION hidden.note_near_shield() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM hidden.near_key WHERE child_id = OLD.child_id;
        DELETE FROM hidden.near_stale WHERE child_id = OLD.child_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO hidden.near_stale (child_id) VALUES (NEW.child_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER near_shield_noted AFTER INSERT OR DELETE OR UPDATE OF child_id ON hidden.shield
    FOR EACH ROW EXECUTE FUNCTION hidden.note_near_shield();

INSERT INTO hidden.near_stale (child_id) SELECT child_id FROM hidden.shield;
"""

DROP = """
DROP TRIGGER near_shield_noted ON hidden.shield;
DROP TRIGGER near_row_noted ON hidden.supplied_row;
DROP FUNCTION hidden.note_near_shield(), hidden.note_near_row();
DROP TABLE hidden.near_stale, hidden.near_key;
"""


class Migration(migrations.Migration):
    dependencies = [("directory", "0014_endings")]

    operations = [migrations.RunSQL(NEAR, DROP)]
