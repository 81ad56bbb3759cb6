"""Frozen values that leave casework. Those for officers come through the hidden door alone."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from contactpoint.codes.child_number import ChildNumber
from contactpoint.directory.values import SuppliedValues


class Verdict(StrEnum):
    """What an officer decides on a request."""

    CONFIRM = "confirm"
    REFUSE = "refuse"


class HeldVerdict(StrEnum):
    """What an officer decides on a row that is held near a shield. Leaving it is deciding nothing."""

    BELONGS = "belongs"
    ANOTHER = "another"


@dataclass(frozen=True, slots=True)
class ShownChild:
    """What everybody may see of a child (SHI-2)."""

    number: ChildNumber
    given_names: str
    family_name: str
    birth_date: str
    gender: str
    shielded: bool

    @property
    def name(self) -> str:
        return f"{self.given_names} {self.family_name}".strip()


@dataclass(frozen=True, slots=True)
class Sender:
    """Who asked or wrote."""

    name: str
    job_title: str
    organisation: str


@dataclass(frozen=True, slots=True)
class ShieldRequest:
    """`text` is '' in lists. `brought_shield`: the provisional shield there is now came with this request."""

    id: int
    child: ShownChild
    ground: str
    urgent: bool
    requested_at: datetime
    requester: Sender
    requested_by: int
    is_decided: bool
    brought_shield: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Shield:
    """`seen` goes back with a decision, so that a colleague's is noticed.

    `lifting`: to be lifted, and not yet carried out.
    """

    id: int
    child: ShownChild
    ground: str
    provisional: bool
    requested_by: str
    applied_at: datetime
    review_on: date
    is_overdue: bool
    is_due: bool
    lifting: bool
    seen: int


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row that may belong to a shielded child (SHI-5). `values` is None in lists."""

    id: int
    supplier: str
    supplied_at: datetime
    near: tuple[ShownChild, ...]
    values: SuppliedValues | None = None
    is_sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """About a shielded child, from somebody who does not know who reads it. `text` is '' in lists."""

    id: int
    child: ShownChild
    sent_at: datetime
    sender: Sender
    is_answered: bool = False
    text: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """All that waits for an authority's shielding officers."""

    authority: str
    requests: tuple[ShieldRequest, ...]
    held: tuple[HeldRow, ...]
    messages: tuple[Message, ...]
    overdue: int
    shields: int
