"""Children whom practitioners could not find and entered themselves (SEA-7).

An entry is received in the server's transaction, and goes through matching in the worker, like any row.
Its author learns that it was received, and nothing that came of it.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from django.db import connections, transaction

from contactpoint.audit.records import Actor
from contactpoint.directory.match_rows import blocking_hashes
from contactpoint.directory.search.keys import hash_key
from contactpoint.directory.values import from_json
from contactpoint.intake.changes import Changes, find_changes
from contactpoint.intake.content import DIGEST_SIZE, MATCHED
from contactpoint.intake.deciding import Verdict
from contactpoint.intake.fields import AUTHORITY, MARKER, REFERENCE
from contactpoint.intake.frames import ROW
from contactpoint.intake.known import USING
from contactpoint.intake.linking import link_rows
from contactpoint.intake.loads import enter_supplier
from contactpoint.intake.locks import one_message
from contactpoint.intake.models import Entry, Load
from contactpoint.intake.portions import KEYS
from contactpoint.intake.profiles import FeedKind, Profile
from contactpoint.intake.publishing import Batch, publish_decided
from contactpoint.intake.readers.table import Form
from contactpoint.intake.reused import find_reused
from contactpoint.intake.scratch import private_folder
from contactpoint.intake.sealed import keep_apart, set_apart
from contactpoint.intake.states import LoadState
from contactpoint.matching.candidates import wider_keys
from contactpoint.matching.model import Model
from contactpoint.matching.standardise import frame_to_rows, standardise_frame

PRACTITIONERS = Profile(
    supplier="practitioners",
    name="Entered by a practitioner",
    sector="national",
    must=False,
    sensitive=False,
    legal_basis="Children Act 2004, section 12",
    precedence=90,
    authority="",
    one_row_per_child=False,
    registers_deaths=False,
    kind=FeedKind.DELTA,
    may_supply=(),
    form=Form(),
    mapped=(),
    constants=(),
    not_agreed=(),
    digest="",
)

_SAME = """
SELECT (
    SELECT min(id) FROM intake_load
    WHERE supplier_id = %(supplier_id)s AND digest = %(digest)s AND file_name = %(file_name)s
), EXISTS (SELECT 1 FROM directory_supplier WHERE code = %(supplier_id)s)
"""


def process_entry(*, entry_id: int, by: Actor, at: datetime) -> None:
    """Match and publish one entry, as one row of a feed. Doing it again changes nothing."""
    entry = Entry.objects.using(USING).select_related("account", "organisation").filter(pk=entry_id).first()
    if entry is None or entry.content is None:
        return
    authority = entry.account.granted_by_authority or entry.organisation.authority or ""
    row = make_row(number=entry.pk, content=dict(entry.content), authority=authority)
    take_row(number=entry.pk, row=row, by=by, at=at)
    with flushed_by_the_next():
        Entry.objects.using(USING).filter(pk=entry_id).update(content=None, taken_at=at)


def forget_entries(*, at: datetime) -> int:
    """Take away what was typed in entries that their authors no longer see; gives how many (RET-4)."""
    old = Entry.objects.using(USING).filter(taken_at__isnull=False, received_at__lte=at - Entry.SHOWN_FOR)
    with transaction.atomic(durable=True, using=USING):
        return old.exclude(given_names="", family_name="").update(
            given_names="", family_name="", birth_date=""
        )


def take_row(
    *, number: int, row: pl.DataFrame, by: Actor, at: datetime, apart_from: int | None = None
) -> None:
    """Match and publish one row that a person entered; doing it again changes nothing.

    `apart_from`: the sealed identity that the row is known not to be (SHI-7).
    """
    model = Model.load()
    standard = standardise_frame(row[["key", *MATCHED]])
    with private_folder() as folder, one_message(keys=_keys_of(row, standard)):
        load = _begin(number, row, at)
        changes = find_changes(supplier=PRACTITIONERS.supplier, parts=[row[[ROW, REFERENCE, "digest"]]])
        apart = set_apart(
            supplier=PRACTITIONERS.supplier,
            parts=[row],
            changes=changes,
            model=model,
            folder=folder,
            but=apart_from,
        )
        keep_apart(apart=apart, profile=PRACTITIONERS, rows=row, load_id=load, at=at)
        if changes.unchanged.is_empty() and not apart.rows:
            verdicts = _decide(row, standard, changes, model, folder)
            publish_decided(
                batch=Batch(load, PRACTITIONERS, model.version, by, at),
                row=row.with_columns(pl.Series(KEYS, [_blocking(standard)], dtype=pl.List(pl.Int64))),
                verdicts=verdicts,
                replaced={} if verdicts else changes.replaced,
            )


def _keys_of(row: pl.DataFrame, standard: pl.DataFrame) -> set[int]:
    """All by which another message could meet this one: blocking keys, those near a shield, the reference."""
    (said,) = frame_to_rows(standard)
    reference = f"reference:{PRACTITIONERS.supplier}|{row[REFERENCE][0]}"
    return {*blocking_hashes(said), *map(hash_key, (*wider_keys(said), reference))}


def _blocking(standard: pl.DataFrame) -> list[int]:
    (said,) = frame_to_rows(standard)
    return list(blocking_hashes(said))


def _decide(
    row: pl.DataFrame, standard: pl.DataFrame, changes: Changes, model: Model, folder: Path
) -> dict[str, Verdict]:
    """A changed row stays with its child, unless it may be another child's now."""
    supplier = PRACTITIONERS.supplier
    if changes.replaced:
        return find_reused(
            supplier=supplier,
            rows=row[[ROW, REFERENCE, *MATCHED]],
            replaced=changes.replaced,
            model=model,
        )
    return link_rows(
        new=standard,
        supplier=supplier,
        one_row_per_child=False,
        model=model,
        folder=folder,
        small=True,
    )


