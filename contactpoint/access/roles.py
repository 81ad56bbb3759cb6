"""What each role may do at all, and which numbers each sector sees: data, not code (ACC-8, ACC-9).

The table is the least that does the job (docs/reference/roles.md shows it for people to judge).
Duties are separated here: an auditor cannot search, who invites is not who approves,
a service operator sees no child.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """Every role of ACC-8. Values are stored: add, never rename."""

    PRACTITIONER = "practitioner"
    LINE_MANAGER = "line-manager"
    MEDIATOR = "mediator"
    ACCOUNT_MANAGER = "account-manager"
    DATA_MANAGER = "data-manager"
    SHIELDING_OFFICER = "shielding-officer"
    SHIELD_OVERRIDE = "shield-override"
    BROKER = "broker"
    INVESTIGATOR = "investigator"
    AUDITOR = "auditor"
    ORGANISATION_ADMINISTRATOR = "organisation-administrator"
    NATIONAL_AUDITOR = "national-auditor"
    NATIONAL_DATA_QUALITY = "national-data-quality"
    ARCHIVE_CUSTODIAN = "archive-custodian"
    SEALED_CUSTODIAN = "sealed-custodian"
    DATA_SUPPLIER = "data-supplier"
    CASE_MANAGEMENT_SYSTEM = "case-management-system"
    SERVICE_OPERATOR = "service-operator"


class Action(StrEnum):
    """What a role can allow. Whether it is allowed on *this* record is `directory.policies`."""

    SEARCH = "search"
    OPEN_RECORD = "open a record"
    ADD_CHILD = "add a child"
    RECORD_OWN_INVOLVEMENT = "record own involvement"
    RECORD_LEAD = "record being lead professional"
    RECORD_ASSESSMENT = "record that a common assessment exists"
    LIST_OWN_INVOLVEMENTS = "list own involvements"
    RECORD_SENSITIVE = (
        "record and withdraw their own sensitive service, where their organisation provides one"
    )
    SEARCH_MANY = "see up to the data manager's number of results"
    REVIEW_MATCHES = "decide whether two rows are the same child"
    REQUEST_SHIELD = "request a shield"
    PASS_MESSAGE = "pass a message about a shielded child"  # noqa: S105
    SHIELD = "apply, review and lift shields"
    CLEAR_HELD_ROWS = "clear rows held near shielded children"
    GIVE_IDENTITY = "give a child a new identity"
    KEEP_SEALED = "see which record a sealed one became, with a ground, and clear rows held near sealed ones"
    OVERRIDE_SHIELD = "open a shielded record, investigated afterwards"
    ASK_FOR_BROKERED_CONTACT = "ask for brokered contact"
    BROKER = "broker contact with a sensitive service"
    READ_LOG_OF_AUTHORITY = "read the log of own authority's users"
    READ_LOG = "read the whole log"
    INVESTIGATE = "investigate suspected misuse"
    READ_LOG_OF_STAFF = "see what own staff did"
    INVITE_ACCOUNT = "invite accounts and record their checks"
    APPROVE_ACCOUNT = "approve accounts that somebody else invited"
    MANAGE_ORGANISATION = "register and accredit organisations"
    SUSPEND = "suspend accounts and organisations"
    RECERTIFY = "confirm every six months that staff still need access"
    READ_DATA_QUALITY = "read data quality figures"
    MANAGE_FEEDS = "upload, release, reject and withdraw feeds of own suppliers"
    STATE_ENDING = "record that a child left England, died, or stays on after 18"
    MOVE = "propose and decide moves of records between authorities"
    READ_ARCHIVE = "read the archive, with a ground and a second approver"
    RECORD_DISCLOSURE = "enter what was disclosed outside the service"
    READ_DISCLOSURES = "read the register of disclosures"
    SUPPLY = "send feeds"
    SEE_OPENINGS = "see how far each authority has come with opening"
    SIGN_OPENING = "propose and sign the steps of an authority's opening, never both"
    OPERATE = "run the service"
    MEDIATE = "search and read for a practitioner without a computer, while they are on the telephone"


_LOOK = {Action.SEARCH, Action.OPEN_RECORD, Action.REQUEST_SHIELD, Action.PASS_MESSAGE}
_OWN_WORK = {
    Action.ADD_CHILD,
    Action.RECORD_OWN_INVOLVEMENT,
    Action.RECORD_LEAD,
    Action.RECORD_ASSESSMENT,
    Action.LIST_OWN_INVOLVEMENTS,
}

ALLOWED: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.PRACTITIONER: frozenset(
            _LOOK | _OWN_WORK | {Action.RECORD_SENSITIVE, Action.ASK_FOR_BROKERED_CONTACT}
        ),
        Role.LINE_MANAGER: frozenset({Action.READ_LOG_OF_STAFF, Action.RECERTIFY}),
        Role.MEDIATOR: frozenset({Action.MEDIATE}),  # in their own right they look at nothing (ACC-6)
        Role.ACCOUNT_MANAGER: frozenset(
            {
                Action.INVITE_ACCOUNT,
                Action.APPROVE_ACCOUNT,
                Action.MANAGE_ORGANISATION,
                Action.SUSPEND,
                Action.RECERTIFY,
                Action.SEE_OPENINGS,
                Action.SIGN_OPENING,
            }
        ),
        Role.DATA_MANAGER: frozenset(
            _LOOK
            | {
                Action.SEARCH_MANY,
                Action.REVIEW_MATCHES,
                Action.READ_DATA_QUALITY,
                Action.MANAGE_FEEDS,
                Action.MOVE,
                Action.STATE_ENDING,
                Action.READ_ARCHIVE,
                Action.RECORD_DISCLOSURE,
                Action.READ_DISCLOSURES,
                Action.SEE_OPENINGS,
            }
        ),
        Role.SHIELDING_OFFICER: frozenset(
            _LOOK
            | {
                Action.SHIELD,
                Action.CLEAR_HELD_ROWS,
                Action.GIVE_IDENTITY,
                Action.SEE_OPENINGS,
                Action.SIGN_OPENING,
            }
        ),
        Role.SHIELD_OVERRIDE: frozenset(_LOOK | {Action.OVERRIDE_SHIELD}),
        Role.BROKER: frozenset(_LOOK | {Action.BROKER}),
        Role.INVESTIGATOR: frozenset({Action.INVESTIGATE, Action.READ_LOG_OF_AUTHORITY, Action.SUSPEND}),
        Role.AUDITOR: frozenset({Action.READ_LOG_OF_AUTHORITY, Action.READ_DISCLOSURES}),
        Role.ORGANISATION_ADMINISTRATOR: frozenset({Action.INVITE_ACCOUNT}),
        Role.NATIONAL_AUDITOR: frozenset({Action.READ_LOG, Action.READ_DISCLOSURES, Action.SEE_OPENINGS}),
        Role.NATIONAL_DATA_QUALITY: frozenset(
            {Action.READ_DATA_QUALITY, Action.MANAGE_FEEDS, Action.SEE_OPENINGS}
        ),
        Role.ARCHIVE_CUSTODIAN: frozenset({Action.READ_ARCHIVE}),
        Role.SEALED_CUSTODIAN: frozenset({Action.KEEP_SEALED}),
        Role.DATA_SUPPLIER: frozenset({Action.SUPPLY}),
        Role.CASE_MANAGEMENT_SYSTEM: frozenset(_LOOK | _OWN_WORK),
        Role.SERVICE_OPERATOR: frozenset({Action.OPERATE}),
    }
)

# All that may be done in a mediated visit, as far as the practitioner served may do it (ACC-6).
MEDIATED = frozenset({Action.SEARCH, Action.OPEN_RECORD})

# Roles of an authority's own team: a grant of one says for which authority.
# (An account manager may have none: those who founded the service appoint the authorities' first ones.)
AUTHORITY_ROLES = frozenset(
    {
        Role.DATA_MANAGER,
        Role.SHIELDING_OFFICER,
        Role.BROKER,
        Role.INVESTIGATOR,
        Role.AUDITOR,
    }
)
# Roles that reach beyond any authority: a grant of one names none.
NATIONAL_ROLES = frozenset(
    {
        Role.NATIONAL_AUDITOR,
        Role.NATIONAL_DATA_QUALITY,
        Role.ARCHIVE_CUSTODIAN,
        Role.SEALED_CUSTODIAN,
        Role.SERVICE_OPERATOR,
    }
)
# Held with no other: whoever could search, shield or read the log besides would trace the two (SHI-7).
ALONE = frozenset({Role.SEALED_CUSTODIAN})


class Sector(StrEnum):
    """Which part of public life an organisation belongs to.

    Those of services (`codes.services`) and two more. Values are stored.
    """

    EDUCATION = "education"
    HEALTH = "health"
    SOCIAL_CARE = "social_care"
    YOUTH_JUSTICE = "youth_justice"
    EARLY_HELP = "early_help"
    POLICE = "police"
    HOUSING = "housing"
    VOLUNTARY = "voluntary"
    AUTHORITY = "authority"
    NATIONAL = "national"


# ACC-9: which identifying numbers people of a sector see and may search by ('nhs', 'upn', 'uln').
VISIBLE_NUMBERS: Mapping[Sector, frozenset[str]] = MappingProxyType(
    {
        Sector.EDUCATION: frozenset({"upn", "uln"}),
        Sector.HEALTH: frozenset({"nhs"}),
        Sector.SOCIAL_CARE: frozenset({"nhs"}),
        Sector.YOUTH_JUSTICE: frozenset(),
        Sector.EARLY_HELP: frozenset(),
        Sector.POLICE: frozenset(),
        Sector.HOUSING: frozenset(),
        Sector.VOLUNTARY: frozenset(),
        Sector.AUTHORITY: frozenset({"nhs", "upn"}),
        Sector.NATIONAL: frozenset(),
    }
)


def find_actions(*, roles: frozenset[Role]) -> frozenset[Action]:
    """Everything that somebody with these roles may do."""
    return frozenset[Action]().union(*(ALLOWED[role] for role in roles))
