"""What can happen in intake: a file is loaded, a practitioner enters a child.

`load_file` is the whole journey of a feed: received, checked, judged at the gate, matched, published
(SUP-3, SUP-4, SUP-9).
Works on the connection `match`, which sees both sides; what it returns names no child.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl
import psycopg
from django.db import InterfaceError, OperationalError

from contactpoint.access.policies import ENGLAND
from contactpoint.audit.records import Actor
from contactpoint.directory.publish import without_collecting
from contactpoint.errors import Conflict, Invalid
from contactpoint.intake.absent import end_absent, find_absent, find_current
from contactpoint.intake.changes import Changes, find_changes
from contactpoint.intake.confirming import confirm_rows
from contactpoint.intake.content import MATCHED
from contactpoint.intake.fields import REFERENCE, count_kinds
from contactpoint.intake.gate import judge_feed
from contactpoint.intake.keeping_files import drop_file, keep_file
from contactpoint.intake.linking import link_portions
from contactpoint.intake.loads import (
    begin_load,
    check_load,
    find_history,
    find_newest,
    finish_load,
    hold_load,
    keep_measures,
    match_load,
    note_progress,
    pass_load,
    refuse_load,
)
from contactpoint.intake.locks import directory_to_ourselves, one_load_of
from contactpoint.intake.measuring import DOMINATING, measure_file, measure_open
from contactpoint.intake.models import Load
from contactpoint.intake.open_figures import sample_match_rate
from contactpoint.intake.places import look_up_places
from contactpoint.intake.policies import Problem
from contactpoint.intake.portions import standardise_parts
from contactpoint.intake.profiles import FeedKind, Profile
from contactpoint.intake.publishing import STORED, Batch, Published, publish_parts
from contactpoint.intake.receipts import write_receipts
from contactpoint.intake.receiving import receive_entry
from contactpoint.intake.records import LoadReport
from contactpoint.intake.remembered import find_remembered
from contactpoint.intake.reused import find_reused
from contactpoint.intake.scratch import DiskFull, has_no_room, insist_room, is_disk_full, private_folder
from contactpoint.intake.sealed import keep_apart, set_apart
from contactpoint.intake.staging import Staged, stage_file
from contactpoint.matching.model import Model
from contactpoint.progress import Progress, in_rows_of, no_progress

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


@dataclass(frozen=True, slots=True)
class Checked:
    """A judged file, and how it differs from what its supplier says now."""

    staged: Staged
    changes: Changes
    absent: pl.Series
    current: int


def load_file(
    *,
    path: Path,
    profile: Profile,
    by: Actor,
    at: datetime,
    kind: FeedKind | None = None,
    extracted_on: date | None = None,
    progress: Progress = no_progress,
) -> LoadReport:
    """Load one file of one supplier, from bytes to searchable records; loading it again changes nothing.

    `extracted_on` is when its sender took it from their system, where that is known.
    A file that the gate holds comes back with `held`: nothing of it is loaded until a person releases it.
    Raises UnreadableFile and WrongColumns (the file is of no use), LoadUnderWay, DiskFull, LoadStopped.
    """
    model = Model.load()
    with _told_in_words(), private_folder() as folder, one_load_of(supplier=profile.supplier):
        insist_room(path=path, folder=folder)
        kind = kind or profile.kind
        load = begin_load(path=path, profile=profile, kind=kind, by=by, at=at, extracted_on=extracted_on)
        progress = _noted(load, progress)
        try:
            checked = check_file(
                path=path, profile=profile, kind=kind, folder=folder, at=at, progress=progress
            )
        except Invalid as why:
            refuse_load(load=load, why=why, by=by, at=at)
            drop_file(load_id=load.pk)
            raise
        receipts = write_receipts(staged=checked.staged, load_id=load.pk)
        check_load(load=load, staged=checked.staged)
        reasons = _pass_gate(load, profile, checked, model, folder, by, at)
        if reasons:
            keep_file(path=path, load_id=load.pk)
            return _report(load.pk, profile, checked, Published(), receipts, held=reasons)
        with directory_to_ourselves(progress=progress), without_collecting(rows=checked.staged.rows):
            done = _match_and_publish(load, profile, checked, model, folder, by, at, progress)
            ended = end_absent(
                supplier=profile.supplier,
                references=_ended(checked, kind),
                load_id=load.pk,
                by=by,
                at=at,
                progress=progress,
            )
        figures = measure_open(staged=checked.staged, profile=profile, load_id=load.pk)
        finish_load(load=load, figures=figures, by=by, at=at)
        drop_file(load_id=load.pk)
        return _report(load.pk, profile, checked, done, receipts, ended=ended)


def check_file(
    *,
    path: Path,
    profile: Profile,
    kind: FeedKind,
    folder: Path,
    at: datetime,
    progress: Progress,
    open_only: bool = False,
) -> Checked:
    """Read and judge every row, and compare with what the supplier says now; nothing is kept.

    `open_only` compares as if nothing were hidden, for a rehearsal (SHI-3).
    """
    on = at.astimezone(ENGLAND).date()
    staged = stage_file(
        path=path, profile=profile, on=on, folder=folder, progress=progress, look_up=look_up_places
    )
    changes = find_changes(
        supplier=profile.supplier, parts=staged.parts(REFERENCE, "digest"), open_only=open_only
    )
    if kind is FeedKind.DELTA:
        return Checked(staged, changes, pl.Series(REFERENCE, [], dtype=pl.String), 0)
    current = find_current(supplier=profile.supplier, open_only=open_only)
    return Checked(staged, changes, find_absent(current=current, present=staged.references), len(current))


def judge_file(
    *,
    checked: Checked,
    profile: Profile,
    kind: FeedKind,
    load: Load | None,
    matched: float | None,
    extracted_on: date | None,
) -> tuple[str, ...]:
    """The gate's reasons to hold a checked file, as a load or, with None, in a rehearsal."""
    history = find_history(supplier=profile.supplier, kind=kind)
    measures = measure_file(
        staged=checked.staged,
        changes=checked.changes,
        vanished=len(checked.absent),
        current=checked.current,
        matched=matched,
    )
    reasons = judge_feed(
        measures=measures,
        history=history,
        kind=kind,
        names={path: profile.column_of(path) for path in DOMINATING},
        extracted_on=extracted_on,
        newest_on=find_newest(supplier=profile.supplier),
    )
    if load is not None:
        keep_measures(load=load, measures=measures)
    return reasons


