"""What ends a record, or lets it go on after 18: stated by people, or reported by a supplier (REC-1, REC-9)."""

from django.db import migrations

TABLES = """
-- A reported death waits; what is in force becomes a row of the authority's own, which the worker publishes.
-- `stays`: the young person's own consent, with who obtained it and when; `happened_on` is until when.
CREATE TABLE hidden.ending (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    child_id bigint NOT NULL REFERENCES directory_child,
    kind text NOT NULL CHECK (kind IN ('died', 'left', 'stays')),
    happened_on date NOT NULL,
    intent text NOT NULL DEFAULT '' CHECK (intent IN ('', 'returns', 'stays-away', 'unknown')),
    source text NOT NULL,
    obtained_by_role text NOT NULL DEFAULT '',
    obtained_on date,
    reported_by bigint REFERENCES access_account,
    reported_at timestamptz NOT NULL,
    in_force_at timestamptz,
    confirmed_by bigint REFERENCES access_account,
    ended_at timestamptz,
    ended_by bigint REFERENCES access_account,
    published boolean NOT NULL DEFAULT false,
    CONSTRAINT ending_only_a_death_waits CHECK (kind = 'died' OR in_force_at IS NOT NULL),
    CONSTRAINT ending_in_force_by_a_person CHECK ((in_force_at IS NULL) = (confirmed_by IS NULL)),
    CONSTRAINT ending_intent_of_who_left CHECK ((kind = 'left') = (intent <> '')),
    CONSTRAINT ending_stays_by_consent CHECK (
        (kind = 'stays') = (obtained_by_role <> '') AND (kind = 'stays') = (obtained_on IS NOT NULL))
);
CREATE UNIQUE INDEX hidden_ending_one ON hidden.ending (child_id, kind) WHERE ended_at IS NULL;
CREATE INDEX hidden_ending_child ON hidden.ending (child_id);
CREATE INDEX hidden_ending_undone ON hidden.ending (id)
    WHERE published <> (in_force_at IS NOT NULL AND ended_at IS NULL);
"""


class Migration(migrations.Migration):
    dependencies = [("directory", "0013_opening_steps")]

    operations = [migrations.RunSQL(TABLES, "DROP TABLE hidden.ending;")]
