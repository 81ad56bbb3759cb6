"""Processor time, which other people's jobs on the same machine do not lengthen (much)."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(*, pid: int) -> float:
    """What that process and everything below it has used so far; 0 where it is gone or unknown."""
    times: dict[int, float] = {}
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # ended meanwhile
        number = int(stat.parent.name)
        parents[number] = int(fields[1])
        # Of its own, and of those below it that have ended.
        times[number] = sum(int(fields[place]) for place in (11, 12, 13, 14)) / TICKS
    return sum(used for number, used in times.items() if _is_below(number, pid, parents))


def _is_below(number: int, above: int, parents: dict[int, int]) -> bool:
    while number > 1:
        if number == above:
            return True
        number = parents.get(number, 0)
    return False


def find_database(cluster: Path) -> int:
    """The embedded server's first process; 0 where the server is elsewhere."""
    try:
        return int((cluster / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0
