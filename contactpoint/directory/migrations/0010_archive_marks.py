"""By what an archived record is found again, and whether it was shielded (RET-2, SHI-2)."""

from django.db import migrations

TABLES = """
-- Keyed digests of names with birth dates and of numbers: nobody can list or guess the archive without the key.
CREATE TABLE hidden.archived_mark (
    mark bytea NOT NULL,
    child_id bigint NOT NULL REFERENCES directory_child,
    PRIMARY KEY (mark, child_id)
);
CREATE INDEX hidden_archived_mark_child ON hidden.archived_mark (child_id);

-- What was archived before nobody knows any more: then it counts as shielded.
ALTER TABLE hidden.archived_record ADD COLUMN shielded boolean NOT NULL DEFAULT true;
"""
DROP = "DROP TABLE hidden.archived_mark; ALTER TABLE hidden.archived_record DROP COLUMN shielded;"


class Migration(migrations.Migration):
    dependencies = [("directory", "0009_sensitive_line")]

    operations = [migrations.RunSQL(TABLES, DROP)]
