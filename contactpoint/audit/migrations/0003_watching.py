"""Indexes for those who watch: the newest first of a time, a kind, an organisation, or of what was refused.

Each grows at its right edge only; together they cost an event some microseconds (docs/adr/0183).
"""

from django.db import migrations

INDEXES = """
CREATE INDEX audit_event_at ON audit_event (at);
CREATE INDEX audit_event_kind ON audit_event (kind, at);
CREATE INDEX audit_event_organisation ON audit_event (organisation_id, at) WHERE organisation_id IS NOT NULL;
CREATE INDEX audit_event_refused ON audit_event (at) WHERE refused;
"""
DROP = "DROP INDEX audit_event_at, audit_event_kind, audit_event_organisation, audit_event_refused;"


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_forgetting")]

    operations = [migrations.RunSQL(INDEXES, DROP)]
