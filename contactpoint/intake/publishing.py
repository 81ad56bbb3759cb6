"""Publishes decided rows chunk by chunk, each in one transaction with its event (AUD-8).

A load that is killed between two chunks, or within one, goes on where it was: what is published is unchanged,
and the rest is decided by the same rules against a directory that knows it.
"""

import hashlib
import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from django.db import connections, transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.codes.authorities import authority_for_postcode
from contactpoint.directory.publish import PublishedRow, SensitivePart, publish_rows
from contactpoint.intake.absent import stop_waiting
from contactpoint.intake.deciding import Verdict, Why
from contactpoint.intake.deciding_many import Verdicts
from contactpoint.intake.fields import AUTHORITY, MARKER, REFERENCE
from contactpoint.intake.frames import ROW
from contactpoint.intake.known import USING
from contactpoint.intake.placing import Placing, in_order, may_be_made
from contactpoint.intake.portions import KEYS
from contactpoint.intake.profiles import Profile
from contactpoint.intake.side_by_side import work_side_by_side
from contactpoint.matching.decide import Outcome
from contactpoint.matching.score import Score
from contactpoint.progress import Progress, no_progress

CHUNK = 10_000
STAGE = "Publishing rows"
STORED = (REFERENCE, "content", "sensitive", MARKER, AUTHORITY, "digest", "postcode")


class _Row(NamedTuple):
    """A row with what became of it: a child, or None for a person to decide."""

    number: int
    reference: str
    content: str
    sensitive: str
    marker: str
    authority: str
    digest: bytes
    postcode: str
    keys: Sequence[int]
    child: int | None
    is_new: bool
    weight: float | None
    levels: Sequence[int] | None


_READ = (ROW, *STORED, KEYS, "child", "is_new", "weight", "levels")


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that publishing a file's rows needs beside the rows."""

    load_id: int
    profile: Profile
    model: str
    by: Actor
    at: datetime


@dataclass(slots=True)
class Published:
    """What was done, in rows; `made` counts children."""

    made: int = 0
    linked: int = 0
    replaced: int = 0
    waiting: int = 0

    def add(self, other: "Published") -> None:
        self.made += other.made
        self.linked += other.linked
        self.replaced += other.replaced
        self.waiting += other.waiting


def publish_decided(
    *, batch: Batch, row: pl.DataFrame, verdicts: Mapping[str, Verdict], replaced: Mapping[int, int]
) -> Published:
    """Publish a message's row, which has the columns `row`, STORED and KEYS."""
    return publish_parts(
        batch=batch,
        parts=[row],
        rows=row.height,
        verdicts=Verdicts.of(verdicts),
        replaced=replaced,
        folder=None,
        progress=no_progress,
    )


def publish_parts(
    *,
    batch: Batch,
    parts: Iterable[pl.DataFrame],
    rows: int,
    verdicts: Verdicts,
    replaced: Mapping[int, int],
    folder: Path | None,
    progress: Progress,
) -> Published:
    """Publish a file's rows, which have the columns `row`, STORED and KEYS.

    `verdicts` are by line number as text; a row without one is new.
    `replaced` are children by line number, of rows that their supplier sent before.
    `folder` is private scratch, for a file that does not fit into memory.
    """
    done, told = Published(), 0
    progress(STAGE, 0, rows)
    profile = batch.profile
    judge = may_be_made(sensitive=bool(profile.sensitive), authority=profile.authority, on=batch.at.date())
    placing = Placing(verdicts=verdicts, replaced=replaced, rows=rows, may_be_made=judge)
    ordered = in_order(parts=parts, rows=rows, placing=placing, folder=folder)
    chunks = (chunk for bucket in ordered for chunk in bucket.iter_slices(CHUNK))

    def publish(chunk: pl.DataFrame) -> tuple[int, Published]:
        decided = [_Row(*values) for values in chunk.select(_READ).iter_rows()]
        with transaction.atomic(durable=True, using=USING):
            return len(decided), _publish_chunk(batch, decided, verdicts.others, placing.children)

    with closing(_work(publish, chunks, rows)) as published:
        for some, each in published:
            done.add(each)
            told += some
            progress(STAGE, told, rows)
    return done


def _work(
    publish: Callable[[pl.DataFrame], tuple[int, Published]], chunks: Iterable[pl.DataFrame], rows: int
) -> Generator[tuple[int, Published]]:
    if rows <= CHUNK:
        yield from map(publish, chunks)
        return
    # A question is asked when the records that it is about are there.
    yield from work_side_by_side(chunks, publish, alone=lambda chunk: chunk["child"].null_count() > 0)


def _authority_of(postcode: str, on: date) -> str | None:
    return authority_for_postcode(postcode, on) if postcode else None


