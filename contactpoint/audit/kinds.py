"""What can be logged (AUD-1). Values are stored: add, never rename."""

from enum import StrEnum


class EventKind(StrEnum):
    """One kind of event. What each carries is said beside it."""

    # Looking
    SEARCHED = "searched"  # typed: the query; children: those shown
    SEARCH_REFUSED = "search-refused"  # typed: the query; facts: which rule
    RECORD_OPENED = "record-opened"  # purpose; typed: own case reference; children: the one
    RECORD_REFUSED = "record-refused"  # facts: which rule
    LIMIT_REACHED = "limit-reached"  # facts: which limit (SEA-8)
    OWN_INVOLVEMENTS_LISTED = "own-involvements-listed"  # children: those shown
    LOG_EXPORTED = "log-exported"  # typed: the reason; facts: filter and how many
    LOG_READ = "log-read"  # facts: which filter; children: the one asked about

    # Changing a record
    INVOLVEMENT_RECORDED = "involvement-recorded"
    INVOLVEMENT_ENDED = "involvement-ended"
    INVOLVEMENT_CONFIRMED = "involvement-confirmed"
    INVOLVEMENT_TAKEN_BACK = "involvement-taken-back"
    LEAD_RECORDED = "lead-recorded"
    LEAD_TAKEN_BACK = "lead-taken-back"
    ASSESSMENT_RECORDED = "assessment-recorded"
    ASSESSMENT_CLOSED = "assessment-closed"
    ASSESSMENT_TAKEN_BACK = "assessment-taken-back"
    CHILD_ADDED = "child-added"  # a practitioner's row was received (SEA-7)
    CHANGE_REFUSED = "change-refused"

    # A sensitive service's own work. facts: the entry's number, which means something on the hidden side
    # alone; never the child, the service or the organisation (AUD-8). The actor's own is unavoidable.
    SENSITIVE_RECORDED = "sensitive-recorded"
    SENSITIVE_LISTED = "sensitive-listed"  # facts: the numbers of the entries shown
    SENSITIVE_RENEWED = "sensitive-renewed"
    SENSITIVE_ENDED = "sensitive-ended"
    SENSITIVE_WITHDRAWN = "sensitive-withdrawn"

    # Brokered contact (SEN-5). facts: the request's number, which means something on the hidden side alone,
    # never the child; a provider only sealed under the child's key (AUD-8).
    CONTACT_ASKED = "contact-asked"
    CONTACT_CASE_READ = "contact-case-read"  # by the broker; facts: who the providers are, sealed
    CONTACT_CASE_TAKEN = "contact-case-taken"
    CONTACT_PROVIDER_ASKED = "contact-provider-asked"  # facts: which question; the provider, sealed
    CONTACT_QUESTIONS_LISTED = "contact-questions-listed"  # by the provider; facts: which
    CONTACT_ANSWERED = "contact-answered"  # by the provider; facts: which question
    CONTACT_CASE_CLOSED = "contact-case-closed"
    CONTACT_SEEN = "contact-seen"  # by who asked; facts: whose contact, sealed
    OWN_REQUESTS_LISTED = "own-requests-listed"  # facts: how many of each kind

    # The hidden door
    SHIELD_APPLIED = "shield-applied"
    SHIELD_REQUESTED = "shield-requested"  # facts: whether urgent
    SHIELD_REQUEST_DECIDED = "shield-request-decided"  # facts: which decision, and what
    SHIELD_DECIDED = "shield-decided"  # applied, renewed or to be lifted by an officer; facts: which decision
    SHIELD_LIFTED = "shield-lifted"  # the worker carried a decision out
    HELD_ROW_DECIDED = "held-row-decided"  # facts: which decision (SHI-5)
    HELD_ROW_CLEARED = "held-row-cleared"
    MESSAGE_PASSED = "message-passed"  # about a shielded child (SHI-2)
    MESSAGE_ANSWERED = "message-answered"
    HIDDEN_OPENED = "hidden-opened"

    # Doubtful matches (SUP-8); what is shown of them is "hidden-opened"
    MATCH_DECIDED = "match-decided"  # facts: which row and decision, same or different
    MATCH_PASSED = "match-passed"  # to the other authority; facts: which row
    MATCH_LEFT = "match-left"
    MATCH_UNDONE = "match-undone"  # facts: which decision
    MATCH_CARRIED_OUT = "match-carried-out"  # by the worker; children: whose the row became
    MATCH_TAKEN_BACK = "match-taken-back"

    # Keeping and forgetting (RET). By the worker or a command.
    RECORDS_ARCHIVED = "records-archived"  # children: which
    RECORD_RETURNED = "record-returned"  # from the archive
    RECORDS_DESTROYED = "records-destroyed"  # the receipt; facts: digest of what was destroyed
    # Moves between authorities (REC-6); facts: which. What an address proposes is logged with its feed.
    MOVE_PROPOSED = "move-proposed"
    MOVE_DECIDED = "move-decided"  # facts: accepted or not
    MOVE_WITHDRAWN = "move-withdrawn"
    MOVES_LISTED = "moves-listed"
    ENDING_STATED = "ending-stated"  # left England, died, stays on (REC-1, REC-9); facts: which, what kind
    ENDING_SETTLED = "ending-settled"  # facts: which, and confirmed, denied or taken back
    ENDINGS_LISTED = "endings-listed"
    ENDING_CARRIED_OUT = "ending-carried-out"  # by the worker
    ARCHIVE_OPENED = "archive-opened"  # purpose; typed: the case; facts: which request
    ARCHIVE_ASKED = "archive-asked"  # a custodian asks another one; purpose; facts: which request
    ARCHIVE_DECIDED = "archive-decided"  # by the other one; facts: which request, and what
    ARCHIVE_REQUESTS_LISTED = "archive-requests-listed"
    DISCLOSURE_RECORDED = "disclosure-recorded"  # outside the service (FAM-4); purpose; facts: which
    DISCLOSURES_READ = "disclosures-read"
    DISCLOSURES_EXPORTED = "disclosures-exported"  # typed: the reason; facts: how many
    HISTORY_ENDED = "history-ended"  # facts: how many entries
    CLOCK_RAN = "clock-ran"  # facts: counts
    LOG_MONTH_ENDING = "log-month-ending"  # facts: which month (AUD-8)
    LOG_MONTH_FORGOTTEN = "log-month-forgotten"  # the receipt; facts: events and a digest over theirs
    LEDGER_REPLAYED = "ledger-replayed"  # over a restored database; facts: which entry

    # A new identity (SHI-7). No event names both records: the link is sealed and nowhere else.
    IDENTITY_GIVEN = "identity-given"  # by an officer; children: the former one
    RECORD_SEALED = "record-sealed"  # by the worker; children: the former one
    IDENTITY_LINK_OPENED = "identity-link-opened"  # purpose; typed: the case; children: the one asked about
    SEALED_ROWS_LISTED = "sealed-rows-listed"  # facts: how many, or which
    SEALED_ROW_DECIDED = "sealed-row-decided"  # facts: which, and what

    # Joining records and parting them (REC-4); facts: which change
    RECORD_CHANGE_PROPOSED = "record-change-proposed"
    RECORD_CHANGE_AGREED = "record-change-agreed"
    RECORD_CHANGE_DECLINED = "record-change-declined"
    RECORDS_JOINED = "records-joined"  # by the worker; refused where it could not be done any more
    RECORD_PARTED = "record-parted"
    CORRECTION_ASKED = (
        "correction-asked"  # a supplier is asked to look at its value; facts: which field (SUP-6)
    )
    RECORD_HISTORY_READ = "record-history-read"  # facts: values or pieces (REC-5)
    # Break-glass (SHI-6) and what follows
    SHIELD_OVERRIDDEN = "shield-overridden"  # purpose; typed: the reason; facts: which investigation
    INVESTIGATION_NOTED = "investigation-noted"  # facts: which, and what was done
    INVESTIGATION_CLOSED = "investigation-closed"  # facts: which, and the outcome

    # An authority opens in steps (SHI-10); facts: which authority and step
    AUTHORITY_OPENED = "authority-opened"
    AUTHORITY_CLOSED = "authority-closed"  # its children are found by nobody again
    OPENING_STEP_PROPOSED = "opening-step-proposed"
    OPENING_STEP_SIGNED = "opening-step-signed"  # by a second person; facts: whether taken back
    OPENING_STEP_DROPPED = "opening-step-dropped"

    # Feeds
    FEED_RECEIVED = "feed-received"
    FEED_REFUSED = "feed-refused"
    FEED_CHUNK_PUBLISHED = "feed-chunk-published"  # facts: digest and counts (AUD-8)
    FEED_FINISHED = "feed-finished"
    FEED_UPLOADED = "feed-uploaded"  # by a page; facts: which load
    FEED_HELD = "feed-held"  # at the gate; facts: how many reasons
    FEED_RELEASED = "feed-released"
    FEED_REJECTED = "feed-rejected"
    FEED_REHEARSED = "feed-rehearsed"  # nothing was kept; facts: which supplier
    FEED_WITHDRAWN = "feed-withdrawn"  # facts: which load, chunk by chunk
    FEED_LATE = "feed-late"  # the data manager was told; facts: which supplier
    RECEIPTS_READ = "receipts-read"  # facts: which load
    SUPPLIER_CHANGED = "supplier-changed"  # the register; facts: which fields

    # People and organisations
    SIGNED_IN = "signed-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    SIGNED_OUT = "signed-out"
    SESSION_ENDED = "session-ended"
    ACCESS_REFUSED = "access-refused"  # facts: which parts of the clearance are missing
    FACTOR_ENROLLED = "factor-enrolled"
    FACTOR_REMOVED = "factor-removed"
    PROVIDER_LINKED = "provider-linked"  # facts: which account and sign-in provider (ACC-4)
    PROVIDER_UNLINKED = "provider-unlinked"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105
    ORGANISATION_REGISTERED = "organisation-registered"
    ORGANISATION_ACCREDITED = "organisation-accredited"
    ORGANISATION_CHANGED = "organisation-changed"  # its telephone numbers and addresses
    ORGANISATION_APPLIED = "organisation-applied"
    APPLICATION_REFUSED = "application-refused"
    MERGER_PROPOSED = "merger-proposed"
    MERGER_DROPPED = "merger-dropped"
    ORGANISATION_MERGED = "organisation-merged"
    ORGANISATION_SUSPENDED = "organisation-suspended"
    ORGANISATION_REINSTATED = "organisation-reinstated"
    ACCOUNT_INVITED = "account-invited"
    ACCOUNT_CHECKED = "account-checked"  # facts: which part of the clearance
    ACCOUNT_APPROVED = "account-approved"
    ACCOUNT_SUSPENDED = "account-suspended"
    ACCOUNT_REINSTATED = "account-reinstated"
    ACCOUNT_CLOSED = "account-closed"
    ACCOUNT_RECERTIFIED = "account-recertified"
    ACCOUNT_RESTARTED = "account-restarted"  # facts: why; its checks begin anew
    TRAINING_ANSWERED = "training-answered"  # facts: module, version, how many right; refused: why
    TRAINING_IMPORTED = "training-imported"  # facts: how many rows, and recorded
    PROFILE_CHANGED = "profile-changed"  # by oneself; facts: which part of how one is reached
    LINK_ASKED = "link-asked"  # typed: the e-mail address, whoever it belongs to
    LINK_SENT = "link-sent"  # facts: which account, what for
    MAIL_FAILED = "mail-failed"  # by the worker: a letter came back; facts: which account
    LAPSE_TOLD = "lapse-told"  # by the worker; facts: how many were warned
    AUTHORITY_STOPPED = "authority-stopped"  # facts: which; how many sessions ended
    AUTHORITY_RESTORED = "authority-restored"
    SERVICE_STOPPED = "service-stopped"
    SERVICE_RESTORED = "service-restored"
    # Mediated access (ACC-6): every event names the mediator and, once known, whom they serve.
    CALLER_LOOKED_UP = "caller-looked-up"  # typed: the words; facts: how many; refused: why, and whom
    MEDIATED_CODE_SENT = "mediated-code-sent"  # facts: which visit; refused: why
    MEDIATED_CODE_REFUSED = "mediated-code-refused"  # facts: which visit and why
    MEDIATED_VISIT_BEGAN = "mediated-visit-began"  # facts: which visit
    MEDIATED_VISIT_ENDED = "mediated-visit-ended"  # facts: which visit and why
    ROLE_GRANTED = "role-granted"
    ROLE_ENDED = "role-ended"
    ACTION_REFUSED = "action-refused"