def _pass_gate(
    load: Load, profile: Profile, checked: Checked, model: Model, folder: Path, by: Actor, at: datetime
) -> tuple[str, ...]:
    matched = sample_match_rate(
        staged=checked.staged,
        without=pl.concat([checked.changes.unchanged, checked.changes.met]),
        profile=profile,
        model=model,
        folder=folder,
    )
    reasons = judge_file(
        checked=checked,
        profile=profile,
        kind=FeedKind(load.kind),
        load=load,
        matched=matched,
        extracted_on=load.extracted_on,
    )
    if reasons and load.decided_at is None:
        hold_load(load=load, reasons=reasons, by=by, at=at)
        return reasons
    pass_load(load=load)
    return ()


def _match_and_publish(
    load: Load,
    profile: Profile,
    checked: Checked,
    model: Model,
    folder: Path,
    by: Actor,
    at: datetime,
    progress: Progress,
) -> Published:
    staged, supplier = checked.staged, profile.supplier
    apart = set_apart(
        supplier=supplier,
        parts=staged.parts(REFERENCE, *MATCHED, without=checked.changes.unchanged),
        changes=checked.changes,
        model=model,
        folder=folder,
    )
    keep_apart(apart=apart, profile=profile, rows=staged.take(apart.rows, *STORED), load_id=load.pk, at=at)
    changes = apart.leave_out(checked.changes)
    remembered = find_remembered(supplier=supplier, parts=staged.parts(REFERENCE))
    asked = {row: child for row, child in changes.replaced.items() if remembered.same.get(str(row)) != child}
    reused = find_reused(
        supplier=supplier, rows=staged.take(asked, REFERENCE, *MATCHED), replaced=asked, model=model
    )
    replaced = pl.Series(list(changes.replaced), dtype=pl.Int64)
    portions = standardise_parts(staged=staged, without=changes.unchanged, folder=folder).but(replaced)
    verdicts = link_portions(
        portions=portions,
        rows=portions.rows,
        supplier=supplier,
        one_row_per_child=profile.one_row_per_child,
        model=model,
        folder=folder,
        progress=progress,
        remembered=remembered,
        told=staged.rows,
    )
    match_load(load=load)
    batch = Batch(load.pk, profile, model.version, by, at)
    confirm_rows(batch=batch, changes=changes, staged=staged, kind=FeedKind(load.kind))
    done = publish_parts(
        batch=batch,
        parts=portions.beside_keys(staged.parts(*STORED, without=changes.unchanged)),
        rows=portions.all_rows,
        verdicts=verdicts.and_of(reused),
        replaced={row: child for row, child in changes.replaced.items() if str(row) not in reused},
        folder=folder,
        progress=in_rows_of(staged.rows, progress),
    )
    return apart.count_in(done)


def _ended(checked: Checked, kind: FeedKind) -> list[str]:
    """In a snapshot absence ends what the supplier asserted; in a delta it must say so (SUP-3)."""
    said: list[str] = checked.staged.ended[REFERENCE].to_list()
    return [*checked.absent.to_list(), *said] if kind is FeedKind.SNAPSHOT else said


def _noted(load: Load, progress: Progress) -> Progress:
    def note(stage: str, done: int, total: int | None) -> None:
        note_progress(load=load, stage=stage, done=done, total=total)
        progress(stage, done, total)

    return note


def _report(
    load_id: int,
    profile: Profile,
    checked: Checked,
    done: Published,
    receipts: Path,
    *,
    ended: int = 0,
    held: tuple[str, ...] = (),
) -> LoadReport:
    staged = checked.staged
    counted = staged.problems.group_by("code", "column").len()
    counted = counted.sort(["len", "code", "column"], descending=[True, False, False])
    refused = len(staged.refused)
    return LoadReport(
        load_id=load_id,
        supplier=profile.name,
        rows=staged.rows,
        received=staged.rows - refused,
        refused=refused,
        unchanged=len(checked.changes.unchanged),
        made=done.made,
        linked=done.linked,
        replaced=done.replaced,
        not_placed=len(staged.unpublished) + done.waiting,
        problems=tuple((Problem(code, column).words, count) for code, column, count in counted.iter_rows()),
        dropped_columns=tuple(name for name, _ in staged.dropped),
        dropped_kinds=count_kinds(staged.dropped),
        receipts=receipts,
        ended=ended,
        held=held,
    )


@contextmanager
def _told_in_words() -> Iterator[None]:
    try:
        yield
    except (OperationalError, psycopg.OperationalError) as error:  # COPY tells its troubles unwrapped
        # A database that cannot write its own log ends, and says nothing of why.
        if psycopg.errors.DiskFull in {type(error), type(error.__cause__)} or has_no_room():
            raise DiskFull(_NO_ROOM) from error
        raise LoadStopped(_STOPPED) from error
    except (InterfaceError, psycopg.InterfaceError) as error:
        raise LoadStopped(_STOPPED) from error
    except Exception as error:
        if is_disk_full(error):
            raise DiskFull(_NO_ROOM) from None  # an engine's own words may quote values
        raise
