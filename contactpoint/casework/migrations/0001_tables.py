"""Tables of shielding cases, all on the hidden side: that a shield was asked for is nobody else's business (SHI-9)."""

from django.conf import settings
from django.db import migrations

TABLES = """
-- Addresses of the officers' pages name a shield by this, never by the child's number.
ALTER TABLE hidden.shield ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY UNIQUE;
CREATE INDEX hidden_shield_review ON hidden.shield (authority, review_on);

-- Nobody decides on what they asked for themselves; what they wrote is sealed.
CREATE TABLE hidden.shield_request (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    child_id bigint NOT NULL REFERENCES directory_child,
    ground text NOT NULL CHECK (ground <> ''),
    urgent boolean NOT NULL,
    sealed bytea NOT NULL,
    requested_by bigint NOT NULL REFERENCES access_account,
    organisation_id bigint NOT NULL REFERENCES access_organisation,
    requested_at timestamptz NOT NULL,
    outcome text CHECK (outcome IN ('confirm', 'refuse')),
    decided_by bigint REFERENCES access_account,
    decided_at timestamptz,
    CONSTRAINT request_decided_as_a_whole CHECK (
        (outcome IS NULL) = (decided_by IS NULL) AND (outcome IS NULL) = (decided_at IS NULL)),
    CONSTRAINT request_decided_by_another CHECK (decided_by <> requested_by)
);
CREATE UNIQUE INDEX hidden_request_once ON hidden.shield_request (child_id, requested_by) WHERE outcome IS NULL;

-- Every decision of an officer stays; lifting and clearing are carried out afterwards by the worker.
CREATE TABLE hidden.shield_decision (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('confirm', 'refuse', 'apply', 'renew', 'lift', 'belongs', 'another')),
    child_id bigint REFERENCES directory_child,
    row_id bigint,
    request_id bigint REFERENCES hidden.shield_request,
    ground text NOT NULL CHECK (ground <> ''),
    review_on date,
    decided_by bigint NOT NULL REFERENCES access_account,
    decided_at timestamptz NOT NULL,
    done_at timestamptz,
    void boolean NOT NULL DEFAULT false,
    CONSTRAINT decision_is_about_something CHECK (child_id IS NOT NULL OR row_id IS NOT NULL),
    CONSTRAINT decision_to_shield_has_a_review CHECK (
        kind NOT IN ('confirm', 'apply', 'renew') OR review_on IS NOT NULL)
);
CREATE INDEX hidden_decision_child ON hidden.shield_decision (child_id);
CREATE INDEX hidden_decision_row ON hidden.shield_decision (row_id) WHERE row_id IS NOT NULL;
CREATE UNIQUE INDEX hidden_decision_one_lift ON hidden.shield_decision (child_id)
    WHERE kind = 'lift' AND done_at IS NULL AND NOT void;
CREATE UNIQUE INDEX hidden_decision_belongs_once ON hidden.shield_decision (row_id) WHERE kind = 'belongs';

CREATE TABLE hidden.shield_message (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    child_id bigint NOT NULL REFERENCES directory_child,
    sealed bytea NOT NULL,
    sent_by bigint NOT NULL REFERENCES access_account,
    organisation_id bigint NOT NULL REFERENCES access_organisation,
    sent_at timestamptz NOT NULL,
    answered_by bigint REFERENCES access_account,
    answered_at timestamptz,
    CONSTRAINT message_answered_by_somebody CHECK ((answered_by IS NULL) = (answered_at IS NULL))
);
CREATE INDEX hidden_message_child ON hidden.shield_message (child_id) WHERE answered_at IS NULL;

CREATE INDEX hidden_waiting_near ON hidden.waiting_row (supplied_at) WHERE why = 'near-shield';
CREATE INDEX hidden_waiting_candidates ON hidden.waiting_row USING gin ((candidates -> 'children') jsonb_path_ops);
"""

DROP = """
DROP INDEX hidden.hidden_waiting_near, hidden.hidden_waiting_candidates;
DROP TABLE hidden.shield_message, hidden.shield_decision, hidden.shield_request;
ALTER TABLE hidden.shield DROP COLUMN id;
DROP INDEX hidden.hidden_shield_review;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("directory", "0002_hidden"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunSQL(TABLES, DROP)]
