"""Files that the worker loads: uploaded, put into a supplier's folder, or released from the gate.

Receiving keeps the file and makes the load; its number is all that the worker is told (SHI-9).
"""

import os
import re
import time
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.errors import Conflict, ContactPointError
from contactpoint.intake.actions import load_file
from contactpoint.intake.keeping_files import drop_file, get_kept, keep_file, kept_path, opened_file
from contactpoint.intake.loads import digest_of, enter_supplier
from contactpoint.intake.locks import LoadUnderWay
from contactpoint.intake.made_up import insist_made_up
from contactpoint.intake.models import UNFINISHED, Load
from contactpoint.intake.profiles import FeedKind, Profile
from contactpoint.intake.queueing import defer_load
from contactpoint.intake.register import find_suppliers, get_supplier_profile
from contactpoint.intake.states import LoadState

SETTLED = 5  # seconds that a file must not have changed before it is picked up
_DAY = re.compile(r"(20[0-9]{2})-?([01][0-9])-?([0-3][0-9])")


class FileWaits(Conflict):
    """Another file of the same supplier is being loaded; nothing was kept."""


def receive_file(
    *,
    path: Path,
    file_name: str,
    profile: Profile,
    kind: FeedKind | None = None,
    extracted_on: date | None = None,
    by: Actor,
    at: datetime,
) -> int:
    """Keep a file for the worker, and give the load's number. Raises FileWaits, RealFeed."""
    insist_made_up(path=path, supplier=profile.supplier, by=by, at=at)
    with transaction.atomic(durable=True):
        if Load.objects.filter(UNFINISHED, supplier_id=profile.supplier).exists():
            raise FileWaits(
                "Another file of this supplier is being loaded. This one was not kept; "
                "send it again when that has ended."
            )
        enter_supplier(profile=profile, using="default")
        load = Load.objects.create(
            supplier_id=profile.supplier,
            file_name=file_name[:200],
            digest=digest_of(path),
            profile_digest=profile.digest,
            kind=(kind or profile.kind).value,
            state=LoadState.RECEIVED.value,
            started_at=at,
            extracted_on=extracted_on,
            uploaded_by_id=by.account_id,
        )
        keep_file(path=path, load_id=load.pk)
        facts: dict[str, str | int] = {"load": load.pk, "supplier": profile.supplier}
        record_event(kind=EventKind.FEED_UPLOADED, actor=by, at=at, facts=facts)
        defer_load(load.pk)
    return load.pk


def process_kept(*, load_id: int, by: Actor, at: datetime) -> None:
    """Load a kept file. What is wrong with it is on the load; doing it again changes nothing."""
    load = Load.objects.filter(UNFINISHED, pk=load_id).first()
    if load is None:
        return
    if not kept_path(load_id).exists():
        Load.objects.filter(pk=load_id).update(
            state=LoadState.LEFT.value, refused_why="The file was not there any more: send it again."
        )
        return
    try:
        with opened_file(get_kept(load_id=load_id)) as path:
            load_file(
                path=path,
                profile=get_supplier_profile(supplier=load.supplier_id),
                kind=FeedKind(load.kind),
                by=by,
                at=at,
            )
    except Conflict:
        raise  # the worker tries again
    except ContactPointError:
        drop_file(load_id=load_id)  # refused as a whole, and said so on the load


def pick_up_files(*, by: Actor, at: datetime) -> list[int]:
    """Receive the oldest settled file of each supplier's folder; go on with loads that lost their worker."""
    for load_id in Load.objects.filter(UNFINISHED).values_list("pk", flat=True):
        if kept_path(load_id).exists():
            defer_load(load_id)
    received = []
    for supplier in find_suppliers():
        profile = get_supplier_profile(supplier=supplier) if inbox_of(supplier).exists() else None
        for path in _settled(inbox_of(supplier)) if profile else []:
            try:
                received.append(_pick_up(path, profile, by, at)) if profile else None
            except (FileWaits, LoadUnderWay):
                break
    return received


def inbox_of(supplier: str) -> Path:
    """The folder into which this supplier's files are put."""
    return Path(settings.DATA_DIR) / "inbox" / supplier


def find_day(file_name: str) -> date | None:
    """The day in a file's name, such as pupils-2026-10-05.csv."""
    for found in _DAY.finditer(file_name):
        try:
            return date(*map(int, found.groups()))
        except ValueError:
            continue
    return None


def _pick_up(path: Path, profile: Profile, by: Actor, at: datetime) -> int:
    load_id = receive_file(
        path=path,
        file_name=path.name,
        profile=profile,
        extracted_on=find_day(path.name),
        by=by,
        at=at,
    )
    path.unlink()
    return load_id


def _settled(folder: Path) -> list[Path]:
    """Whole files, oldest first: hidden names and `.part` are still being written."""
    now = time.time()
    files = [
        (entry.stat().st_mtime, Path(entry.path))
        for entry in os.scandir(folder)
        if entry.is_file(follow_symlinks=False) and not entry.name.startswith(".")
    ]
    whole = [(changed, path) for changed, path in files if path.suffix not in {".part", ".tmp"}]
    return [path for changed, path in sorted(whole) if now - changed >= SETTLED]
