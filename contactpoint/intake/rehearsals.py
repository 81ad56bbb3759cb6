"""Rehearsals asked for by page: kept for the worker, done, and shown as figures (SUP-4, SHI-9).

The file goes as soon as it has been rehearsed, and the figures after a month.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from contactpoint.audit.records import Actor
from contactpoint.errors import Conflict, ContactPointError, NotFound
from contactpoint.intake.keeping_files import copy_privately, opened_file, rehearsed_path
from contactpoint.intake.models import Rehearsal
from contactpoint.intake.open_figures import MatchFigures
from contactpoint.intake.profiles import FeedKind
from contactpoint.intake.queueing import defer_rehearsal
from contactpoint.intake.register import get_supplier_profile
from contactpoint.intake.rehearsing import Rehearsal as Figures
from contactpoint.intake.rehearsing import rehearse_file

KEPT = timedelta(days=30)


class NoSuchRehearsal(NotFound):
    """No rehearsal has this number, or its figures are gone."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A rehearsal as its data manager sees it; `figures` are None until the worker has done it."""

    id: int
    supplier: str
    supplier_name: str
    file_name: str
    refused_why: str
    figures: Figures | None


def ask_for_rehearsal(
    *,
    supplier: str,
    path: Path,
    file_name: str,
    kind: FeedKind | None,
    extracted_on: date | None,
    account: int,
    at: datetime,
) -> int:
    """Keep the file for the worker, and give the rehearsal's number."""
    with transaction.atomic(durable=True):
        asked = Rehearsal.objects.create(
            supplier_id=supplier,
            asked_by_id=account,
            file_name=file_name[:200],
            kind=kind.value if kind else "",
            extracted_on=extracted_on,
            asked_at=at,
        )
        copy_privately(path=path, kept=rehearsed_path(asked.pk))
        defer_rehearsal(asked.pk)
    return asked.pk


def process_rehearsal(*, rehearsal_id: int, by: Actor, at: datetime) -> None:
    """Rehearse the kept file and delete it. Doing it again changes nothing."""
    asked = Rehearsal.objects.filter(pk=rehearsal_id, done_at__isnull=True).first()
    if asked is None:
        return
    path = rehearsed_path(rehearsal_id)
    try:
        with opened_file(path) as sent:
            said = rehearse_file(
                path=sent,
                profile=get_supplier_profile(supplier=asked.supplier_id),
                by=Actor(asked.asked_by_id, None, by.door),
                at=at,
                kind=FeedKind(asked.kind) if asked.kind else None,
                extracted_on=asked.extracted_on,
            )
        asked.figures = asdict(said)
    except Conflict:
        raise  # the worker tries again
    except ContactPointError as why:
        asked.refused_why = str(why)
    except FileNotFoundError:
        asked.refused_why = "The file was not there any more: send it again."
    asked.done_at = at
    asked.save()
    path.unlink(missing_ok=True)
    Rehearsal.objects.filter(asked_at__lt=at - KEPT).delete()


def find_rehearsal(*, rehearsal_id: int) -> Rehearsed:
    """Raises NoSuchRehearsal."""
    asked = Rehearsal.objects.select_related("supplier").filter(pk=rehearsal_id).first()
    if asked is None:
        raise NoSuchRehearsal("There is no rehearsal of this number; its figures are kept for a month.")
    return Rehearsed(
        id=asked.pk,
        supplier=asked.supplier_id,
        supplier_name=asked.supplier.name,
        file_name=asked.file_name,
        refused_why=asked.refused_why,
        figures=_figures(asked.figures) if asked.figures else None,
    )


def _figures(stored: dict[str, Any]) -> Figures:
    pairs = tuple((str(words), int(count)) for words, count in stored["problems"])
    matches = MatchFigures(**stored["matches"]) if stored["matches"] else None
    named = {
        "problems": pairs,
        "dropped_columns": tuple(stored["dropped_columns"]),
        "held": tuple(stored["held"]),
        "matches": matches,
    }
    return Figures(**{**stored, **named})
