"""What intake hands over, and what it gets back."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class SensitivePart:
    """The sensitive involvement of a row with the basis for holding it (SEN-2). Kept on the hidden side only.

    `basis` is 'consent' or 'significant-harm'; consent needs `consent_given_by` ('child', 'parent-or-carer')
    and `obtained_on`. The row's content then has no involvement.
    """

    service: str
    organisation: str
    basis: str
    practitioner: str = ""
    role: str = ""
    started_on: date | None = None
    ended_on: date | None = None
    consent_given_by: str = ""
    obtained_by_role: str = ""
    obtained_on: date | None = None
    review_on: date | None = None


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """One received row with the child it belongs to.

    `content` is JSON text in the stored form (`values.to_json`); `digest` has 16 bytes.
    `child_id` is an existing child, or an id from `new_child_ids` with `is_new`; several rows of one call may
    name the same new child, then all of them say `is_new`.
    `authority` is the supplier's own, used where no address of a new child gives one (REC-6).
    `restricted` says that the supplier marks the child (NHS "R", "V"): a shield is applied (SHI-8).
    `keys` are the row's blocking hashes where the caller has them: of many rows they cost less together.
    `weight`, `levels`, `model`, `decided_by` say how the child was decided on (SUP-8).
    """

    supplier: str
    reference: str
    content: str
    digest: bytes
    load_id: int
    supplied_at: datetime
    child_id: int
    is_new: bool
    authority: str
    restricted: bool = False
    sensitive: SensitivePart | None = None
    keys: frozenset[int] | None = None
    weight: float | None = None
    levels: tuple[int, ...] = ()
    model: str = ""
    decided_by: int | None = None


@dataclass(frozen=True, slots=True)
class NotPublished:
    """A row of which no new record may be made: `why` is 'already-18' or 'no-birth-date' (REC-10)."""

    supplier: str
    reference: str
    why: str


@dataclass(frozen=True, slots=True)
class PublishCounts:
    """What one call did. `made` and `shielded` count children, `linked` and `replaced` rows."""

    made: int = 0
    linked: int = 0
    replaced: int = 0
    shielded: int = 0
    not_published: tuple[NotPublished, ...] = ()
