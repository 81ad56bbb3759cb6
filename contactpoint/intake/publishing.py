"""Publishes decided rows chunk by chunk, each in one transaction with its event (AUD-8).

A load that is killed between two chunks, or within one, goes on where it was: what is published is unchanged,
and the rest is decided by the same rules against a directory that knows it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import connections, transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.codes.authorities import authority_for_postcode
from contactpoint.directory.match_rows import blocking_hashes
from contactpoint.directory.publish import PublishedRow, SensitivePart, new_child_ids, publish_rows
from contactpoint.intake.absent import stop_waiting
from contactpoint.intake.content import MATCHED
from contactpoint.intake.deciding import NEW, Verdict, Why
from contactpoint.intake.fields import AUTHORITY, MARKER, REFERENCE
from contactpoint.intake.frames import ROW
from contactpoint.intake.known import USING
from contactpoint.intake.profiles import Profile
from contactpoint.matching.decide import Outcome
from contactpoint.matching.score import Score
from contactpoint.matching.standardise import frame_to_rows, standardise_frame
from contactpoint.progress import Progress

CHUNK = 10_000
STAGE = "Publishing rows"
STORED = (REFERENCE, "content", "sensitive", MARKER, AUTHORITY, "digest", *MATCHED)
_READ = ("place", REFERENCE, "content", "sensitive", MARKER, AUTHORITY, "digest", "postcode")


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


def publish_decided(
    *,
    batch: Batch,
    rows: pl.DataFrame,
    verdicts: Mapping[str, Verdict],
    replaced: Mapping[int, int],
    progress: Progress,
) -> Published:
    """Publish rows with the columns `row` and STORED.

    `verdicts` are by line number as text; a row without one is new.
    """
    done = Published()
    progress(STAGE, 0, rows.height)
    children = _draw_children(rows, verdicts, replaced, batch)
    decided_on = [_decide(number, verdicts, replaced, children) for number in rows[ROW].to_list()]
    rows = _in_order_of_children(rows, decided_on)
    for start in range(0, rows.height, CHUNK):
        chunk = rows.slice(start, CHUNK)
        decided = [
            _Decided(row, decided_on[row["place"]], keys)
            for row, keys in zip(chunk[list(_READ)].iter_rows(named=True), _blocking(chunk), strict=True)
        ]
        with transaction.atomic(durable=True, using=USING):
            _publish_chunk(batch, decided, children, done)
        progress(STAGE, min(start + CHUNK, rows.height), rows.height)
    return done


@dataclass(slots=True)
class _Decided:
    row: Mapping[str, Any]
    on: "_Placed"
    keys: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Placed:
    """The verdict on a row, its child, and whether that is a new one."""

    verdict: Verdict
    child: int | None
    is_new: bool


def _decide(
    number: int,
    verdicts: Mapping[str, Verdict],
    replaced: Mapping[int, int],
    children: Mapping[str, int],
) -> _Placed:
    if number in replaced:
        return _Placed(Verdict(Outcome.LINK, child=replaced[number]), replaced[number], is_new=False)
    verdict = verdicts.get(str(number), NEW)
    if verdict.outcome is Outcome.NEW:
        child = children.get(str(number))
        # Nobody would be responsible for it (REC-6), or it would tell of a sensitive service: a question.
        return _Placed(verdict if child else Verdict(Outcome.ASK, why=Why.DOUBTFUL), child, is_new=True)
    return _Placed(verdict, verdict.child, is_new=False)


def _in_order_of_children(rows: pl.DataFrame, decided: Sequence[_Placed]) -> pl.DataFrame:
    """By their children's random numbers, which costs less: a chunk touches one stretch of each child index.

    Those that wait come last, when the records that they may belong to are there.
    """
    children = pl.Series("child", [each.child for each in decided], dtype=pl.Int64)
    return rows.with_row_index("place").with_columns(children).sort("child", ROW, nulls_last=True)


def _blocking(chunk: pl.DataFrame) -> Iterator[frozenset[int]]:
    """Each row's blocking keys, standardised together."""
    rows = standardise_frame(chunk[list(MATCHED)].with_columns(pl.lit("").alias("key")))
    return (blocking_hashes(row) for row in frame_to_rows(rows))


