"""What feeds say of a former identity joins its sealed side, or waits for the custodian alone (SHI-7).

Asked before anything else is decided about a row, in bulk and one at a time alike.
A row that bears the former name, or a number that leads to it, never becomes or joins an open record;
a row of the new identity, which bears neither, goes the way of every row and never meets the sealed one.
Compares in memory with likenesses that the database holds sealed; nothing from here leaves intake.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

import polars as pl
from django.db import connections, transaction

from contactpoint.codes.authorities import authority_for_postcode
from contactpoint.directory.keeping.marking import Marker, read_marker
from contactpoint.directory.keeping.sealing import (
    keep_arrival,
    keep_question,
    likeness_key,
    unseal_likeness,
)
from contactpoint.intake.absent import stop_waiting
from contactpoint.intake.changes import Changes
from contactpoint.intake.content import MATCHED
from contactpoint.intake.fields import AUTHORITY, MARKER, REFERENCE
from contactpoint.intake.frames import ROW
from contactpoint.intake.known import COLUMNS, USING
from contactpoint.intake.meeting import meet_shielded
from contactpoint.intake.profiles import Profile
from contactpoint.intake.publishing import Published
from contactpoint.matching.explain import level_id
from contactpoint.matching.model import Model
from contactpoint.matching.rows import FIELDS
from contactpoint.matching.standardise import standardise_frame

_IDENTITIES = "SELECT child_id, likeness FROM hidden.sealed_identity WHERE likeness IS NOT NULL"
_MARKED = "SELECT mark, child_id FROM hidden.sealed_mark WHERE mark = ANY(%s)"
_SAID = f"""
SELECT reference, {COLUMNS} FROM directory_suppliedrow
WHERE supplier_id = %(supplier)s AND reference = ANY(%(some)s)
UNION ALL
SELECT reference, {COLUMNS} FROM hidden.supplied_row
WHERE supplier_id = %(supplier)s AND reference = ANY(%(some)s)
"""
_NAMES = ("given", "family", "birth_date", "former_family", "nhs", "upn")
_OTHER = frozenset({"given.different", "given.half", "family.different", "family.half", "birth.different"})
# One part of the name in common: it may bear both surnames, and would tell the former one with the new.
_PARTLY = "family.part"


@dataclass(frozen=True, slots=True)
class Apart:
    """By line number: the sealed identity that a row joins, or near which it is held."""

    joined: Mapping[int, int] = field(default_factory=dict)
    held: Mapping[int, int] = field(default_factory=dict)

    @property
    def rows(self) -> set[int]:
        return {*self.joined, *self.held}

    def leave_out(self, changes: Changes) -> Changes:
        """As if these rows said nothing new."""
        rows = self.rows
        if not rows:
            return changes
        unchanged = pl.concat([changes.unchanged, pl.Series(sorted(rows), dtype=changes.unchanged.dtype)])
        replaced = {row: child for row, child in changes.replaced.items() if row not in rows}
        return replace(changes, unchanged=unchanged.unique(), replaced=replaced)

    def count_in(self, done: Published) -> Published:
        """So that no figure differs from that of a row which joins an ordinary record, or waits (SHI-3)."""
        done.linked += len(self.joined)
        done.waiting += len(self.held)
        return done


NOTHING = Apart()


class Near(Enum):
    """What becomes of a row near a sealed identity."""

    JOINS = "joins the sealed side"
    HELD = "waits for the custodian"
    NEITHER = "goes the way of every row"


def judge_near(*, levels: Sequence[str], is_sure: bool, tells_former: bool, is_of_another: bool) -> Near:
    """By how given name, family name and birth date agree with the sealed identity's.

    `is_sure`: likely enough to link, or under its reference. `tells_former`: its former name is the sealed
    one's name. `is_of_another`: another record has a row of this reference, and said something else in it.
    """
    bears_name = _OTHER.isdisjoint(levels)
    if not bears_name:
        return Near.HELD if tells_former else Near.NEITHER
    if not is_sure or _PARTLY in levels or tells_former or is_of_another:
        return Near.HELD
    return Near.JOINS


def set_apart(
    *,
    supplier: str,
    parts: Iterable[pl.DataFrame],
    changes: Changes,
    model: Model,
    folder: Path,
    but: int | None = None,
) -> Apart:
    """Which of these rows are about a sealed identity. `parts` have row, reference and MATCHED.

    `but` is a sealed identity that they are known not to be.
    """
    known = _read_likenesses(but)
    if known.is_empty():
        return NOTHING
    found = [
        _set_apart(supplier, rows, changes, known, model, folder, but)
        for rows in parts
        if not rows.is_empty()
    ]
    return Apart(
        {row: child for each in found for row, child in each.joined.items()},
        {row: child for each in found for row, child in each.held.items()},
    )


def _set_apart(
    supplier: str,
    rows: pl.DataFrame,
    changes: Changes,
    known: pl.DataFrame,
    model: Model,
    folder: Path,
    but: int | None,
) -> Apart:
    new = standardise_frame(rows.select(pl.col(ROW).cast(pl.String).alias("key"), *MATCHED))
    marked = _find_marked(supplier, rows, new, read_marker(), but)
    same = _says_the_same(supplier, rows, new, changes)
    joined: dict[int, int] = {}
    held: dict[int, int] = {}
    met = meet_shielded(new=new, shielded=known, model=model, folder=folder)
    met = met.join(known.select(known_key="key", child="child"), on="known_key").sort(
        "weight", descending=True
    )
    former = known.group_by("child").agg(pl.col("family").unique())
    families = {child: set(names) - {""} for child, names in former.iter_rows()}
    own_former = dict(new.select("key", "former_family").iter_rows())
    for key, child, probability, levels in met.select(
        "new_key", "child", "probability", "levels"
    ).iter_rows():
        row = int(key)
        if row in joined or row in held or row in same:
            continue
        said = [level_id(model, tuple(levels), name) for name in ("given", "family", "birth")]
        near = judge_near(
            levels=said,
            is_sure=probability >= model.thresholds.link or marked.references.get(row) == child,
            tells_former=bool(own_former[key]) and own_former[key] in families[child],
            is_of_another=row in changes.replaced,
        )
        if near is not Near.NEITHER:
            (joined if near is Near.JOINS else held)[row] = child
    for row, child in marked.numbers.items():
        if row not in joined and row not in same:
            held.setdefault(row, child)
    return Apart(joined, held)


def keep_apart(*, apart: Apart, profile: Profile, rows: pl.DataFrame, load_id: int, at: datetime) -> None:
    """Keep them sealed, in one transaction; doing it again changes nothing. `rows` has row and STORED."""
    if not apart.rows:
        return
    marker = read_marker()
    mine = rows.filter(pl.col(ROW).is_in(sorted(apart.rows)))
    with transaction.atomic(durable=True, using=USING), connections[USING].cursor() as cursor:
        references = mine[REFERENCE].to_list()
        stop_waiting(cursor=cursor, supplier=profile.supplier, references=references, load_id=load_id, at=at)
        cursor.execute(  # what the row said while it waited is the former identity's too
            "UPDATE hidden.row_effect SET previous = NULL WHERE load_id = %s AND effect = 'stopped-waiting'"
            " AND previous ->> 'supplier_id' = %s AND previous ->> 'reference' = ANY(%s)",
            [load_id, profile.supplier, references],
        )
        for row in mine.iter_rows(named=True):
            said = _say(row, profile, load_id, at)
            child = apart.joined.get(row[ROW])
            if child is not None:
                keep_arrival(cursor, child=child, marker=marker, row=said)
            else:
                keep_question(cursor, child=apart.held[row[ROW]], marker=marker, row=said, supplied_at=at)


def _say(row: Mapping[str, Any], profile: Profile, load_id: int, at: datetime) -> dict[str, Any]:
    found = authority_for_postcode(row["postcode"], at.date()) if row["postcode"] else None
    return {
        "supplier": profile.supplier,
        "reference": row[REFERENCE],
        "content": row["content"],
        "sensitive": row["sensitive"] or "",
        "digest": row["digest"].hex(),
        "load": load_id,
        "marker": row[MARKER],
        "authority": found or row[AUTHORITY] or profile.authority,
    }


def _read_likenesses(but: int | None) -> pl.DataFrame:
    with connections[USING].cursor() as cursor:
        cursor.execute(_IDENTITIES)
        found = [(child, bytes(sealed)) for child, sealed in cursor.fetchall() if child != but]
    schema = {**dict.fromkeys(FIELDS, pl.String), "child": pl.Int64}
    if not found:
        return pl.DataFrame(schema=schema)
    key = likeness_key()
    rows = [(*row, child) for child, sealed in found for row in unseal_likeness(sealed=sealed, key=key)]
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(pl.int_range(pl.len()).cast(pl.String).alias("key"))


@dataclass(frozen=True, slots=True)
class _Marked:
    references: Mapping[int, int]
    numbers: Mapping[int, int]


def _find_marked(
    supplier: str, rows: pl.DataFrame, new: pl.DataFrame, marker: Marker, but: int | None
) -> _Marked:
    """Rows that come under a reference, or with a number, of a sealed identity."""
    references = {
        marker.mark_reference(supplier=supplier, reference=reference): row
        for row, reference in rows.select(ROW, REFERENCE).iter_rows()
    }
    numbers: dict[bytes, list[int]] = {}
    for key, nhs, upn in new.select("key", "nhs", "upn").iter_rows():
        for kind, value in (("nhs", nhs), ("upn", upn)):
            if value:
                numbers.setdefault(marker.mark_number(kind=kind, value=value), []).append(int(key))
    with connections[USING].cursor() as cursor:
        cursor.execute(_MARKED, [[*references, *numbers]])
        found = [(bytes(mark), child) for mark, child in cursor.fetchall() if child != but]
    return _Marked(
        {references[mark]: child for mark, child in found if mark in references},
        {row: child for mark, child in found for row in numbers.get(mark, ())},
    )


def _says_the_same(supplier: str, rows: pl.DataFrame, new: pl.DataFrame, changes: Changes) -> set[int]:
    """Rows of another record that bear the name, birth date and numbers which they bore before.

    A namesake who was there already stays who they are.
    """
    replaced = rows.filter(pl.col(ROW).is_in(list(changes.replaced)))
    if replaced.is_empty():
        return set()
    with connections[USING].cursor() as cursor:
        cursor.execute(_SAID, {"supplier": supplier, "some": replaced[REFERENCE].to_list()})
        before = [tuple(value or "" for value in row) for row in cursor.fetchall()]
    schema = {REFERENCE: pl.String, **dict.fromkeys(MATCHED, pl.String)}
    frame = pl.DataFrame(before, schema=schema, orient="row")
    old = standardise_frame(frame.with_columns(pl.lit("").alias("key"))).with_columns(frame[REFERENCE])
    now = new.with_columns(rows[REFERENCE])
    met = now.join(old, on=REFERENCE, suffix="_old")
    same = pl.all_horizontal([pl.col(name) == pl.col(f"{name}_old") for name in _NAMES])
    return {int(key) for key in met.filter(same)["key"].to_list()}
