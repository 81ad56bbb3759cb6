"""A rehearsal: the same checks and gate as a load, match figures as totals, and nothing kept (SUP-4).

Writes to the scratch folder alone, which is wiped, and one event to the log.
No figure depends on what is hidden (SHI-3): the file is compared with open records and open rows alone,
and too few rows give none, so that nobody is found by sending a file about one child.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl
from django.db import transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.intake.actions import check_file, judge_file
from contactpoint.intake.known import USING
from contactpoint.intake.open_figures import MatchFigures, figure_matches
from contactpoint.intake.policies import Problem
from contactpoint.intake.portions import standardise_parts
from contactpoint.intake.profiles import FeedKind, Profile
from contactpoint.intake.scratch import insist_room, private_folder
from contactpoint.matching.model import Model
from contactpoint.progress import Progress, no_progress

FEWEST = 20  # rows with new references, below which no match figures are given


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a load would say of the file. `ended` are rows that the supplier would no longer hold.

    `changed` are rows of known references that say something else, `matches` is about new references.
    """

    supplier: str
    rows: int
    received: int
    refused: int
    unpublished: int
    unchanged: int
    changed: int
    ended: int
    problems: tuple[tuple[str, int], ...]
    dropped_columns: tuple[str, ...]
    held: tuple[str, ...]
    matches: MatchFigures | None


def rehearse_file(
    *,
    path: Path,
    profile: Profile,
    by: Actor,
    at: datetime,
    kind: FeedKind | None = None,
    extracted_on: date | None = None,
    progress: Progress = no_progress,
) -> Rehearsal:
    """Say what a load would, and keep nothing. Raises UnreadableFile, WrongColumns, DiskFull."""
    model = Model.load()
    kind = kind or profile.kind
    with private_folder() as folder:
        insist_room(path=path, folder=folder)
        checked = check_file(
            path=path, profile=profile, kind=kind, folder=folder, at=at, progress=progress, open_only=True
        )
        # Those that wait are left out: what waits depends on what is hidden.
        known = pl.concat([checked.changes.unchanged, checked.changes.met])
        new = standardise_parts(staged=checked.staged, without=known, folder=folder)
        figures = figure_matches(
            portions=new, rows=new.rows, profile=profile, model=model, folder=folder, progress=progress
        )
        held = judge_file(
            checked=checked,
            profile=profile,
            kind=kind,
            load=None,
            matched=figures.linked / figures.rows if figures.rows >= FEWEST else None,
            extracted_on=extracted_on,
        )
        staged = checked.staged
        counted = staged.problems.group_by("code", "column").len()
        counted = counted.sort(["len", "code", "column"], descending=[True, False, False])
        refused = len(staged.refused)
        rehearsal = Rehearsal(
            supplier=profile.name,
            rows=staged.rows,
            received=staged.rows - refused,
            refused=refused,
            unpublished=len(staged.unpublished),
            unchanged=len(checked.changes.unchanged),
            changed=checked.changes.changed,
            ended=len(checked.absent) + staged.ended.height,
            problems=tuple(
                (Problem(code, column).words, count) for code, column, count in counted.iter_rows()
            ),
            dropped_columns=tuple(name for name, _ in staged.dropped),
            held=held,
            matches=figures if figures.rows >= FEWEST else None,
        )
    with transaction.atomic(durable=True, using=USING):
        facts: dict[str, str | int] = {"supplier": profile.supplier, "rows": rehearsal.rows}
        record_event(kind=EventKind.FEED_REHEARSED, actor=by, at=at, facts=facts, using=USING)
    return rehearsal
