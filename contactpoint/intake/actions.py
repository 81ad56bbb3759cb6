"""What can happen in intake: a file is loaded, a practitioner enters a child.

`load_file` is the whole journey of a feed: received, checked, matched, published (SUP-3, SUP-9).
Works on the connection `match`, which sees both sides; what it returns names no child.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import polars as pl
import psycopg
from django.db import InterfaceError, OperationalError

from contactpoint.access.policies import ENGLAND
from contactpoint.audit.records import Actor
from contactpoint.errors import Conflict, Invalid
from contactpoint.intake.changes import Changes, find_changes
from contactpoint.intake.content import MATCHED
from contactpoint.intake.fields import REFERENCE, count_kinds
from contactpoint.intake.frames import ROW
from contactpoint.intake.linking import link_rows
from contactpoint.intake.loads import begin_load, check_load, finish_load, match_load, refuse_load
from contactpoint.intake.locks import directory_to_ourselves, one_load_of
from contactpoint.intake.policies import Problem
from contactpoint.intake.profiles import FeedKind, Profile
from contactpoint.intake.publishing import STORED, Batch, Published, publish_decided
from contactpoint.intake.receipts import write_receipts
from contactpoint.intake.receiving import receive_entry
from contactpoint.intake.records import LoadReport
from contactpoint.intake.remembered import find_remembered
from contactpoint.intake.scratch import DiskFull, insist_room, private_folder
from contactpoint.intake.staging import Staged, stage_file
from contactpoint.matching.model import Model
from contactpoint.matching.standardise import standardise_frame
from contactpoint.progress import Progress, no_progress

__all__ = ["LoadStopped", "load_file", "receive_entry"]


class LoadStopped(Conflict):
    """The database went away in the middle."""


_STOPPED = (
    "The database stopped answering. Every chunk of rows that was finished is safe. "
    "Start the database and run the same command again: it goes on from there."
)
_NO_ROOM = (
    "The disk is full. Every chunk of rows that was finished is safe. "
    "Make room and run the same command again: it goes on from there."
)


def load_file(
    *,
    path: Path,
    profile: Profile,
    by: Actor,
    at: datetime,
    kind: FeedKind | None = None,
    progress: Progress = no_progress,
) -> LoadReport:
    """Load one file of one supplier, from bytes to searchable records; loading it again changes nothing.

    Raises UnreadableFile and WrongColumns (the file is of no use), LoadUnderWay, DiskFull, LoadStopped.
    """
    model = Model.load()
    with _told_in_words(), private_folder() as folder, one_load_of(supplier=profile.supplier):
        insist_room(path=path, folder=folder)
        load = begin_load(path=path, profile=profile, kind=kind or profile.kind, by=by, at=at)
        try:
            on = at.astimezone(ENGLAND).date()
            staged = stage_file(path=path, profile=profile, on=on, folder=folder, progress=progress)
        except Invalid as why:
            refuse_load(load=load, why=why, by=by, at=at)
            raise
        receipts = write_receipts(staged=staged, load_id=load.pk)
        check_load(load=load, staged=staged)
        with directory_to_ourselves(progress=progress):
            rows = staged.publishable(REFERENCE, "digest")
            changes = find_changes(supplier=profile.supplier, rows=rows)
            verdicts = link_rows(
                new=_to_match(staged, changes),
                supplier=profile.supplier,
                one_row_per_child=profile.one_row_per_child,
                model=model,
                folder=folder,
                progress=progress,
                remembered=find_remembered(supplier=profile.supplier, rows=rows),
            )
            match_load(load=load)
            done = publish_decided(
                batch=Batch(load.pk, profile, model.version, by, at),
                rows=_without(staged.publishable(*STORED), changes.unchanged),
                verdicts=verdicts,
                replaced=changes.replaced,
                progress=progress,
            )
        finish_load(load=load, by=by, at=at)
        return _report(load.pk, profile, staged, changes, done, receipts)


def _to_match(staged: Staged, changes: Changes) -> pl.DataFrame:
    """The standardised rows that are new or still wait, keyed by line number."""
    rows = _without(staged.publishable(*MATCHED), changes.unchanged)
    rows = rows.filter(~pl.col(ROW).is_in(list(changes.replaced)))
    return standardise_frame(rows.with_columns(pl.col(ROW).cast(pl.String).alias("key")))


def _without(rows: pl.DataFrame, unchanged: pl.Series) -> pl.DataFrame:
    return rows.filter(~pl.col(ROW).is_in(unchanged.implode())).sort(ROW)


def _report(
    load_id: int, profile: Profile, staged: Staged, changes: Changes, done: Published, receipts: Path
) -> LoadReport:
    counted = staged.problems.group_by("code", "column").len()
    counted = counted.sort(["len", "code", "column"], descending=[True, False, False])
    refused = len(staged.refused)
    return LoadReport(
        load_id=load_id,
        supplier=profile.name,
        rows=staged.rows,
        received=staged.rows - refused,
        refused=refused,
        unchanged=len(changes.unchanged),
        made=done.made,
        linked=done.linked,
        replaced=done.replaced,
        not_placed=len(staged.unpublished) + done.waiting,
        problems=tuple((Problem(code, column).words, count) for code, column, count in counted.iter_rows()),
        dropped_columns=tuple(name for name, _ in staged.dropped),
        dropped_kinds=count_kinds(staged.dropped),
        receipts=receipts,
    )


@contextmanager
def _told_in_words() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.DiskFull):
            raise DiskFull(_NO_ROOM) from error
        raise LoadStopped(_STOPPED) from error
    except InterfaceError as error:
        raise LoadStopped(_STOPPED) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(_NO_ROOM) from error
        raise
