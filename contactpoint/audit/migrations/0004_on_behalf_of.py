"""For whom a mediator did it, as a column of its own: "what was done in my name" by index (ACC-6)."""

from django.db import migrations

COLUMN = """
ALTER TABLE audit_event ADD COLUMN on_behalf_of bigint;
CREATE INDEX audit_event_on_behalf_of ON audit_event (on_behalf_of, at) WHERE on_behalf_of IS NOT NULL;
"""
DROP = "ALTER TABLE audit_event DROP COLUMN on_behalf_of;"


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_watching")]

    operations = [migrations.RunSQL(COLUMN, DROP)]
