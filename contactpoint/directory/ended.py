"""What a row says once its supplier no longer holds it: everything it asserted ended that day (SUP-3, INV-4).

Pure, on the stored form of rows; the stored row itself is never edited (REC-5).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any


def as_ended(content: Mapping[str, Any], on: date) -> dict[str, Any]:
    """The content as history: where the child lived, learnt and was helped, each until that day.

    Names, birth date and numbers still find the child; carers are no longer whom to ring.
    """
    day = on.isoformat()
    history = {member: said for member, said in content.items() if member != "carers"}
    history["addresses"] = [_until(each, "valid_to", day) for each in content.get("addresses", ())]
    for member in ("school", "practice", "involvement"):
        if content.get(member):
            history[member] = _until(content[member], "ended_on", day)
    if content.get("assessment"):
        history["assessment"] = _until(content["assessment"], "closed_on", day)
    return history


def _until(part: Mapping[str, Any], end: str, day: str) -> dict[str, Any]:
    return {**part, end: min(part.get(end) or day, day)}
