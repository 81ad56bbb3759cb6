"""Opening an archived record: in its first year by a data manager, later by two custodians (RET-2).

A record that was shielded opens only for custodians, whatever its age: two people, never one (SHI-2).
Nothing lists the archive: whoever asks must know a number, or the whole name with the date of birth.
"""

import base64
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings

from contactpoint.access.models import Account
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.archive.door import Noted, through_door
from contactpoint.casework.archive.records import (
    FIRST_YEAR_GROUNDS,
    GROUNDS,
    ArchivedRecord,
    ArchiveRequest,
    Whom,
)
from contactpoint.casework.door import NotOfYours, call_door, say_actor
from contactpoint.casework.hidden_record import compose_hidden
from contactpoint.casework.policies import UnusableCase, check_ground, check_text
from contactpoint.casework.records import Sender
from contactpoint.casework.sealing import seal_text, unseal_text
from contactpoint.codes.child_number import decode, encode
from contactpoint.codes.numbers import parse_nhs_number, parse_upn
from contactpoint.directory.ended import as_ended
from contactpoint.directory.keeping.archive import unseal
from contactpoint.directory.keeping.child_keys import get_child_key
from contactpoint.directory.keeping.marking import Marker, read_marker
from contactpoint.directory.keeping.policies import Leaving
from contactpoint.directory.models import Child, Supplier
from contactpoint.matching.standardise import standardise

MOST = 100
WHOLE = len("2026-01-31")
LOOKING_BACK = timedelta(days=31)
NOTHING = (
    "There is nothing under these details that you may open. Check them; "
    "a ContactPoint number, an NHS number or a UPN finds most surely."
)


class NotInReach(NotOfYours):
    """Nothing in the archive under these details, several records, or one that this person may not open."""


def open_in_first_year(*, by: Viewer, whom: Whom, ground: str, case: str, at: datetime) -> ArchivedRecord:
    """For a data manager: what their authority archived within the year, on a ground.

    Raises NotForThisRole, NotInReach, UnusableCase, KeyDestroyed, MasterKeyLost; each is logged.
    """

    def read() -> tuple[ArchivedRecord, Noted]:
        check_ground(ground=ground, known=FIRST_YEAR_GROUNDS)
        check_text(text=case, named="the reference of your case")
        said = _call("casework_open_young_archive", say_actor(by), at, _marks(whom))
        return _opened(said, by, at), ([said["child"]], {})

    return through_door(
        by=by, at=at, action=Action.READ_ARCHIVE, kind=EventKind.ARCHIVE_OPENED, do=read, purpose=ground,
        typed={"case": case},
    )  # fmt: skip


def ask_for_opening(*, by: Viewer, whom: Whom, ground: str, text: str, at: datetime) -> int:
    """For a custodian: ask another one to agree. `text` says why, sealed; gives the request's number.

    Raises NotForThisRole, NotInReach, UnusableCase; each is logged.
    """

    def write() -> tuple[int, Noted]:
        check_ground(ground=ground, known=GROUNDS)
        sealed = seal_text(text=check_text(text=text, named="why the record is needed"), at=at)
        request, child = _call_row(
            "casework_ask_for_archive", say_actor(by), at, _marks(whom), ground, sealed
        )
        return request, ([child], {"request": request})

    return through_door(
        by=by, at=at, action=Action.READ_ARCHIVE, kind=EventKind.ARCHIVE_ASKED, do=write, purpose=ground
    )


def list_archive_requests(*, by: Viewer, at: datetime) -> tuple[ArchiveRequest, ...]:
    """What waits, then what was decided within a month. Raises NotForThisRole, NotAnOfficer."""

    def read() -> tuple[tuple[ArchiveRequest, ...], Noted]:
        said = _call("casework_list_archive_requests", say_actor(by), at, at - LOOKING_BACK, MOST)
        return tuple(_request(each) for each in said), ([], {"requests": len(said)})

    return through_door(
        by=by, at=at, action=Action.READ_ARCHIVE, kind=EventKind.ARCHIVE_REQUESTS_LISTED, do=read
    )


def decide_opening(*, by: Viewer, request: int, agreed: bool, at: datetime) -> None:
    """The second custodian's word. Never on one's own request.

    Raises NotForThisRole, NotAnOfficer, DecidedAlready, NotInReach.
    """

    def write() -> tuple[None, Noted]:
        until = at + settings.ARCHIVE_OPEN_FOR if agreed else None
        (child,) = _call_row("casework_decide_archive_request", by.account_id, at, request, until)
        return None, ([child], {"request": request, "agreed": int(agreed)})

    through_door(by=by, at=at, action=Action.READ_ARCHIVE, kind=EventKind.ARCHIVE_DECIDED, do=write)


