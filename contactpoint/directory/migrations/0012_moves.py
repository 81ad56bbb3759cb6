"""Moves between authorities: proposed by one side, or by an address, decided by the other (REC-6)."""

from django.db import migrations

TABLES = """
-- `proposed_for` is the side that proposes: the other one decides. By an address nobody proposes it (`proposed_by`),
-- and the authority that the address left stands for it.
CREATE TABLE hidden.move (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    child_id bigint NOT NULL REFERENCES directory_child,
    from_authority text NOT NULL,
    to_authority text NOT NULL,
    proposed_for text NOT NULL,
    proposed_by bigint REFERENCES access_account,
    proposed_at timestamptz NOT NULL,
    outcome text CHECK (outcome IN ('accepted', 'rejected', 'withdrawn')),
    why text NOT NULL DEFAULT '' CHECK (why IN ('', 'not-here', 'not-yet', 'wrong-child')),
    decided_by bigint REFERENCES access_account,
    decided_at timestamptz,
    CONSTRAINT move_goes_elsewhere CHECK (from_authority <> to_authority),
    CONSTRAINT move_proposed_by_a_side CHECK (proposed_for IN (from_authority, to_authority)),
    CONSTRAINT move_decided_as_a_whole CHECK ((outcome IS NULL) = (decided_at IS NULL)),
    CONSTRAINT move_rejected_for_a_reason CHECK ((outcome IS NOT DISTINCT FROM 'rejected') = (why <> '')),
    CONSTRAINT move_decided_by_another CHECK (outcome = 'withdrawn' OR decided_by <> proposed_by)
);
CREATE UNIQUE INDEX hidden_move_one_open ON hidden.move (child_id) WHERE outcome IS NULL;
CREATE INDEX hidden_move_child ON hidden.move (child_id);
CREATE INDEX hidden_move_from ON hidden.move (from_authority, decided_at);
CREATE INDEX hidden_move_to ON hidden.move (to_authority, decided_at);
"""


class Migration(migrations.Migration):
    dependencies = [("directory", "0011_withdrawn_rows")]

    operations = [migrations.RunSQL(TABLES, "DROP TABLE hidden.move;")]
