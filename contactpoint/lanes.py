"""The queues of the worker, so that what waits for a long load keeps nothing else waiting.

A letter with a link for a password, or word of a shield, goes out while a file of millions is loaded.
"""

from enum import StrEnum


class Lane(StrEnum):
    """Each is worked through one job at a time, beside the others. Values are stored: add, never rename."""

    OTHERS = "default"  # letters, reminders, looking into folders: never wait for the directory
    RECORDS = "records"  # one message, one decision, the nightly clock: wait while a load has the directory
    FILES = "files"  # loads, rehearsals and withdrawals: minutes to an hour
