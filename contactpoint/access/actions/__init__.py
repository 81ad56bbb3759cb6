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
)
from contactpoint.access.actions.applications import (
    accredit_organisation,
    enter_application,
    refuse_application,
)
from contactpoint.access.actions.checks import (
    record_dbs_check,
    record_identity_check,
    record_training,
    sign_agreement,
)
from contactpoint.access.actions.founding import AlreadyFounded, Founder, found_service
from contactpoint.access.actions.links import find_link, send_invitation, set_password
from contactpoint.access.actions.organisations import (
    Contact,
    NewOrganisation,
    change_contact,
    load_organisations,
    register_organisation,
)
from contactpoint.access.actions.provider_links import link_invited
from contactpoint.access.actions.recertifying import recertify_accounts
from contactpoint.access.actions.restarting import move_account, renew_factors
from contactpoint.access.actions.sessions import begin_session, continue_session, end_session
from contactpoint.access.actions.stops import (
    reinstate_account,
    reinstate_organisation,
    restore_authority,
    restore_service,
    stop_authority,
    stop_service,
    suspend_account,
    suspend_organisation,
)
from contactpoint.access.records import Criteria

__all__ = [
    "AlreadyFounded",
    "Contact",
    "Criteria",
    "Founder",
    "NewOrganisation",
    "accredit_organisation",
    "approve_account",
    "begin_session",
    "change_contact",
    "close_account",
    "continue_session",
    "end_role",
    "end_session",
    "enter_application",
    "find_link",
    "found_service",
    "grant_role",
    "invite_account",
    "link_invited",
    "load_organisations",
    "move_account",
    "recertify_accounts",
    "record_dbs_check",
    "record_identity_check",
    "record_training",
    "refuse_application",
    "register_organisation",
    "reinstate_account",
    "reinstate_organisation",
    "renew_factors",
    "restore_authority",
    "restore_service",
    "send_invitation",
    "set_password",
    "sign_agreement",
    "stop_authority",
    "stop_service",
    "suspend_account",
    "suspend_organisation",
]
