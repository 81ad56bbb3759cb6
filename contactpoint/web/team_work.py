"""Which parts of the frame somebody is shown. What they may do is decided behind each door."""

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action

TEAM = frozenset(
    {
        Action.INVITE_ACCOUNT,
        Action.MANAGE_ORGANISATION,
        Action.RECERTIFY,
        Action.OPERATE,
        Action.READ_LOG,
        Action.READ_LOG_OF_AUTHORITY,
        Action.READ_LOG_OF_STAFF,
    }
)


def has_team_work(viewer: object) -> bool:
    """Is there a list of work for any of their roles?"""
    return isinstance(viewer, Viewer) and any(viewer.may(action) for action in TEAM)


def is_searcher(viewer: object) -> bool:
    """Is searching part of any of their roles?"""
    return isinstance(viewer, Viewer) and viewer.may(Action.SEARCH)
