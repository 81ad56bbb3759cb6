"""Data quality, by supplier over time, and counts of children with no school or GP (SUP-2, INV-8).

Figures only, from what the gate measured and from open records: as if hidden values did not exist (SHI-3).
A small count is not told exactly.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from contactpoint.access.policies import ENGLAND
from contactpoint.access.records import Viewer
from contactpoint.intake.feeds_door import see_feeds
from contactpoint.intake.models import Load
from contactpoint.intake.register import OWN, Registered
from contactpoint.intake.states import LoadState

POINTS = 12  # loads in a picture
SMALL = 10  # a count below is told as "fewer than 10"
SCHOOL_AGE = (5, 16)


@dataclass(frozen=True, slots=True)
class Point:
    """One published load: shares from 0 to 1. `matched`: None where too few rows were new."""

    on: date
    rows: int
    complete: float
    valid: float
    matched: float | None


@dataclass(frozen=True, slots=True)
class SupplierQuality:
    """One supplier's place in the league, oldest point first."""

    supplier: Registered
    points: tuple[Point, ...]
    held: int
    refused_files: int

    @property
    def last(self) -> Point | None:
        return self.points[-1] if self.points else None

    @property
    def score(self) -> float:
        """By which the league is ordered: complete and valid count alike."""
        return (self.last.complete + self.last.valid) / 2 if self.last else -1.0


@dataclass(frozen=True, slots=True)
class Gaps:
    """Counts of open records; None: fewer than SMALL."""

    authority: str
    children: int | None
    no_practice: int | None
    of_school_age: int | None
    no_school: int | None


def read_quality(*, viewer: Viewer, at: datetime) -> tuple[tuple[SupplierQuality, ...], Gaps]:
    """The league, best first, and the gaps in the viewer's authority or England. Raises ActionRefused."""
    page = see_feeds(viewer=viewer, at=at)
    league = tuple(_quality(supplier) for supplier in page.suppliers)
    ordered = sorted(league, key=lambda each: (-each.score, each.supplier.name))
    return tuple(ordered), count_gaps(authority=viewer.authority or "", on=at.astimezone(ENGLAND).date())


def _quality(supplier: Registered) -> SupplierQuality:
    loads = Load.objects.filter(supplier_id=supplier.code).exclude(supplier_id=OWN)
    published = loads.filter(state=LoadState.PUBLISHED.value).exclude(measures={}).order_by("-pk")[:POINTS]
    return SupplierQuality(
        supplier=supplier,
        points=tuple(_point(load) for load in reversed(published)),
        held=loads.exclude(held_why=[]).count(),
        refused_files=loads.filter(state=LoadState.REFUSED.value).count(),
    )


def _point(load: Load) -> Point:
    return Point(
        on=load.started_at.astimezone(ENGLAND).date(),
        rows=load.measures["rows"],
        complete=load.measures["complete"],
        valid=load.measures["valid"],
        matched=load.measures.get("matched"),
    )


_GAPS = """
SELECT count(*), count(*) FILTER (WHERE NOT has_practice),
       count(*) FILTER (WHERE is_of_age), count(*) FILTER (WHERE is_of_age AND NOT has_school)
FROM (
    SELECT c.born > %(oldest)s AND c.born <= %(youngest)s AS is_of_age,
        EXISTS (SELECT 1 FROM directory_suppliedrow r WHERE r.child_id = c.id AND r.ended_on IS NULL
            AND coalesce(r.content #>> '{practice,code}', '') <> ''
            AND coalesce(nullif(r.content #>> '{practice,ended_on}', ''), '9') > %(on)s) AS has_practice,
        EXISTS (SELECT 1 FROM directory_suppliedrow r WHERE r.child_id = c.id AND r.ended_on IS NULL
            AND coalesce(r.content #>> '{school,code}', '') <> ''
            AND coalesce(nullif(r.content #>> '{school,ended_on}', ''), '9') > %(on)s) AS has_school
    FROM directory_child c
    WHERE NOT c.shielded AND c.live_until > %(on)s::date AND c.searchable_from <= %(on)s::date
      AND (%(authority)s = '' OR c.authority = %(authority)s)
) children
"""


def count_gaps(*, authority: str, on: date) -> Gaps:
    """Live open records with no current school or practice; '' for all of England."""
    oldest = on.replace(year=on.year - SCHOOL_AGE[1], day=min(on.day, 28))
    youngest = on.replace(year=on.year - SCHOOL_AGE[0], day=min(on.day, 28))
    given: dict[str, Any] = {
        "on": on.isoformat(),
        "authority": authority,
        "oldest": oldest,
        "youngest": youngest,
    }
    with connection.cursor() as cursor:
        cursor.execute(_GAPS, given)
        counts = [count if count >= SMALL or count == 0 else None for count in cursor.fetchone()]
    return Gaps(authority, *counts)
