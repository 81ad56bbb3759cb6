"""Everything that can happen to organisations, accounts and sessions, one function each.

Each opens its own durable transaction, asks whether `by` may, writes the change and its event, and closes it.
A refusal is logged in a transaction of its own before its error is raised (AUD-1, AUD-2).
"""

from contactpoint.access.actions.accounts import (
    approve_account,
    close_account,
    end_role,
    grant_role,
    invite_account,
    suspend_account,
)
from contactpoint.access.actions.checks import (
    record_dbs_check,
    record_identity_check,
    record_training,
    sign_agreement,
)
from contactpoint.access.actions.founding import AlreadyFounded, Founder, found_service
from contactpoint.access.actions.organisations import (
    Criteria,
    NewOrganisation,
    accredit_organisation,
    load_organisations,
    register_organisation,
    suspend_organisation,
)
from contactpoint.access.actions.sessions import begin_session, continue_session, end_session

__all__ = [
    "AlreadyFounded",
    "Criteria",
    "Founder",
    "NewOrganisation",
    "accredit_organisation",
    "approve_account",
    "begin_session",
    "close_account",
    "continue_session",
    "end_role",
    "end_session",
    "found_service",
    "grant_role",
    "invite_account",
    "load_organisations",
    "record_dbs_check",
    "record_identity_check",
    "record_training",
    "register_organisation",
    "sign_agreement",
    "suspend_account",
    "suspend_organisation",
]
