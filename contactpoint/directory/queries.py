"""Reading the directory: the only doors to a child. Each loads, decides, logs and redacts (AUD-2)."""

from contactpoint.directory.opening import open_record
from contactpoint.directory.own_work import list_own_involvements
from contactpoint.directory.searching import search_children, search_own_authority

__all__ = ["list_own_involvements", "open_record", "search_children", "search_own_authority"]
