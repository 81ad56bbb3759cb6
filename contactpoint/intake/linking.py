"""Finds whom the rows of a file may belong to, and has it decided (SUP-7, SUP-8).

A small batch looks its neighbours up by blocking key; a large one is compared with everybody.
Both meet the same rows and go through the same rules, so they give the same decisions.
"""

from pathlib import Path

import polars as pl

from contactpoint.directory.match_rows import blocking_hashes
from contactpoint.directory.near_keys import find_near_shields
from contactpoint.intake.changes import find_taken
from contactpoint.intake.deciding import Verdict, decide_rows, find_twin_children
from contactpoint.intake.known import Known, count_children, find_near, find_neighbours, read_known
from contactpoint.intake.meeting import meet_each_other, meet_known, meet_shielded
from contactpoint.intake.remembered import NOTHING, Remembered
from contactpoint.matching.model import Model
from contactpoint.matching.standardise import frame_to_rows
from contactpoint.progress import Progress

SMALL = 2_000  # rows that are always looked up
SMALL_SHARE = 50  # or up to a fiftieth of the known children


def is_small(*, rows: int, children: int) -> bool:
    """Whether looking neighbours up costs less than comparing with everybody (measured)."""
    return rows <= SMALL or rows * SMALL_SHARE <= children


def link_rows(
    *,
    new: pl.DataFrame,
    supplier: str,
    one_row_per_child: bool,
    model: Model,
    folder: Path,
    progress: Progress,
    small: bool | None = None,
    remembered: Remembered = NOTHING,
) -> dict[str, Verdict]:
    """Verdicts by key for the standardised rows `new`; a row without one is new.

    `small` chooses the way; without it the sizes do.
    `remembered` is what people decided of these rows.
    """
    if new.is_empty():
        return {}
    small = is_small(rows=new.height, children=count_children()) if small is None else small
    known = read_known(folder=folder, children=find_neighbours_of(new) if small else None)
    pairs = known.beside(meet_known(new=new, known=known.rows, model=model, folder=folder, progress=progress))
    near_shields = find_near_shields(rows=frame_to_rows(new)) if small else ()
    hidden = read_known(folder=folder, children=sorted({*known.shielded, *near_shields}))
    near = meet_shielded(new=new, shielded=hidden.rows, model=model, folder=folder)
    within = meet_each_other(new=new, model=model, folder=folder, progress=progress)
    likely = pairs["child"].unique().to_list()
    around = _around(likely, folder) if small else known
    return decide_rows(
        model=model,
        new=new,
        known=known,
        pairs=pairs,
        near=hidden.beside(near),
        within=within,
        twin_children=find_twin_children(around),
        taken=find_taken(supplier=supplier, children=likely) if one_row_per_child else frozenset(),
        remembered=remembered,
    )


def find_neighbours_of(new: pl.DataFrame) -> list[int]:
    """The children that share a blocking key with one of these standardised rows."""
    keys = {key for row in frame_to_rows(new) for key in blocking_hashes(row)}
    return find_neighbours(keys=sorted(keys))


def _around(children: list[int], folder: Path) -> Known:
    """The children with everybody near them: a twin of a candidate need not be near the row itself."""
    return read_known(folder=folder, children=find_near(children=children) if children else ())
