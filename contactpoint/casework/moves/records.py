"""Frozen values of moves between authorities."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from contactpoint.casework.records import ShownChild

# Why a move is rejected: codes, which are stored, with words.
REJECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "not-here": "The child does not live there",
        "not-yet": "The child is there for a while only: who is responsible does not change",
        "wrong-child": "The proposal is about the wrong child",
    }
)


class MoveOutcome(StrEnum):
    """How a proposal ended. Values are stored: add, never rename."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Move:
    """A proposal. `is_ours`: the reader's authority stands for it, so the other one decides."""

    id: int
    child: ShownChild
    moves_from: str
    moves_to: str
    proposed_at: datetime
    proposed_by: str
    is_by_address: bool
    is_ours: bool
    outcome: MoveOutcome | None
    why: str
    decided_at: datetime | None
    decided_by: str


@dataclass(frozen=True, slots=True)
class Moves:
    """What an authority has to decide, what it waits for, and what was decided within three months."""

    authority: str
    moves: tuple[Move, ...]

    @property
    def to_decide(self) -> tuple[Move, ...]:
        return tuple(each for each in self.moves if each.outcome is None and not each.is_ours)

    @property
    def proposed(self) -> tuple[Move, ...]:
        return tuple(each for each in self.moves if each.outcome is None and each.is_ours)

    @property
    def decided(self) -> tuple[Move, ...]:
        return tuple(each for each in reversed(self.moves) if each.outcome is not None)
