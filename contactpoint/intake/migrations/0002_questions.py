"""Doubtful matches: who is asked, and what people decided, for ever (SUP-7, SUP-8, SUP-9).

What waits stays on the hidden side; a row that may be a shielded child's is never in an ordinary queue (SHI-5):
the database itself gives it to the shielding officers, whichever path made the row or the shield.
"""

from django.conf import settings
from django.db import migrations

TABLES = """
-- For ever, unless undone: what a person said of a supplier's row and a child (SUP-8).
-- `candidates` is the question as it was put, for undoing.
CREATE TABLE hidden.match_decision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    row_id bigint NOT NULL,
    supplier_id text NOT NULL REFERENCES directory_supplier,
    reference text NOT NULL,
    child_id bigint NOT NULL REFERENCES directory_child,
    verdict text NOT NULL CHECK (verdict IN ('same', 'different')),
    candidates jsonb NOT NULL,
    authority text NOT NULL,
    decided_by bigint NOT NULL REFERENCES access_account,
    decided_at timestamptz NOT NULL,
    done_at timestamptz,
    undone_by bigint REFERENCES access_account,
    undone_at timestamptz,
    CONSTRAINT decision_undone_as_a_whole CHECK ((undone_by IS NULL) = (undone_at IS NULL))
);
CREATE UNIQUE INDEX hidden_match_decided_once ON hidden.match_decision (supplier_id, reference, child_id)
    WHERE undone_at IS NULL;
CREATE INDEX hidden_match_decision_authority ON hidden.match_decision (authority, decided_at);
CREATE INDEX hidden_match_decision_row ON hidden.match_decision (row_id);

-- Set while the worker has still to do what was decided: nobody is asked meanwhile.
ALTER TABLE hidden.waiting_row ADD COLUMN decision bigint;

-- Which authorities are asked about a waiting row. `turn` orders: leaving a question puts it last.
CREATE TABLE hidden.review_queue (
    row_id bigint NOT NULL REFERENCES hidden.waiting_row ON DELETE CASCADE,
    authority text NOT NULL,
    since timestamptz NOT NULL,
    turn timestamptz NOT NULL,
    passed_at timestamptz,
    looked_by bigint,
    looked_at timestamptz,
    PRIMARY KEY (row_id, authority)
);
CREATE INDEX hidden_review_turn ON hidden.review_queue (authority, turn, row_id) WHERE passed_at IS NULL;
"""

TRIGGERS = """
-- SHI-5: near a shielded child, or marked as restricted by its supplier: the shielding officers' question.
CREATE FUNCTION hidden.hold_near_shield() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.why <> 'near-shield' AND (
        coalesce(NEW.candidates ->> 'marker', '') <> ''
        OR EXISTS (SELECT 1 FROM jsonb_array_elements(NEW.candidates -> 'children') c
            JOIN hidden.shield s ON s.child_id = (c ->> 'child')::bigint)) THEN
        NEW.why := 'near-shield';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER waiting_row_near_shield BEFORE INSERT OR UPDATE ON hidden.waiting_row
    FOR EACH ROW EXECUTE FUNCTION hidden.hold_near_shield();

-- A shield applied by whatever path draws the questions near it away from everybody else.
CREATE FUNCTION hidden.draw_rows_near() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE hidden.waiting_row w SET why = 'near-shield'
    WHERE w.why <> 'near-shield'
      AND (w.candidates -> 'children') @> jsonb_build_array(jsonb_build_object('child', NEW.child_id));
    RETURN NULL;
END $$;
CREATE TRIGGER shield_draws_rows AFTER INSERT ON hidden.shield
    FOR EACH ROW EXECUTE FUNCTION hidden.draw_rows_near();

-- Those who are asked: the authority that the row itself belongs to, and those of the children it may be.
CREATE FUNCTION hidden.queue_waiting_row() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    wanted text[] := ARRAY[]::text[];
BEGIN
    IF NEW.why <> 'near-shield' AND NEW.decision IS NULL THEN
        SELECT array_agg(DISTINCT c.authority) INTO wanted
        FROM jsonb_array_elements(NEW.candidates -> 'children') met
        JOIN directory_child c ON c.id = (met ->> 'child')::bigint
        WHERE c.authority IS NOT NULL;
        IF wanted IS NOT NULL AND coalesce(NEW.candidates ->> 'authority', '') <> '' THEN
            wanted := wanted || (NEW.candidates ->> 'authority');
        END IF;
        wanted := coalesce(wanted, ARRAY[]::text[]);
    END IF;
    DELETE FROM hidden.review_queue q WHERE q.row_id = NEW.id AND NOT q.authority = ANY (wanted);
    INSERT INTO hidden.review_queue (row_id, authority, since, turn)
        SELECT DISTINCT NEW.id, asked, NEW.supplied_at, NEW.supplied_at FROM unnest(wanted) AS asked
        ON CONFLICT DO NOTHING;
    -- What everybody passed on is everybody's again: a question is always somebody's.
    UPDATE hidden.review_queue q SET passed_at = NULL
        WHERE q.row_id = NEW.id AND q.passed_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM hidden.review_queue o WHERE o.row_id = NEW.id AND o.passed_at IS NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER waiting_row_queued AFTER INSERT OR UPDATE OF candidates, why, decision ON hidden.waiting_row
    FOR EACH ROW EXECUTE FUNCTION hidden.queue_waiting_row();
UPDATE hidden.waiting_row SET why = why;
"""

DROP = """
DROP TRIGGER shield_draws_rows ON hidden.shield;
DROP TRIGGER waiting_row_near_shield ON hidden.waiting_row;
DROP TRIGGER waiting_row_queued ON hidden.waiting_row;
DROP FUNCTION hidden.draw_rows_near(), hidden.hold_near_shield(), hidden.queue_waiting_row();
ALTER TABLE hidden.waiting_row DROP COLUMN decision;
DROP TABLE hidden.review_queue, hidden.match_decision;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0001_initial"),
        ("directory", "0003_sensitive_door"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunSQL(TABLES + TRIGGERS, DROP)]
