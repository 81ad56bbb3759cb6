"""Reading who is asking, and whom an account manager answers for."""

from contactpoint.access.queries.who import NoSuchAccount, NotCleared, find_team_contact, get_viewer

__all__ = ["NoSuchAccount", "NotCleared", "find_team_contact", "get_viewer"]
