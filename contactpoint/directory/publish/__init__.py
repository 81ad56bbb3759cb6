"""Putting matched rows before readers: the one way by which supplied values enter the directory.

Used by intake on the connection `match`, inside the caller's transaction, for one row or for thousands.
Owns no decision about who matches whom; it is told the child of every row.
Every path takes new data for a shielded child, and every sensitive row, to the hidden side (SHI-5, SHI-9).
"""

from contactpoint.directory.publish.ending import end_rows, resume_rows
from contactpoint.directory.publish.publishing import (
    new_child_ids,
    publish_rows,
    remove_rows,
    without_collecting,
)
from contactpoint.directory.publish.restoring import Earlier, Restored, restore_rows
from contactpoint.directory.publish.rows import NotPublished, PublishCounts, PublishedRow, SensitivePart

__all__ = [
    "Earlier",
    "NotPublished",
    "PublishCounts",
    "PublishedRow",
    "Restored",
    "SensitivePart",
    "end_rows",
    "new_child_ids",
    "publish_rows",
    "remove_rows",
    "restore_rows",
    "resume_rows",
    "without_collecting",
]
