"""Filling a benchmark's directory: the true values of the made-up England through the publishing door.

One row a child from one supplier, published in chunks, each a durable transaction with its log event,
exactly as a feed publishes; only the matching is left out, because every row is known to be another child.
Several processes publish at once, which a service's loads don't.
A stopped run goes on with the chunks that are missing.
"""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connections, transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.codes.authorities import current_authorities
from contactpoint.directory.opening_up import find_opened, open_authorities
from contactpoint.directory.publish import PublishedRow, new_child_ids, publish_rows
from contactpoint.directory.values import Address, FormerName, SuppliedValues, to_json
from contactpoint.jobs.bench.side_by_side import publish_all
from contactpoint.progress import Progress

if TYPE_CHECKING:
    from polars import DataFrame

MATCH = "match"
SUPPLIER = "bench"
CHUNK = 5_000
LOOKED_UP = 250  # every so many rows of a chunk one is looked up: who turned 18 since was not published
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
    chunks = _find_missing([children.slice(first, CHUNK) for first in range(0, len(children), CHUNK)])
    already = len(children) - sum(map(len, chunks))
    began = time.perf_counter()
    progress("Publishing children", already, len(children))
    done = already
    for count in publish_all(chunks):
        done += count
        progress("Publishing children", done, len(children))
    took = time.perf_counter() - began
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


def _find_missing(chunks: Sequence["DataFrame"]) -> list["DataFrame"]:
    """A chunk is published whole, so that a few of its rows tell."""
    asked = [[str(number) for number in chunk["child_id"][::LOOKED_UP]] for chunk in chunks]
    with connections[MATCH].cursor() as cursor:
        cursor.execute(
            "SELECT reference FROM directory_suppliedrow WHERE supplier_id = %s AND reference = ANY(%s)",
            [SUPPLIER, [reference for each in asked for reference in each]],
        )
        found = {reference for (reference,) in cursor.fetchall()}
    return [chunk for chunk, each in zip(chunks, asked, strict=True) if found.isdisjoint(each)]


def publish_chunk(chunk: "DataFrame") -> int:
    """One durable transaction with its event; gives how many rows."""
    at = datetime.now(UTC)
    with transaction.atomic(using=MATCH, durable=True):
        with connections[MATCH].cursor() as cursor:
            numbers = new_child_ids(cursor=cursor, count=len(chunk))
            rows = list(_rows(chunk.rows(named=True), numbers, at))
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
    return len(rows)


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
