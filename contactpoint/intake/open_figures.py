"""Match figures against open records alone, as totals: for the gate and for rehearsals (SUP-4).

Reads what ordinary queries may read and nothing else of a child, so the figures are the same
whatever is hidden (SHI-3).
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from contactpoint.intake.changes import find_taken
from contactpoint.intake.deciding import decide_rows, find_twin_children
from contactpoint.intake.known import count_children, find_near, read_known
from contactpoint.intake.linking import find_neighbours_of, is_small
from contactpoint.intake.meeting import meet_each_other, meet_known
from contactpoint.intake.profiles import Profile
from contactpoint.matching.decide import Outcome
from contactpoint.matching.model import Model
from contactpoint.progress import Progress, no_progress

SAMPLE, LEAST = 1_000, 100


@dataclass(frozen=True, slots=True)
class MatchFigures:
    """Of rows with a reference that the supplier never sent: an open record, a question, or neither."""

    rows: int
    linked: int
    asks: int
    new: int


def figure_matches(
    *, new: pl.DataFrame, profile: Profile, model: Model, folder: Path, progress: Progress
) -> MatchFigures:
    """`new` are standardised rows; decided by the same rules as a load, as if nothing were hidden."""
    if new.is_empty():
        return MatchFigures(0, 0, 0, 0)
    small = is_small(rows=new.height, children=count_children())
    known = read_known(folder=folder, children=find_neighbours_of(new) if small else None, open_only=True)
    pairs = known.beside(meet_known(new=new, known=known.rows, model=model, folder=folder, progress=progress))
    likely = pairs["child"].unique().to_list()
    around = read_known(folder=folder, children=find_near(children=likely), open_only=True)
    taken = find_taken(supplier=profile.supplier, children=likely, open_only=True)
    verdicts = decide_rows(
        model=model,
        new=new,
        known=known,
        pairs=pairs,
        near=pairs.clear(),
        within=meet_each_other(new=new, model=model, folder=folder, progress=progress),
        twin_children=find_twin_children(around),
        taken=taken if profile.one_row_per_child else frozenset(),
    )
    outcomes = [verdict.outcome for verdict in verdicts.values()]
    linked, asks = outcomes.count(Outcome.LINK), len(outcomes) - outcomes.count(Outcome.LINK)
    return MatchFigures(new.height, linked, asks, new.height - linked - asks)


def sample_match_rate(*, new: pl.DataFrame, profile: Profile, model: Model, folder: Path) -> float | None:
    """Which share of some of the new rows an open record clearly is; None where there are too few."""
    if new.height < LEAST:
        return None
    sample = new.gather_every(max(1, new.height // SAMPLE)).head(SAMPLE)
    figures = figure_matches(new=sample, profile=profile, model=model, folder=folder, progress=no_progress)
    return figures.linked / figures.rows
