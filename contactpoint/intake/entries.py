"""Children whom practitioners could not find and entered themselves (SEA-7).

An entry is received in the server's transaction, and goes through matching in the worker, like any row.
Its author learns that it was received, and nothing that came of it.
"""

import hashlib
import json
from datetime import datetime

import polars as pl
from django.db import transaction

from contactpoint.audit.records import Actor
from contactpoint.directory.models import Supplier
from contactpoint.directory.values import from_json
from contactpoint.intake.changes import find_changes
from contactpoint.intake.content import DIGEST_SIZE, MATCHED
from contactpoint.intake.fields import AUTHORITY, MARKER, REFERENCE
from contactpoint.intake.frames import ROW
from contactpoint.intake.known import USING
from contactpoint.intake.linking import link_rows
from contactpoint.intake.loads import enter_supplier
from contactpoint.intake.locks import directory_to_ourselves
from contactpoint.intake.models import Entry, Load
from contactpoint.intake.profiles import FeedKind, Profile
from contactpoint.intake.publishing import Batch, publish_decided
from contactpoint.intake.readers.table import Form
from contactpoint.intake.scratch import private_folder
from contactpoint.intake.states import LoadState
from contactpoint.matching.model import Model
from contactpoint.matching.standardise import standardise_frame
from contactpoint.progress import no_progress

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
    kind=FeedKind.DELTA,
    may_supply=(),
    form=Form(),
    mapped=(),
    constants=(),
    not_agreed=(),
    digest="",
)


def process_entry(*, entry_id: int, by: Actor, at: datetime) -> None:
    """Match and publish one entry, as one row of a feed. Doing it again changes nothing."""
    entry = Entry.objects.using(USING).select_related("account", "organisation").filter(pk=entry_id).first()
    if entry is None or entry.content is None:
        return
    model = Model.load()
    row = _row(entry)
    with private_folder() as folder, directory_to_ourselves(progress=no_progress):
        load = _begin(entry, row, at)
        changes = find_changes(supplier=PRACTITIONERS.supplier, rows=row.select(ROW, REFERENCE, "digest"))
        if changes.unchanged.is_empty():
            verdicts = link_rows(
                new=standardise_frame(row.select("key", *MATCHED)),
                supplier=PRACTITIONERS.supplier,
                one_row_per_child=False,
                model=model,
                folder=folder,
                progress=no_progress,
                small=True,
            )
            publish_decided(
                batch=Batch(load.pk, PRACTITIONERS, model.version, by, at),
                rows=row,
                verdicts=verdicts,
                replaced=changes.replaced,
                progress=no_progress,
            )
        with transaction.atomic(durable=True, using=USING):
            Entry.objects.using(USING).filter(pk=entry_id).update(content=None, taken_at=at)


def _begin(entry: Entry, row: pl.DataFrame, at: datetime) -> Load:
    """An entry is a load of one row, so that it can be withdrawn as every load can (SUP-5)."""
    if not Supplier.objects.using(USING).filter(pk=PRACTITIONERS.supplier).exists():
        enter_supplier(profile=PRACTITIONERS)
    load, _ = Load.objects.using(USING).get_or_create(
        supplier_id=PRACTITIONERS.supplier,
        file_name=f"entry {entry.pk}",
        defaults={
            "digest": hashlib.sha256(row["digest"][0]).digest(),
            "profile_digest": "",
            "kind": FeedKind.DELTA.value,
            "state": LoadState.PUBLISHED.value,
            "started_at": at,
            "rows_received": 1,
        },
    )
    return load


def _row(entry: Entry) -> pl.DataFrame:
    content = dict(entry.content or {})
    values = from_json(content)
    address = values.addresses[0] if values.addresses else None
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return pl.DataFrame(
        {
            ROW: [entry.pk],
            "key": [str(entry.pk)],
            REFERENCE: [f"entry-{entry.pk}"],
            "content": [text],
            "sensitive": [""],
            MARKER: [""],
            AUTHORITY: [entry.account.granted_by_authority or entry.organisation.authority or ""],
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
