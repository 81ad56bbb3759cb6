"""Match figures against open records alone, as totals: for the gate and for rehearsals (SUP-4).

Reads what ordinary queries may read and nothing else of a child, so the figures are the same
whatever is hidden (SHI-3).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from contactpoint.intake.content import MATCHED
from contactpoint.intake.frames import ROW
from contactpoint.intake.linking import link_portions
from contactpoint.intake.profiles import Profile
from contactpoint.intake.staging import Staged
from contactpoint.matching.decide import Outcome
from contactpoint.matching.model import Model
from contactpoint.matching.standardise import standardise_frame
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
    *,
    portions: Iterable[pl.DataFrame],
    rows: int,
    profile: Profile,
    model: Model,
    folder: Path,
    progress: Progress,
) -> MatchFigures:
    """`portions` are standardised rows; decided by the same rules as a load, as if nothing were hidden."""
    verdicts = link_portions(
        portions=portions,
        rows=rows,
        supplier=profile.supplier,
        one_row_per_child=profile.one_row_per_child,
        model=model,
        folder=folder,
        progress=progress,
        open_only=True,
    )
    outcomes = [verdict.outcome for verdict in verdicts.others.values()]
    linked = outcomes.count(Outcome.LINK)
    asks = len(outcomes) - linked
    linked += verdicts.links.height
    return MatchFigures(rows, linked, asks, rows - linked - asks)


def sample_match_rate(
    *, staged: Staged, without: pl.Series, profile: Profile, model: Model, folder: Path
) -> float | None:
    """Which share of some of the new rows an open record clearly is; None where there are too few.

    `without` are line numbers of the rows whose references are known.
    """
    numbers = pl.concat([part[ROW] for part in staged.parts(without=without)])
    if len(numbers) < LEAST:
        return None
    sample = staged.take(numbers.gather_every(max(1, len(numbers) // SAMPLE)).head(SAMPLE), *MATCHED)
    figures = figure_matches(
        portions=[standardise_frame(sample.with_columns(pl.col(ROW).cast(pl.String).alias("key")))],
        rows=sample.height,
        profile=profile,
        model=model,
        folder=folder,
        progress=no_progress,
    )
    return figures.linked / figures.rows
