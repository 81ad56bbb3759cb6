"""Makes children for tests by publishing rows, the one way by which values enter the directory."""

import json
from datetime import datetime, timedelta
from itertools import count

from django.db import connections, transaction

from contactpoint.audit.records import Actor
from contactpoint.codes.child_number import ChildNumber, encode
from contactpoint.directory.models import Supplier
from contactpoint.directory.opening_up import open_authorities
from contactpoint.directory.publish import PublishedRow, SensitivePart, new_child_ids, publish_rows
from contactpoint.directory.values import Address, Carer, Place, SuppliedValues, to_json

US = Actor(account_id=None, organisation_id=None, door="command")
DATABASES = ["default", "match", "owner"]
_references = count(1)

AMINA = SuppliedValues(
    given_names="Amina Rose",
    family_name="Khan",
    birth_date="2016-05-24",
    gender="F",
    nhs="9434765919",
    upn="H801200001001",
    addresses=(Address(lines=("12 Canal Street",), town="Birmingham", postcode="B1 1AA"),),
    carers=(Carer(name="Sara Khan", relationship="mother", responsibility=True, telephone="0121 496 0999"),),
    school=Place(code="SCHOOL1", started_on="2021-09-01"),
)


def make_supplier(
    code: str = "school_census",
    *,
    name: str = "School census",
    sector: str = "education",
    sensitive: bool = False,
    precedence: int = 50,
) -> Supplier:
    supplier, _ = Supplier.objects.update_or_create(
        code=code,
        defaults={
            "name": name,
            "sector": sector,
            "sensitive": sensitive,
            "precedence": precedence,
            "legal_basis": "Children Act 2004, section 12",
        },
    )
    return supplier


def make_child(
    values: SuppliedValues = AMINA,
    *,
    at: datetime,
    supplier: str = "school_census",
    child: ChildNumber | None = None,
    child_id: int | None = None,
    restricted: bool = False,
    sensitive: SensitivePart | None = None,
    supplied_at: datetime | None = None,
    is_open: bool = True,
    authority: str = "330",
    reference: str = "",
) -> ChildNumber:
    """Publish one row, for a new child or for `child_id`; its authority is open unless told otherwise."""
    if is_open:
        open_authorities(codes=[authority], on=at.date() - timedelta(days=30), by=US, at=at)
    if not Supplier.objects.filter(code=supplier).exists():
        make_supplier(supplier, name=supplier.replace("_", " ").capitalize(), sensitive=sensitive is not None)
    with transaction.atomic(using="match", durable=True), connections["match"].cursor() as cursor:
        target = child_id if child_id is not None else new_child_ids(cursor=cursor, count=1)[0]
        row = make_row(
            values,
            at=supplied_at or at,
            supplier=supplier,
            child_id=target,
            is_new=child_id is None,
            reference=reference,
            restricted=restricted,
            sensitive=sensitive,
            authority=authority,
        )
        publish_rows(cursor=cursor, rows=[row], at=at)
    return encode(target)


def make_row(
    values: SuppliedValues,
    *,
    at: datetime,
    child_id: int,
    supplier: str = "school_census",
    is_new: bool = True,
    reference: str = "",
    restricted: bool = False,
    sensitive: SensitivePart | None = None,
    authority: str = "330",
) -> PublishedRow:
    """A row as intake hands it to the directory."""
    return PublishedRow(
        supplier=supplier,
        reference=reference or f"R{next(_references)}",
        content=json.dumps(to_json(values)),
        digest=bytes(16),
        load_id=1,
        supplied_at=at,
        child_id=child_id,
        is_new=is_new,
        authority=authority,
        restricted=restricted,
        sensitive=sensitive,
    )
