"""Filling a benchmark's directory: the true values of the made-up England through the publishing door.

One row a child from one supplier, published in chunks, each a durable transaction with its log event,
exactly as a feed publishes; only the matching is left out, because every row is known to be another child.
A stopped run goes on after its last chunk.
"""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.db import connections, transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.codes.authorities import current_authorities
from contactpoint.directory.opening_up import find_opened, open_authorities
from contactpoint.directory.publish import PublishedRow, new_child_ids, publish_rows
from contactpoint.directory.values import Address, FormerName, SuppliedValues, to_json
from contactpoint.progress import Progress

MATCH = "match"
SUPPLIER = "bench"
CHUNK = 5_000
LOAD = 1
OPEN_SINCE = date(2020, 1, 1)
SERVICE = Actor(account_id=None, organisation_id=None, door="command")
COLUMNS = (
    "child_id", "given_name", "middle_names", "family_name", "former_family_name", "birth_date", "gender",
    "nhs", "upn", "address", "locality", "town", "postcode", "authority", "old_address", "old_town",
    "old_postcode", "moved_on", "restricted",
)  # fmt: skip


def fill(*, truth: Path, progress: Progress) -> dict[str, Any]:
    """Publish every child of that file; gives how many, and how fast they went in this time."""
    import polars

    children = polars.read_parquet(truth, columns=list(COLUMNS))
    _open_authorities()
    done = already = _count_published()
    began = time.perf_counter()
    for chunk in children.slice(already).iter_slices(CHUNK):
        progress("Publishing children", done, len(children))
        _publish(chunk.rows(named=True), at=datetime.now(UTC))
        done += len(chunk)
    took = time.perf_counter() - began
    progress("Publishing children", done, len(children))
    _analyse()
    return {
        "children": len(children),
        "published_now": done - already,
        "seconds": round(took, 1),
        "children_per_second": round((done - already) / took) if done > already else None,
    }


def _open_authorities() -> None:
    """As if every authority's shielding window had closed long ago (SHI-10)."""
    with transaction.atomic(using=MATCH, durable=True), connections[MATCH].cursor() as cursor:
        cursor.execute(
            "INSERT INTO directory_supplier (code, name, sector, must, sensitive, legal_basis, precedence)"
            " VALUES (%s, 'Benchmark', 'health', true, false, 'made up', 50) ON CONFLICT DO NOTHING",
            [SUPPLIER],
        )
    now = datetime.now(UTC)
    codes = {authority.code for authority in current_authorities(now.date())} - find_opened(on=now.date())
    open_authorities(codes=sorted(codes), on=OPEN_SINCE, by=SERVICE, at=now)


def _count_published() -> int:
    """Chunks are published whole and in order, each with its event: so many rows of the file are done."""
    with connections[MATCH].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit_event WHERE kind = %s", [EventKind.FEED_CHUNK_PUBLISHED.value]
        )
        return int(cursor.fetchone()[0]) * CHUNK


def _publish(chunk: Sequence[dict[str, Any]], *, at: datetime) -> None:
    with transaction.atomic(using=MATCH, durable=True):
        with connections[MATCH].cursor() as cursor:
            numbers = new_child_ids(cursor=cursor, count=len(chunk))
            rows = list(_rows(chunk, numbers, at))
            publish_rows(cursor=cursor, rows=rows, at=at)
        digest = _digest(b"".join(row.digest for row in rows))
        record_event(
            kind=EventKind.FEED_CHUNK_PUBLISHED,
            actor=SERVICE,
            at=at,
            facts={
                "load": LOAD,
                "rows": len(rows),
                "digest": digest.hex(),
            },
            using=MATCH,
        )


def _rows(chunk: Sequence[dict[str, Any]], numbers: Sequence[int], at: datetime) -> Iterator[PublishedRow]:
    for child, number in zip(chunk, numbers, strict=True):
        content = json.dumps(to_json(_values(child)), ensure_ascii=False)
        yield PublishedRow(
            supplier=SUPPLIER,
            reference=str(child["child_id"]),
            content=content,
            digest=_digest(content.encode()),
            load_id=LOAD,
            supplied_at=at,
            child_id=number,
            is_new=True,
            authority=child["authority"],
            restricted=bool(child["restricted"]),
        )


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=16).digest()


def _values(child: dict[str, Any]) -> SuppliedValues:
    """The true values, as a supplier that makes no mistakes would send them."""
    lines = tuple(line for line in (child["address"], child["locality"]) if line)
    moved = _iso(child["moved_on"])
    addresses = [Address(lines=lines, town=child["town"], postcode=child["postcode"], valid_from=moved)]
    if child["moved_on"]:
        addresses.append(
            Address(
                lines=(child["old_address"],),
                town=child["old_town"],
                postcode=child["old_postcode"],
                valid_to=moved,
            )
        )
    former = child["former_family_name"]
    return SuppliedValues(
        given_names=" ".join(name for name in (child["given_name"], child["middle_names"]) if name),
        family_name=child["family_name"] or "",
        former_names=(FormerName(family_name=former),) if former else (),
        birth_date=_iso(child["birth_date"]),
        gender=child["gender"] or "",
        nhs=child["nhs"] or "",
        upn=child["upn"] or "",
        addresses=tuple(addresses),
    )


def _iso(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _analyse() -> None:
    """Statistics as autovacuum would have made them within minutes; the tables' owner may."""
    with connections["owner"].cursor() as cursor:
        for table in ("child", "name", "namekey", "searchname", "searchnumber", "suppliedrow"):
            cursor.execute(f"VACUUM (ANALYZE) directory_{table}")
