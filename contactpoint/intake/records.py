"""Frozen values that leave intake."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What became of a file, for whoever loaded it; never for the supplier, who gets receipts.

    `not_placed` joins all rows that are received and not published now, whatever the reason:
    a figure for rows near a shield alone would give shields away (SHI-5).
    """

    load_id: int
    supplier: str
    rows: int
    received: int
    refused: int
    unchanged: int
    made: int
    linked: int
    replaced: int
    not_placed: int
    problems: tuple[tuple[str, int], ...]  # in words, commonest first
    dropped_columns: tuple[str, ...]
    dropped_kinds: tuple[tuple[str, int], ...]  # values left unread, by what they would have been
    receipts: Path
    ended: int = 0
    held: tuple[str, ...] = ()  # why it stopped at the gate, in words; then nothing was loaded


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """A child whom a practitioner entered, as its author may see it: received, and nothing more."""

    id: int
    given_names: str
    family_name: str
    birth_date: str
    received_at: datetime