def _begin(number: int, row: pl.DataFrame, at: datetime) -> int:
    """An entry is a load of one row, so that it can be withdrawn as every load can (SUP-5). Gives its number.

    Nobody else makes the same one: whoever takes the row has its reference locked.
    """
    same: dict[str, Any] = {
        "supplier_id": PRACTITIONERS.supplier,
        "digest": hashlib.sha256(row["digest"][0]).digest(),
        "file_name": f"entry {number}",
    }
    with flushed_by_the_next(), connections[USING].cursor() as cursor:
        cursor.execute(_SAME, same)
        (found, is_entered) = cursor.fetchone()
        if found:
            return int(found)
        if not is_entered:
            enter_supplier(profile=PRACTITIONERS)
        load = Load.objects.using(USING).create(
            **same,
            profile_digest="",
            kind=FeedKind.DELTA.value,
            state=LoadState.PUBLISHED.value,
            started_at=at,
            rows_received=1,
        )
    return int(load.pk)


@contextmanager
def flushed_by_the_next() -> Iterator[None]:
    """A transaction that reaches the disk with the next one, not by itself: a power cut may undo it, in which
    case nothing that came after it is there either, and the row is taken again from the beginning.
    """
    with transaction.atomic(durable=True, using=USING):
        with connections[USING].cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        yield


def make_row(*, number: int, content: dict[str, Any], authority: str, marker: str = "") -> pl.DataFrame:
    """One row as `publish_decided` and matching want it."""
    values = from_json(content)
    address = values.addresses[0] if values.addresses else None
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return pl.DataFrame(
        {
            ROW: [number],
            "key": [str(number)],
            REFERENCE: [f"entry-{number}"],
            "content": [text],
            "sensitive": [""],
            MARKER: [marker],
            AUTHORITY: [authority],
            "digest": [hashlib.blake2b(text.encode(), digest_size=DIGEST_SIZE).digest()],
            "given_names": [values.given_names],
            "family_name": [values.family_name],
            "former_family_name": [values.former_names[0].family_name if values.former_names else ""],
            "birth_date": [values.birth_date],
            "gender": [values.gender],
            "postcode": [address.postcode if address else ""],
            "address": [address.lines[0] if address and address.lines else ""],
            "nhs": [values.nhs],
            "upn": [values.upn],
        }
    )