def open_agreed(*, by: Viewer, request: int, at: datetime) -> ArchivedRecord:
    """The record, for whoever asked, while the agreement lasts; each look is logged.

    Raises NotForThisRole, NotInReach, KeyDestroyed, MasterKeyLost.
    """

    def read() -> tuple[ArchivedRecord, Noted]:
        said = _call("casework_open_agreed_archive", say_actor(by), at, request)
        return _opened(said, by, at), ([said["child"]], {"request": request, "ground": said["ground"]})

    return through_door(by=by, at=at, action=Action.READ_ARCHIVE, kind=EventKind.ARCHIVE_OPENED, do=read)


def _marks(whom: Whom) -> list[bytes]:
    """By which the record was marked when it was archived. Raises UnusableCase."""
    marker = read_marker()
    if whom.number:
        return _number_marks(marker, whom.number)
    if not (whom.given_name and whom.family_name and len(whom.birth_date) == WHOLE):
        raise UnusableCase("Enter a number, or given name, family name and full date of birth.")
    said = standardise(
        key="", given_names=whom.given_name, family_name=whom.family_name, birth_date=whom.birth_date
    )
    return [marker.mark_person(given=said.given, family=said.family, birth_date=said.birth_date)]


def _number_marks(marker: Marker, number: str) -> list[bytes]:
    found = {"child": decode(number), "nhs": parse_nhs_number(number), "upn": parse_upn(number)}
    marks = [marker.mark_number(kind=kind, value=str(value)) for kind, value in found.items() if value]
    if not marks:
        raise UnusableCase("This is no ContactPoint number, NHS number or UPN: check it.")
    return marks


def _call_row(function: str, *given: Any) -> tuple[Any, ...]:
    try:
        return call_door(function, *given)
    except NotOfYours:
        raise NotInReach(NOTHING) from None


def _call(function: str, *given: Any) -> Any:
    (said,) = _call_row(function, *given)
    return json.loads(said) if isinstance(said, str) else said


def _opened(said: Mapping[str, Any], by: Viewer, at: datetime) -> ArchivedRecord:
    held = unseal(key=get_child_key(child=said["child"]), sealed=base64.b64decode(said["sealed"]))
    archived_on = date.fromisoformat(said["archived_on"])
    record = compose_hidden(
        child=_child(held["child"]), said=_parts(held["tables"]), by=by, at=at, on=archived_on
    )
    return ArchivedRecord(
        record=record,
        leaving=Leaving(said["leaving"]),
        archived_on=archived_on,
        destroy_on=date.fromisoformat(said["destroy_on"]),
        was_shielded=said["shielded"],
    )


def _child(said: Mapping[str, Any]) -> Child:
    """As it was, and in no table: what was hidden of it is shown to whom this door let in."""
    shown = ("id", "given_names", "family_name", "birth_date", "gender")
    return Child(**{name: said[name] for name in shown}, authority=said["authority"] or None)


def _parts(tables: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """What the record is composed of, on both sides, without anything of a sensitive service (SEN-4)."""
    suppliers = Supplier.objects.in_bulk()
    sensitive = {row["row_id"] for row in tables.get("hidden.sensitive_involvement", ())}
    rows = [
        row
        for row in _both(tables, "directory_suppliedrow", "hidden.supplied_row")
        if row["id"] not in sensitive and not suppliers[row["supplier_id"]].sensitive
    ]
    entries = _both(tables, "directory_involvement", "hidden.involvement")
    names = dict(
        Account.objects.filter(pk__in=[each["account_id"] for each in entries]).values_list("pk", "name")
    )
    return {
        "rows": [
            {
                "content": _as_said(row),
                "supplier": row["supplier_id"],
                "supplier_name": suppliers[row["supplier_id"]].name,
                "precedence": suppliers[row["supplier_id"]].precedence,
                "reference": row["reference"],
                "supplied_at": row["supplied_at"],
                "confirmed_at": row["supplied_at"],
            }
            for row in rows
        ],
        "entries": [{**each, "practitioner": names.get(each["account_id"], "")} for each in entries],
        "assessments": _both(tables, "directory_assessment", "hidden.assessment"),
    }


def _as_said(row: Mapping[str, Any]) -> Mapping[str, Any]:
    content: Mapping[str, Any] = row["content"]
    return as_ended(content, date.fromisoformat(row["ended_on"])) if row["ended_on"] else content


def _both(tables: Mapping[str, list[dict[str, Any]]], *names: str) -> list[dict[str, Any]]:
    return [row for name in names for row in tables.get(name, ())]


def _request(said: Mapping[str, Any]) -> ArchiveRequest:
    requested_at = datetime.fromisoformat(said["requested_at"])
    return ArchiveRequest(
        id=said["id"],
        child=encode(said["child"]),
        who=Sender(**said["who"]),
        ground=said["ground"],
        text=unseal_text(sealed=base64.b64decode(said["sealed"]), at=requested_at),
        requested_at=requested_at,
        is_own=said["is_own"],
        decided_at=_moment(said["decided_at"]),
        decided_by=said["decided_by"],
        open_until=_moment(said["open_until"]),
    )


def _moment(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
