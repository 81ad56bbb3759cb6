"""What the open tables say of one child, in plain prepared SQL: the reads of every record that is opened.

The ORM takes longer to write these statements than the database to run them (docs/adr/0184).
Judges nothing: who may see which part is decided by `opening` and `composition`.
"""

import json
from collections.abc import Iterable
from datetime import date, datetime

from contactpoint.directory.composition import OwnAssessment, OwnEntry, Said
from contactpoint.directory.ended import as_ended
from contactpoint.directory.models import Child
from contactpoint.directory.records import Contact
from contactpoint.directory.values import from_json
from contactpoint.prepared import ask_all_prepared, ask_prepared

_FIELDS = [field.attname for field in Child._meta.concrete_fields]
_LIVE = f"""
SELECT {", ".join(_FIELDS)} FROM directory_child
WHERE id = %s AND live_until > %s AND searchable_from <= %s
"""
_SAID = """
SELECT r.content, r.ended_on, s.code, s.name, s.precedence, r.reference, r.supplied_at, s.last_snapshot_at
FROM directory_suppliedrow r JOIN directory_supplier s ON s.code = r.supplier_id
WHERE r.child_id = %s
"""
_CONTACT = "o.name, o.kind, o.telephone, o.secure_email, o.address"
_CONTACTS = f"SELECT o.code, {_CONTACT} FROM access_organisation o WHERE o.code = ANY(%s)"
_ENTRY = {  # by member of the value
    "id": "i.id", "account_id": "i.account_id", "practitioner": "a.name", "service": "i.service",
    "role": "i.role", "team_telephone": "i.team_telephone", "team_email": "i.team_email",
    "started_on": "i.started_on", "ended_on": "i.ended_on", "lead_from": "i.lead_from",
    "recorded_at": "i.recorded_at", "confirmed_at": "i.confirmed_at",
}  # fmt: skip
_ENTRIES = f"""
SELECT o.id, {_CONTACT}, {", ".join(_ENTRY.values())}
FROM directory_involvement i
JOIN access_organisation o ON o.id = i.organisation_id
JOIN access_account a ON a.id = i.account_id
WHERE i.child_id = %s
"""
_ASSESSMENT = ("id", "account_id", "kind", "opened_on", "closed_on", "recorded_at")
_ASSESSMENTS = f"""
SELECT {_CONTACT}, {", ".join(f"i.{name}" for name in _ASSESSMENT)}
FROM directory_assessment i JOIN access_organisation o ON o.id = i.organisation_id
WHERE i.child_id = %s
"""


def read_live(*, number: int, on: date) -> Child | None:
    """The open row of a child who is live and whose authority has opened, by that day (RET-5, SHI-10)."""
    row = ask_prepared(_LIVE, (number, on, on))
    return Child.from_db("default", _FIELDS, row) if row else None


def read_said(*, child: int) -> list[Said]:
    """What suppliers say, each with when it was last confirmed (INV-3)."""
    return [
        Said(
            values=from_json(as_ended(json.loads(content), ended_on) if ended_on else json.loads(content)),
            supplier=supplier,
            supplier_name=name,
            precedence=precedence,
            reference=reference,
            supplied_at=supplied_at,
            confirmed_at=_confirmed_at(supplied_at, None if ended_on else snapshot_at),
        )
        for content, ended_on, supplier, name, precedence, reference, supplied_at, snapshot_at
        in ask_all_prepared(_SAID, (child,))
    ]  # fmt: skip


def _confirmed_at(supplied_at: datetime, snapshot_at: datetime | None) -> datetime:
    return max(snapshot_at, supplied_at) if snapshot_at else supplied_at


def read_entries(*, child: int) -> list[tuple[int, OwnEntry]]:
    """Practitioners' own entries, each after the organisation that it was recorded for."""
    return [
        (home, OwnEntry(organisation=Contact(*said[:5]), **dict(zip(_ENTRY, said[5:], strict=True))))
        for home, *said in ask_all_prepared(_ENTRIES, (child,))
    ]


def read_assessments(*, child: int) -> list[OwnAssessment]:
    """Practitioners' own entries that an assessment exists."""
    return [
        OwnAssessment(organisation=Contact(*said[:5]), **dict(zip(_ASSESSMENT, said[5:], strict=True)))
        for said in ask_all_prepared(_ASSESSMENTS, (child,))
    ]


def read_contacts(*, codes: Iterable[str]) -> dict[str, Contact]:
    """Organisations by code, as others reach them: the office, never personal numbers (INV-2)."""
    return {code: Contact(*said) for code, *said in ask_all_prepared(_CONTACTS, (list(codes),))}
