"""Whom to ring first: an order in which a record's contacts are offered, never a judgement.

The lead practitioner; else whoever of the services was confirmed last; else the school; else the GP.
"""

from dataclasses import dataclass
from datetime import date

from contactpoint.directory.records import Record, ShownInvolvement


@dataclass(frozen=True, slots=True)
class FirstContact:
    """One entry with a telephone number, and why it comes first, in words."""

    entry: ShownInvolvement
    why: str


def find_first_contact(record: Record) -> FirstContact | None:
    """None where nobody on the record has a telephone number."""
    others = sorted(record.involvements, key=_last_confirmed, reverse=True)
    offered = [
        *((entry, "Lead practitioner") for entry in [record.lead] if entry),
        *((entry, "No lead practitioner is recorded. This entry was confirmed last") for entry in others),
        *((entry, "Nobody but school and GP is recorded. This is the school") for entry in record.schools),
        *((entry, "Nobody but the GP practice is recorded") for entry in record.practices),
    ]
    return next((FirstContact(entry, why) for entry, why in offered if entry.contact.telephone), None)


def _last_confirmed(entry: ShownInvolvement) -> date:
    return max((source.confirmed_on for source in entry.sources), default=date.min)
