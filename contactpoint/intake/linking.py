"""Finds whom the rows of a file may belong to, and has it decided (SUP-7, SUP-8).

A small batch looks its neighbours up by blocking key; a large one is compared with everybody, in portions,
so that a file of any length fits into memory.
Both meet the same rows and go through the same rules, so they give the same decisions.
"""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from contactpoint.directory.match_rows import blocking_hashes
from contactpoint.directory.near_keys import find_near_shields
from contactpoint.intake.changes import find_taken
from contactpoint.intake.deciding import Verdict, decide_rows, find_twin_children
from contactpoint.intake.deciding_many import Evidence, Verdicts, decide_many, gather_evidence, weigh_rows
from contactpoint.intake.everybody import Everybody, gather_everybody
from contactpoint.intake.known import Known, estimate_children, find_near, find_neighbours, read_known
from contactpoint.intake.meeting import meet_each_other, meet_in_portions, meet_known, meet_shielded
from contactpoint.intake.remembered import NOTHING, Remembered
from contactpoint.matching.model import Model
from contactpoint.matching.standardise import frame_to_rows
from contactpoint.progress import Progress, in_rows_of, no_progress

SMALL = 2_000  # rows that are always looked up
SMALL_SHARE = 10  # or up to a tenth of the known children,
MOST_LOOKED_UP = 150_000  # but no more than fit into memory with all their neighbours
COMPARING = "comparing"


def is_small(*, rows: int, children: int) -> bool:
    """Whether looking neighbours up costs less than comparing with everybody (measured)."""
    return rows <= SMALL or rows <= min(MOST_LOOKED_UP, children // SMALL_SHARE)


def link_rows(
    *,
    new: pl.DataFrame,
    supplier: str,
    one_row_per_child: bool,
    model: Model,
    folder: Path,
    small: bool | None = None,
    remembered: Remembered = NOTHING,
) -> dict[str, Verdict]:
    """Verdicts by key for the standardised rows `new`; a row without one is new.

    `small` chooses the way; without it the sizes do.
    `remembered` is what people decided of these rows.
    """
    return link_portions(
        portions=[new],
        rows=new.height,
        supplier=supplier,
        one_row_per_child=one_row_per_child,
        model=model,
        folder=folder,
        progress=no_progress,
        small=small,
        remembered=remembered,
    ).one_by_one()


def link_portions(
    *,
    portions: Iterable[pl.DataFrame],
    rows: int,
    supplier: str,
    one_row_per_child: bool,
    model: Model,
    folder: Path,
    progress: Progress,
    small: bool | None = None,
    remembered: Remembered = NOTHING,
    open_only: bool = False,
    told: int | None = None,
) -> Verdicts:
    """Verdicts for the standardised rows of a file; `portions` are gone through more than once.

    `told` is the number of rows that progress is told in, where others than these are in the file.
    `open_only` decides as if nothing were hidden, for figures that others see (SHI-3).
    """
    tell = in_rows_of(rows if told is None else told, progress)
    if not rows:
        tell(COMPARING, 0, 0)
        return Verdicts.of({})
    small = is_small(rows=rows, children=estimate_children()) if small is None else small
    linking = _Linking(supplier, one_row_per_child, model, folder, progress, remembered, open_only)
    if not small:
        return linking.compare(portions, rows, tell)
    tell(COMPARING, 0, rows)
    found = linking.look_up(pl.concat(portions))
    tell(COMPARING, rows, rows)
    return Verdicts.of(found)


def find_neighbours_of(new: pl.DataFrame) -> list[int]:
    """The children that share a blocking key with one of these standardised rows."""
    keys = {key for row in frame_to_rows(new) for key in blocking_hashes(row)}
    return find_neighbours(keys=sorted(keys))


class _Linking:
    """One file's way to its verdicts."""

    def __init__(
        self,
        supplier: str,
        one_row_per_child: bool,
        model: Model,
        folder: Path,
        progress: Progress,
        remembered: Remembered,
        open_only: bool,
    ) -> None:
        self.supplier = supplier
        self.one_row_per_child = one_row_per_child
        self.model = model
        self.folder = folder
        self.progress = progress
        self.remembered = remembered
        self.open_only = open_only

    def look_up(self, new: pl.DataFrame) -> dict[str, Verdict]:
        known = self._read(find_neighbours_of(new))
        pairs = self._meet(new, known)
        near_shields = () if self.open_only else find_near_shields(rows=frame_to_rows(new))
        hidden = self._read(sorted({*known.shielded, *near_shields}))
        within = meet_each_other(new=new, model=self.model, folder=self.folder)
        likely = pairs["child"].unique().to_list()
        # With everybody near them: a twin of a candidate need not be near the row itself.
        around = self._read(find_near(children=likely) if likely else [])
        return decide_rows(
            model=self.model,
            new=new,
            known=known,
            pairs=pairs,
            near=self._meet_shielded(new, hidden),
            within=within,
            twin_children=find_twin_children(around),
            taken=self._find_taken(likely),
            remembered=self.remembered,
        )

    def compare(self, portions: Iterable[pl.DataFrame], rows: int, tell: Progress) -> Verdicts:
        parts: list[Evidence] = []
        taken: set[int] = set()
        done = 0
        with gather_everybody(
            folder=self.folder, open_only=self.open_only, progress=self.progress
        ) as everybody:
            hidden = self._read(sorted(everybody.shielded))
            tell(COMPARING, 0, rows)
            for new in portions:
                part = self._weigh(new, everybody, hidden)
                taken |= self._find_taken(part.best["child"].unique().to_list())
                parts.append(part)
                done += new.height
                tell(COMPARING, done, rows)
            twin_children = everybody.find_twin_children()
        within, twins = meet_in_portions(portions=portions, rows=rows, model=self.model, folder=self.folder)
        return decide_many(
            model=self.model,
            evidence=gather_evidence(parts),
            within=within,
            twins=twins,
            shielded=everybody.shielded,
            twin_children=twin_children,
            taken=taken,
            remembered=self.remembered,
        )

    def _weigh(self, new: pl.DataFrame, everybody: Everybody, hidden: Known) -> Evidence:
        known = everybody.find_near(new)
        return weigh_rows(
            model=self.model,
            new=new,
            known=known,
            pairs=self._meet(new, known),
            near=self._meet_shielded(new, hidden),
        )

    def _read(self, children: list[int]) -> Known:
        return read_known(folder=self.folder, children=children, open_only=self.open_only)

    def _meet(self, new: pl.DataFrame, known: Known) -> pl.DataFrame:
        return known.beside(meet_known(new=new, known=known.rows, model=self.model, folder=self.folder))

    def _meet_shielded(self, new: pl.DataFrame, hidden: Known) -> pl.DataFrame:
        return hidden.beside(
            meet_shielded(new=new, shielded=hidden.rows, model=self.model, folder=self.folder)
        )

    def _find_taken(self, children: list[int]) -> frozenset[int]:
        if not self.one_row_per_child:
            return frozenset()
        return find_taken(supplier=self.supplier, children=children, open_only=self.open_only)
