"""What the custodian of sealed identities may see, and nobody else (SHI-7).

One link at a time, by a number that they have and on a ground; no list of links exists.
The event names the record that was asked about, never the other.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from procrastinate.contrib.django import app

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.door import NotOfYours, call_door
from contactpoint.casework.identity.giving import TASK
from contactpoint.casework.identity.records import LINK_GROUNDS, OpenedLink, RowVerdict, SealedRow
from contactpoint.casework.policies import check_ground, check_text
from contactpoint.codes.child_number import ChildNumber, decode, encode
from contactpoint.directory.keeping.links import mark_child, open_link
from contactpoint.directory.keeping.sealing import likeness_key, unseal_likeness
from contactpoint.directory.models import Supplier
from contactpoint.directory.values import from_json
from contactpoint.errors import ContactPointError, NotAllowed
from contactpoint.matching.rows import FIELDS

MOST = 100
T = TypeVar("T")
Told = tuple[list[int], dict[str, str | int]]


class NotTheCustodian(NotAllowed):
    """The person does not keep sealed identities."""


def open_identity(*, by: Viewer, child: ChildNumber, ground: str, case: str, at: datetime) -> OpenedLink:
    """The other record of a child with a new identity. Raises NotTheCustodian, NotOfYours, UnusableCase."""

    def read() -> tuple[OpenedLink, Told]:
        check_ground(ground=ground, known=LINK_GROUNDS)
        check_text(text=case, named="the reference of your case")
        asked = decode(child) or 0
        by_sealed, sealed = call_door("casework_find_link", by.account_id, at, mark_child(asked))
        link = open_link(by_sealed=bytes(by_sealed), sealed=bytes(sealed))
        other = link.fresh if link.sealed == asked else link.sealed
        return OpenedLink(encode(asked), encode(other), link.sealed == asked), ([asked], {})

    return _look(by, at, EventKind.IDENTITY_LINK_OPENED, read, purpose=ground, typed={"case": case})


def list_sealed_rows(*, by: Viewer, at: datetime) -> tuple[SealedRow, ...]:
    """Rows that wait for the custodian, the longest waiting first. Raises NotTheCustodian."""

    def read() -> tuple[tuple[SealedRow, ...], Told]:
        said = _loaded(call_door("casework_list_sealed_rows", by.account_id, at, MOST)[0])
        rows = tuple(SealedRow(each["id"], datetime.fromisoformat(each["supplied_at"])) for each in said)
        return rows, ([], {"rows": len(rows)})

    return _look(by, at, EventKind.SEALED_ROWS_LISTED, read)


def read_sealed_row(*, by: Viewer, row: int, at: datetime) -> SealedRow:
    """One of them, with the names of the former identity beside it. Raises NotTheCustodian, NotOfYours."""

    def read() -> tuple[SealedRow, Told]:
        said = _loaded(call_door("casework_read_sealed_row", by.account_id, at, row)[0])
        key = likeness_key()
        held = json.loads(key.decrypt(said["sealed"].encode()))
        likeness = unseal_likeness(sealed=said["likeness"].encode(), key=key)
        supplier = Supplier.objects.filter(pk=held["supplier"]).values_list("name", flat=True).first()
        found = SealedRow(
            id=row,
            supplied_at=datetime.fromisoformat(said["supplied_at"]),
            supplier=supplier or "",
            values=from_json(json.loads(held["content"])),
            former_names=_say_names(likeness),
        )
        return found, ([], {"row": row})

    return _look(by, at, EventKind.SEALED_ROWS_LISTED, read)


def decide_sealed_row(*, by: Viewer, row: int, verdict: RowVerdict, at: datetime) -> None:
    """Say whose it is; the worker carries it out. Raises NotTheCustodian, DecidedAlready."""

    def write() -> tuple[None, Told]:
        call_door("casework_decide_sealed_row", by.account_id, at, row, verdict.value)
        app.configure_task(TASK).defer()
        return None, ([], {"row": row, "verdict": verdict.value})

    _look(by, at, EventKind.SEALED_ROW_DECIDED, write)


def _say_names(likeness: list[tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    said = [dict(zip(FIELDS, row, strict=True)) for row in likeness]
    names = {(f"{row['given']} {row['middle']} {row['family']}", row["birth_date"]) for row in said}
    return tuple(sorted((" ".join(name.split()), born) for name, born in names))


def _look(
    by: Viewer,
    at: datetime,
    kind: EventKind,
    do: Callable[[], tuple[T, Told]],
    *,
    purpose: str = "",
    typed: dict[str, str] | None = None,
) -> T:
    """Logged before anything is given; a refusal is raised after the transaction has closed."""
    refusal: ContactPointError | None = None
    with transaction.atomic(durable=True):
        try:
            with transaction.atomic():
                if not by.may(Action.KEEP_SEALED):
                    raise NotTheCustodian("Only who keeps sealed identities may do this.")
                found, (children, facts) = do()
                record_event(
                    kind=kind,
                    actor=by.actor,
                    at=at,
                    purpose=purpose,
                    children=children,
                    typed=typed,
                    facts=facts,
                )
        except ContactPointError as error:
            refusal = error
            why: dict[str, str | int] = {"because": type(error).__name__}
            record_event(kind=kind, actor=by.actor, at=at, typed=typed, facts=why, refused=True)
    if refusal is not None:
        raise refusal
    return found


def _loaded(said: Any) -> Any:
    return json.loads(said) if isinstance(said, str) else said


__all__ = ["NotOfYours", "decide_sealed_row", "list_sealed_rows", "open_identity", "read_sealed_row"]
