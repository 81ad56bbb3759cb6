"""What one message costs: one row, matched, published and logged, at once searchable.

Four kinds after one another: a child whom nobody knew, a child who is known, the same reference with another
address, and the same once more. Through the door by which a practitioner's entry goes (SEA-7).
What was published is taken back afterwards, so that the directory can be measured again.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import polars as pl
from django.conf import settings
from django.db import connections, transaction

from contactpoint.audit.records import Actor
from contactpoint.directory.publish import remove_rows
from contactpoint.directory.values import Address, SuppliedValues, from_json, to_json
from contactpoint.intake.entries import PRACTITIONERS, make_row, take_row
from contactpoint.jobs.bench.cpu import cpu_seconds, find_database
from contactpoint.jobs.bench.figures import summarise_latency
from contactpoint.jobs.bench.owner import connect_as_owner
from contactpoint.jobs.bench.place import Place
from contactpoint.jobs.bench.report_feeds import MESSAGES
from contactpoint.progress import Progress, no_progress
from contactpoint.synthetic.england import make_england

MATCH = "match"
WARM = 20  # messages before any is timed: connections, code and caches as in a running worker
WORKER = Actor(account_id=None, organisation_id=None, door="worker")
Message = tuple[int, dict[str, Any], str]  # its number, what it says, and the sender's authority


def measure_messages(
    *, place: Place, children: int, seed: int, count: int, progress: Progress
) -> dict[str, Any]:
    """So many messages of each kind, one at a time."""
    first = _first_number()
    known = _known(place, count=count, seed=seed, first=first + count + WARM)
    sent: dict[str, Sequence[Message]] = {
        "new": _unknown(place, count=count + WARM, seed=seed + 1, first=first),
        "known": known,
        "changed": [(number, _moved(content), authority) for number, content, authority in known],
        "unchanged": [(number, _moved(content), authority) for number, content, authority in known],
    }
    _send("warming up", sent["new"][:WARM], progress)
    sent["new"] = sent["new"][WARM:]
    kinds = {kind: _send(MESSAGES[kind], some, progress) for kind, some in sent.items()}
    became = _what_became(first)
    with connect_as_owner() as owner:
        (shields,) = owner.execute("SELECT count(*) FROM hidden.shield").fetchone() or (0,)
    _take_back(first)
    return {
        "headline": {
            "children": children,
            "shields": shields,
            **{f"{kind}_{at}": found[at] for kind, found in kinds.items() for at in ("p50_ms", "p95_ms")},
        },
        "kinds": kinds,
        "became": became,
        "messages_of_each_kind": count,
    }


def _send(words: str, messages: Sequence[Message], progress: Progress) -> dict[str, Any]:
    database = find_database(settings.DATABASE.cluster)
    seconds = []
    before, own = cpu_seconds(pid=database), time.process_time()
    for number, (key, content, authority) in enumerate(messages):
        progress(f"Messages: {words}", number, len(messages))
        row = make_row(number=key, content=content, authority=authority)
        at = datetime.now(UTC)
        began = time.perf_counter()
        take_row(number=key, row=row, by=WORKER, at=at)
        seconds.append(time.perf_counter() - began)
    used = cpu_seconds(pid=database) - before
    return {
        **asdict(summarise_latency(seconds=seconds)),
        "program_cpu_ms": round((time.process_time() - own) / len(messages) * 1000, 1),
        "database_cpu_ms": round(used / len(messages) * 1000, 1),
    }


def _known(place: Place, *, count: int, seed: int, first: int) -> list[Message]:
    """Children of the directory, as another sender would write them, with no slip."""
    truth = pl.read_parquet(place.folder / "england" / "truth" / "children.parquet")
    return _messages(truth.filter(pl.col("restricted") == ""), count, seed, first)


def _unknown(place: Place, *, count: int, seed: int, first: int) -> list[Message]:
    """Children of another made-up England, whose numbers are theirs alone."""
    folder = place.folder / f"another-{count}-{seed}"
    if not (folder / "truth" / "children.parquet").exists():
        today = datetime.now(UTC).date()
        make_england(children=count * 2, seed=seed, out=folder, on=today, progress=no_progress)
    truth = pl.read_parquet(folder / "truth" / "children.parquet")
    return _messages(truth.with_columns(nhs=pl.lit("")), count, seed, first)


def _messages(truth: pl.DataFrame, count: int, seed: int, first: int) -> list[Message]:
    drawn = truth.sample(min(count, truth.height), seed=seed).iter_rows(named=True)
    return [(first + place, to_json(_say(row)), row["authority"]) for place, row in enumerate(drawn)]


def _say(row: Mapping[str, Any]) -> SuppliedValues:
    return SuppliedValues(
        given_names=row["given_name"],
        family_name=row["family_name"] or "",
        birth_date=row["birth_date"].isoformat(),
        gender=row["gender"] or "",
        nhs=row["nhs"] or "",
        addresses=(Address(lines=(row["address"],), town=row["town"], postcode=row["postcode"]),),
    )


def _moved(content: dict[str, Any]) -> dict[str, Any]:
    said = from_json(json.loads(json.dumps(content)))
    return to_json(replace(said, addresses=(replace(said.addresses[0], lines=("17 Other Street",)),)))


def _first_number() -> int:
    """Above every reference of an earlier run."""
    with connections[MATCH].cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM intake_load")
        return int(cursor.fetchone()[0]) * 10 + 1


def _what_became(first: int) -> dict[str, int]:
    """How many of them stand on an open record, on a hidden side, or wait for a person."""
    with connections[MATCH].cursor() as cursor:
        counts = {}
        for words, table in (
            ("published", "directory_suppliedrow"),
            ("hidden", "hidden.supplied_row"),
            ("waiting", "hidden.waiting_row"),
        ):
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {_MINE}", _mine(first))
            counts[words] = int(cursor.fetchone()[0])
        return counts


_MINE = "supplier_id = %s AND reference LIKE 'entry-%%' AND substr(reference, 7)::bigint >= %s"


def _mine(first: int) -> list[Any]:
    return [PRACTITIONERS.supplier, first]


def _take_back(first: int) -> None:
    with transaction.atomic(using=MATCH, durable=True), connections[MATCH].cursor() as cursor:
        cursor.execute(
            f"SELECT reference FROM directory_suppliedrow WHERE {_MINE}"
            f" UNION SELECT reference FROM hidden.supplied_row WHERE {_MINE}",
            [*_mine(first), *_mine(first)],
        )
        keys = [(PRACTITIONERS.supplier, reference) for (reference,) in cursor.fetchall()]
        remove_rows(cursor=cursor, keys=keys, load_id=1, at=datetime.now(UTC))
        cursor.execute(f"DELETE FROM hidden.waiting_row WHERE {_MINE}", _mine(first))
