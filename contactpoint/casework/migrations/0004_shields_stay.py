"""What the database itself refuses: a shield that goes by oversight, an unshielded copy (SHI-4, SHI-5).

However a feed, a merge, a correction or a restore is written, these hold for it too.
Carrying out an officer's decision says in its transaction whose shield it lifts (`publish/lifting.py`).
Archiving and destroying take a shield along with the whole record, of which nothing is left that could be shown.
"""

from django.db import migrations

REFUSALS = """
CREATE FUNCTION hidden.keep_shield() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.child_id::text <> ALL (string_to_array(coalesce(current_setting('contactpoint.lifted', true), ''), ','))
        AND EXISTS (SELECT 1 FROM directory_child c WHERE c.id = OLD.child_id)
        AND NOT EXISTS (SELECT 1 FROM hidden.shield s WHERE s.child_id = OLD.child_id)
        AND NOT EXISTS (SELECT 1 FROM hidden.archived_record a WHERE a.child_id = OLD.child_id)
    THEN
        RAISE EXCEPTION 'a shield goes only by the decision of a shielding officer' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER shield_stays AFTER DELETE OR UPDATE OF child_id ON hidden.shield
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hidden.keep_shield();

CREATE FUNCTION hidden.keep_record_shielded() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM hidden.shield s JOIN directory_child c ON c.id = s.child_id
               WHERE s.child_id = OLD.id AND NOT c.shielded) THEN
        RAISE EXCEPTION 'this record is shielded' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER record_stays_shielded AFTER UPDATE OF shielded ON directory_child
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.shielded AND NOT NEW.shielded)
    EXECUTE FUNCTION hidden.keep_record_shielded();

-- Once a statement, with all of its rows: a chunk of ten thousand costs one join with the shields.
CREATE FUNCTION hidden.keep_rows_hidden() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM arrived a JOIN hidden.shield s ON s.child_id = a.child_id) THEN
        RAISE EXCEPTION 'a row of a shielded child belongs on the hidden side' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rows_of_shielded_stay_hidden AFTER INSERT ON directory_suppliedrow
    REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION hidden.keep_rows_hidden();
CREATE TRIGGER moved_rows_of_shielded_stay_hidden AFTER UPDATE ON directory_suppliedrow
    REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION hidden.keep_rows_hidden();

ALTER FUNCTION hidden.keep_shield() OWNER TO contactpoint_hidden;
ALTER FUNCTION hidden.keep_record_shielded() OWNER TO contactpoint_hidden;
ALTER FUNCTION hidden.keep_rows_hidden() OWNER TO contactpoint_hidden;
"""

DROP = """
DROP TRIGGER shield_stays ON hidden.shield;
DROP TRIGGER record_stays_shielded ON directory_child;
DROP TRIGGER rows_of_shielded_stay_hidden ON directory_suppliedrow;
DROP TRIGGER moved_rows_of_shielded_stay_hidden ON directory_suppliedrow;
DROP FUNCTION hidden.keep_shield(), hidden.keep_record_shielded(), hidden.keep_rows_hidden();
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0003_review"), ("directory", "0004_keeping")]

    operations = [migrations.RunSQL(REFUSALS, DROP)]