def _publish_chunk(
    batch: Batch,
    decided: Sequence[_Row],
    verdicts: Mapping[str, Verdict],
    children: Mapping[str, int],
) -> Published:
    placed = [row for row in decided if row.child is not None]
    waiting = [(row, verdicts.get(str(row.number), _ASK)) for row in decided if row.child is None]
    with connections[USING].cursor() as cursor:
        stop_waiting(
            cursor=cursor,
            supplier=batch.profile.supplier,
            references=[row.reference for row in decided],
            load_id=batch.load_id,
            at=batch.at,
        )
        counts = publish_rows(cursor=cursor, rows=[_published_row(batch, row) for row in placed], at=batch.at)
        _keep_waiting(cursor, batch, waiting, children)
    record_event(
        kind=EventKind.FEED_CHUNK_PUBLISHED,
        actor=batch.by,
        at=batch.at,
        facts={"load": batch.load_id, "rows": len(decided), "digest": _digest(decided)},
        using=USING,
    )
    not_placed = len(waiting) + len(counts.not_published)
    return Published(counts.made, counts.linked, counts.replaced, not_placed)


# Nobody would be responsible for it (REC-6), or it would tell of a sensitive service: a question.
_ASK = Verdict(Outcome.ASK, why=Why.DOUBTFUL)


def _published_row(batch: Batch, row: _Row) -> PublishedRow:
    return PublishedRow(
        supplier=batch.profile.supplier,
        reference=row.reference,
        content=row.content,
        digest=row.digest,
        load_id=batch.load_id,
        supplied_at=batch.at,
        child_id=row.child or 0,
        is_new=row.is_new,
        authority=row.authority or batch.profile.authority,
        restricted=bool(row.marker),
        sensitive=sensitive_part(row.sensitive) if row.sensitive else None,
        keys=frozenset(row.keys),
        weight=row.weight,
        levels=tuple(row.levels or ()),
        model=batch.model if row.weight is not None else "",
    )


def sensitive_part(text: str) -> SensitivePart:
    """The sensitive part of a row from its stored form."""
    said = json.loads(text)
    return SensitivePart(
        service=said["service"],
        organisation=said.get("organisation", ""),
        basis=said["ground"],
        practitioner=said.get("practitioner", ""),
        role=said.get("role", ""),
        started_on=_day(said.get("started_on")),
        ended_on=_day(said.get("ended_on")),
        consent_given_by=said.get("given_by", ""),
        obtained_by_role=said.get("obtained_by_role", ""),
        obtained_on=_day(said.get("obtained_on")),
        review_on=_day(said.get("review_on")),
    )


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None


_WAIT = """
WITH kept AS (
    INSERT INTO hidden.waiting_row
        (supplier_id, reference, content, sensitive, digest, load_id, supplied_at, why, candidates)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id, load_id, supplied_at
)
INSERT INTO hidden.row_effect (row_id, load_id, effect, model, at)
SELECT id, load_id, 'waits', %s, supplied_at FROM kept
"""


def _keep_waiting(
    cursor: Any, batch: Batch, waiting: Sequence[tuple[_Row, Verdict]], children: Mapping[str, int]
) -> None:
    cursor.executemany(_WAIT, list(_waiting_rows(batch, waiting, children))) if waiting else None


def _waiting_rows(
    batch: Batch, waiting: Sequence[tuple[_Row, Verdict]], children: Mapping[str, int]
) -> Iterator[tuple[Any, ...]]:
    for row, verdict in waiting:
        authority = _authority_of(row.postcode, batch.at.date()) or row.authority or batch.profile.authority
        said = say_candidates(verdict, children, marker=row.marker, authority=authority)
        yield (
            batch.profile.supplier,
            row.reference,
            row.content,
            row.sensitive or None,
            row.digest,
            batch.load_id,
            batch.at,
            (verdict.why or Why.DOUBTFUL).value,
            json.dumps(said),
            batch.model,
        )


def say_candidates(
    verdict: Verdict, children: Mapping[str, int], *, marker: str, authority: str
) -> dict[str, Any]:
    """For the person who decides: children with comparison levels, never words or values (SHI-9)."""
    scored = [_scored(child, score) for child, score in verdict.candidates]
    within = [{"child": children[key]} for key in verdict.within if key in children]
    return {"children": [*scored, *within], "marker": marker, "authority": authority}


def _scored(child: int, score: Score) -> dict[str, Any]:
    return {"child": child, "weight": round(score.weight, 3), "levels": list(score.levels)}


def _digest(decided: Sequence[_Row]) -> str:
    digest = hashlib.sha256()
    for row in decided:
        digest.update(row.reference.encode() + b"\x00" + row.digest)
    return digest.hexdigest()