def _draw_children(
    rows: pl.DataFrame, verdicts: Mapping[str, Verdict], replaced: Mapping[int, int], batch: Batch
) -> dict[str, int]:
    """A number for each child that will be made.

    A row in nobody's area gets none, nor does one of a sensitive service: a record without any other source
    would tell of it (SEN-3).
    """
    if batch.profile.sensitive:
        return {}
    new = [
        str(number)
        for number, authority, postcode in rows[[ROW, AUTHORITY, "postcode"]].iter_rows()
        if number not in replaced
        and verdicts.get(str(number), NEW).outcome is Outcome.NEW
        and (authority or batch.profile.authority or _authority_of(postcode, batch.at.date()))
    ]
    with connections[USING].cursor() as cursor:
        return dict(zip(new, new_child_ids(cursor=cursor, count=len(new)), strict=True))


def _authority_of(postcode: str, on: date) -> str | None:
    return authority_for_postcode(postcode, on) if postcode else None


def _publish_chunk(
    batch: Batch, decided: Sequence[_Decided], children: Mapping[str, int], done: Published
) -> None:
    placed = [each for each in decided if each.on.child is not None]
    waiting = [each for each in decided if each.on.child is None]
    with connections[USING].cursor() as cursor:
        stop_waiting(
            cursor=cursor,
            supplier=batch.profile.supplier,
            references=[each.row[REFERENCE] for each in decided],
            load_id=batch.load_id,
            at=batch.at,
        )
        counts = publish_rows(
            cursor=cursor, rows=[_published_row(batch, each) for each in placed], at=batch.at
        )
        _keep_waiting(cursor, batch, waiting, children)
    record_event(
        kind=EventKind.FEED_CHUNK_PUBLISHED,
        actor=batch.by,
        at=batch.at,
        facts={"load": batch.load_id, "rows": len(decided), "digest": _digest(decided)},
        using=USING,
    )
    done.made += counts.made
    done.linked += counts.linked
    done.replaced += counts.replaced
    done.waiting += len(waiting) + len(counts.not_published)


def _published_row(batch: Batch, decided: _Decided) -> PublishedRow:
    row, verdict = decided.row, decided.on.verdict
    score = verdict.candidates[0][1] if verdict.outcome is Outcome.LINK and verdict.candidates else None
    return PublishedRow(
        supplier=batch.profile.supplier,
        reference=row[REFERENCE],
        content=row["content"],
        digest=row["digest"],
        load_id=batch.load_id,
        supplied_at=batch.at,
        child_id=decided.on.child or 0,
        is_new=decided.on.is_new,
        authority=row[AUTHORITY] or batch.profile.authority,
        restricted=bool(row[MARKER]),
        sensitive=sensitive_part(row["sensitive"]) if row["sensitive"] else None,
        keys=decided.keys,
        weight=score.weight if score else None,
        levels=score.levels if score else (),
        model=batch.model if score else "",
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
    cursor: Any, batch: Batch, waiting: Sequence[_Decided], children: Mapping[str, int]
) -> None:
    cursor.executemany(_WAIT, list(_waiting_rows(batch, waiting, children))) if waiting else None


def _waiting_rows(
    batch: Batch, waiting: Sequence[_Decided], children: Mapping[str, int]
) -> Iterator[tuple[Any, ...]]:
    for each in waiting:
        row, verdict = each.row, each.on.verdict
        yield (
            batch.profile.supplier,
            row[REFERENCE],
            row["content"],
            row["sensitive"] or None,
            row["digest"],
            batch.load_id,
            batch.at,
            (verdict.why or Why.DOUBTFUL).value,
            json.dumps(
                say_candidates(
                    verdict,
                    children,
                    marker=row[MARKER],
                    authority=_authority_of(row["postcode"], batch.at.date())
                    or row[AUTHORITY]
                    or batch.profile.authority,
                )
            ),
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


def _digest(decided: Sequence[_Decided]) -> str:
    digest = hashlib.sha256()
    for each in decided:
        digest.update(each.row[REFERENCE].encode() + b"\x00" + each.row["digest"])
    return digest.hexdigest()
