"""What a restored database still waits for: shields of children, and rows, that it does not have (RET-4).

Keyed digests; the key lies outside the database.
"""

from django.db import migrations

TABLES = """
-- The number is the child's before the restore: nothing refers to it.
CREATE TABLE hidden.awaited_shield (
    mark text NOT NULL,
    number bigint NOT NULL,
    ground text NOT NULL CHECK (ground <> ''),
    requested_by text NOT NULL CHECK (requested_by <> ''),
    review_on date NOT NULL,
    PRIMARY KEY (mark, number)
);
CREATE INDEX hidden_awaited_shield_number ON hidden.awaited_shield (number);

-- Versions of rows of records that were destroyed, and that an old file would bring back.
CREATE TABLE hidden.destroyed_row (mark bytea PRIMARY KEY);
"""
DROP = "DROP TABLE hidden.destroyed_row, hidden.awaited_shield;"


class Migration(migrations.Migration):
    dependencies = [("directory", "0007_sealed")]

    operations = [migrations.RunSQL(TABLES, DROP)]
