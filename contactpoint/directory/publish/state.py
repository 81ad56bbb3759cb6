"""What the database holds of the children that a call touches, and how the call's rows change it.

Reads both sides; writes nothing. One `ChildState` has a child's rows before and after.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from contactpoint.directory.copying import array
from contactpoint.directory.ended import as_ended
from contactpoint.directory.identity import HeldRow, Identity, NoBirthDate, choose_identity
from contactpoint.directory.match_rows import blocking_hashes, match_row
from contactpoint.directory.publish.rows import PublishedRow
from contactpoint.errors import NotFound

RowKey = tuple[str, str]  # supplier, reference
_moment = lru_cache(maxsize=1_000)(datetime.fromisoformat)  # all rows of a load have the same


class NoSuchChild(NotFound):
    """A row names a child that does not exist."""


@dataclass(frozen=True, slots=True)
class SupplierFacts:
    precedence: int
    sensitive: bool


@dataclass(slots=True)
class StoredRow:
    """One current row. `hidden` is its side; `sensitive` is why an open child may have one there."""

    id: int
    supplier: str
    reference: str
    text: str
    digest: bytes
    load_id: int
    held: HeldRow
    hidden: bool
    sensitive: bool
    child: int = 0  # whose the row was when it was read
    keys: frozenset[int] | None = None

    @property
    def hashes(self) -> frozenset[int]:
        """The row's blocking keys."""
        return (
            self.keys
            if self.keys is not None
            else blocking_hashes(match_row(key="", content=self.held.content))
        )

    @property
    def said(self) -> Any:
        """What the supplier said, whether it still does or not."""
        return json.loads(self.text)

    @property
    def previous(self) -> str:
        """All of it as JSON, for the record of effects."""
        said = {
            "row": self.id,
            "child": self.child,
            "supplier": self.supplier,
            "reference": self.reference,
            "content": self.said,
            "digest": self.digest.hex(),
            "load": self.load_id,
            "supplied_at": self.held.supplied_at.isoformat(),
            "ended_on": self.held.ended_on.isoformat() if self.held.ended_on else None,
            "hidden": self.hidden,
        }
        return json.dumps(said, ensure_ascii=False)


@dataclass(slots=True)
class ChildState:
    """A child's current rows, changed in place. `before` and `was_shielded` are how the call found it."""

    id: int
    is_new: bool
    shielded: bool = False
    was_shielded: bool = False
    authority: str = ""  # of a new child only
    rows: dict[RowKey, StoredRow] = field(default_factory=dict)
    removed: list[StoredRow] = field(default_factory=list)
    before: Identity | None = None
    after: Identity | None = None

    def identity(self, on: date) -> Identity | None:
        """Who the child is now; None without any row that counts."""
        return identify([(row.held, row.sensitive) for row in self.rows.values()], on)


def identify(rows: Sequence[tuple[HeldRow, bool]], on: date) -> Identity | None:
    """Who the child is, from rows with whether each is sensitive; None where none has a birth date.

    What only a sensitive service knows never shows: not even as the last that is known of a child (SEN-3).
    """
    ordinary = [held for held, sensitive in rows if not sensitive]
    try:
        return choose_identity(rows=ordinary, on=on)
    except NoBirthDate:
        return None


def read_suppliers(cursor: Any) -> dict[str, SupplierFacts]:
    cursor.execute("SELECT code, precedence, sensitive FROM directory_supplier")
    return {code: SupplierFacts(precedence, sensitive) for code, precedence, sensitive in cursor.fetchall()}


def held_row(row: PublishedRow, facts: SupplierFacts) -> tuple[HeldRow, bool]:
    """An incoming row as precedence sees it, and whether it is sensitive."""
    held = HeldRow(facts.precedence, row.supplied_at, json.loads(row.content))
    return held, row.sensitive is not None or facts.sensitive


def load_states(
    cursor: Any, *, children: set[int], suppliers: dict[str, SupplierFacts], on: date
) -> dict[int, ChildState]:
    """These existing children with all their rows, locked in one order everywhere."""
    if not children:
        return {}
    ids = sorted(children)
    cursor.execute(
        "SELECT id, shielded FROM directory_child WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE",
        [array(ids)],
    )
    states = {
        child: ChildState(child, is_new=False, shielded=shielded, was_shielded=shielded)
        for child, shielded in cursor.fetchall()
    }
    if len(states) < len(ids):
        raise NoSuchChild("A row was to be published for a child that does not exist; nothing was published.")
    for child, row in _read_rows(cursor, ids, suppliers):
        states[child].rows[row.supplier, row.reference] = row
    for state in states.values():
        state.before = state.identity(on)
    return states


def _read_rows(
    cursor: Any, ids: list[int], suppliers: dict[str, SupplierFacts]
) -> Iterator[tuple[int, StoredRow]]:
    columns = (
        "r.child_id, r.id, r.supplier_id, r.reference, r.content::text, r.digest, r.load_id,"
        " r.supplied_at::text, r.ended_on"
    )
    cursor.execute(
        f"SELECT {columns}, false, false FROM directory_suppliedrow r WHERE r.child_id = ANY(%s::bigint[])"
        f" UNION ALL SELECT {columns}, true,"
        " EXISTS (SELECT 1 FROM hidden.sensitive_involvement s WHERE s.row_id = r.id)"
        " FROM hidden.supplied_row r WHERE r.child_id = ANY(%s::bigint[])",
        [array(ids)] * 2,
    )
    for child, number, supplier, reference, text, digest, load_id, at, ended, hidden, sensitive in cursor:
        facts = suppliers[supplier]
        content = json.loads(text)
        held = HeldRow(facts.precedence, _moment(at), as_ended(content, ended) if ended else content, ended)
        yield (
            child,
            StoredRow(
                number,
                supplier,
                reference,
                text,
                bytes(digest),
                load_id,
                held,
                hidden,
                sensitive or facts.sensitive,
                child,
            ),
        )


def find_holders(cursor: Any, keys: Iterable[RowKey]) -> set[int]:
    """The children that hold a current version of these rows, on either side."""
    references: dict[str, list[str]] = {}
    for supplier, reference in keys:
        references.setdefault(supplier, []).append(reference)
    holders: set[int] = set()
    for supplier, asked in references.items():
        cursor.execute(
            "SELECT child_id FROM directory_suppliedrow"
            " WHERE supplier_id = %s AND reference = ANY(%s::text[])"
            " UNION ALL SELECT child_id FROM hidden.supplied_row"
            " WHERE supplier_id = %s AND reference = ANY(%s::text[])",
            [supplier, array(asked)] * 2,
        )
        holders.update(child for (child,) in cursor.fetchall())
    return holders
