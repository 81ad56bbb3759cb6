"""The register of what was disclosed outside the service (FAM-4): entries are added, and never changed.

What an entry says is sealed under the child's own key, so that it goes when the record is destroyed (RET-4);
that something was disclosed, on what ground and when, stays.
"""

import base64
import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from contactpoint.access.policies import ENGLAND
from contactpoint.access.queries.log import neutralise
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.kinds import EventKind
from contactpoint.casework.archive.door import Noted, through_door
from contactpoint.casework.archive.records import DISCLOSURE_GROUNDS, Disclosure, Told
from contactpoint.casework.door import NotOfYours, call_door, say_actor
from contactpoint.casework.policies import UnusableCase, check_ground, check_text
from contactpoint.casework.records import Sender
from contactpoint.codes.authorities import get_authority
from contactpoint.codes.child_number import ChildNumber, decode, encode
from contactpoint.directory.keeping.child_keys import KeyDestroyed, ensure_keys, get_child_key
from contactpoint.directory.redirects import follow_number

MOST = 200
MOST_IN_FILE = 10_000
LONGEST = 500
_NAMED = {
    "to": "to whom it was disclosed",
    "scope": "what it was about",
    "released": "what was released",
    "decided_by": "who decided",
}


def record_disclosure(
    *, by: Viewer, child: ChildNumber, ground: str, disclosed_on: date, told: Told, at: datetime
) -> int:
    """Enter a disclosure about a child of one's own authority, live or archived; gives its number.

    Raises NotForThisRole, NotOfYours, UnusableCase; each is logged.
    """

    def write() -> tuple[int, Noted]:
        check_ground(ground=ground, known=DISCLOSURE_GROUNDS)
        if disclosed_on > at.astimezone(ENGLAND).date():
            raise UnusableCase("The day of the disclosure must not lie in the future.")
        said = {
            name: check_text(text=getattr(told, name), named=_NAMED[name], most=LONGEST) for name in _NAMED
        }
        asked = decode(child)
        if asked is None:
            raise NotOfYours("There is no such record in your authority.")
        number = follow_number(number=asked)
        key = ensure_keys(children=[number])[number]
        sealed = key.encrypt(json.dumps(said).encode())
        (entry,) = call_door(
            "casework_record_disclosure", say_actor(by), at, number, ground, disclosed_on, sealed
        )
        return entry, ([number], {"disclosure": entry})

    return through_door(
        by=by, at=at, action=Action.RECORD_DISCLOSURE, kind=EventKind.DISCLOSURE_RECORDED, do=write,
        purpose=ground,
    )  # fmt: skip


def read_disclosures(*, by: Viewer, at: datetime, most: int = MOST) -> tuple[Disclosure, ...]:
    """The newest first: of one's own authority, or all for the national auditor. Raises NotForThisRole."""

    def read() -> tuple[tuple[Disclosure, ...], Noted]:
        return _read(by, at, most), ([], {})

    return through_door(
        by=by, at=at, action=Action.READ_DISCLOSURES, kind=EventKind.DISCLOSURES_READ, do=read
    )


def export_disclosures(*, by: Viewer, reason: str, at: datetime) -> str:
    """All of that as CSV, for a reason, which is sealed in the log. Raises NotForThisRole, UnusableCase."""

    def read() -> tuple[str, Noted]:
        check_text(text=reason, named="why you need this export", most=LONGEST)
        found = _read(by, at, MOST_IN_FILE)
        return _write_csv(found), ([], {"entries": len(found)})

    return through_door(
        by=by, at=at, action=Action.READ_DISCLOSURES, kind=EventKind.DISCLOSURES_EXPORTED, do=read,
        typed={"reason": reason},
    )  # fmt: skip


def _read(by: Viewer, at: datetime, most: int) -> tuple[Disclosure, ...]:
    (said,) = call_door("casework_read_disclosures", say_actor(by), at, most)
    return tuple(_disclosure(each) for each in (json.loads(said) if isinstance(said, str) else said))


def _disclosure(said: Mapping[str, Any]) -> Disclosure:
    return Disclosure(
        id=said["id"],
        child=encode(said["child"]),
        authority=get_authority(said["authority"]).name,
        ground=said["ground"],
        disclosed_on=date.fromisoformat(said["disclosed_on"]),
        recorded_at=datetime.fromisoformat(said["recorded_at"]),
        who=Sender(**said["who"]),
        told=_unseal(said["child"], base64.b64decode(said["sealed"])),
    )


def _unseal(child: int, sealed: bytes) -> Told | None:
    try:
        return Told(**json.loads(get_child_key(child=child).decrypt(sealed)))
    except KeyDestroyed:
        return None


def _write_csv(found: tuple[Disclosure, ...]) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(
        ["Entry", "ContactPoint number", "Authority", "Ground", "Disclosed on", "Recorded by", "Recorded at",
         "To", "About", "Released", "Decided by"]
    )  # fmt: skip
    for each in found:
        told = asdict(each.told) if each.told else dict.fromkeys(_NAMED, "")
        writer.writerow(
            [each.id, each.child, each.authority, DISCLOSURE_GROUNDS[each.ground], each.disclosed_on,
             each.who.name, each.recorded_at.isoformat(), *(neutralise(told[name]) for name in _NAMED)]
        )  # fmt: skip
    return file.getvalue()
