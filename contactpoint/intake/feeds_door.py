"""The data managers' door to feeds: who may see them, and who may upload, decide on and withdraw them.

Everybody who reads data quality sees every feed: nothing here is about a child.
Only the supplier's own authority changes anything; of a national supplier the national team.
A refusal is logged, then raised.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from contactpoint.access.actions.insist import insist_on
from contactpoint.access.policies import ENGLAND
from contactpoint.access.records import Decision, Viewer
from contactpoint.access.roles import Action, Role
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.intake import holding
from contactpoint.intake.feeds import Feed, find_feed, find_feeds
from contactpoint.intake.holding import NotHeld
from contactpoint.intake.models import Load
from contactpoint.intake.profiles import FeedKind
from contactpoint.intake.queueing import defer_withdrawal
from contactpoint.intake.receipts import get_receipts
from contactpoint.intake.register import (
    DAYS,
    Registered,
    get_registered,
    get_supplier_profile,
    list_register,
    set_supplier,
)
from contactpoint.intake.rehearsals import Rehearsed, ask_for_rehearsal, find_rehearsal
from contactpoint.intake.states import GONE, LoadState
from contactpoint.intake.waiting_files import receive_file
from contactpoint.intake.withdrawing import NotWithdrawable

__all__ = [
    "DAYS",
    "FeedKind",
    "NotHeld",
    "Registered",
    "change_supplier",
    "may_manage",
    "read_receipts",
    "rehearse_upload",
    "reject_feed",
    "release_feed",
    "see_feed",
    "see_feeds",
    "see_rehearsal",
    "see_supplier",
    "upload_file",
    "withdraw_feed",
]


@dataclass(frozen=True, slots=True)
class FeedsPage:
    """All feeds and suppliers, and which suppliers this person may manage."""

    feeds: tuple[Feed, ...]
    suppliers: tuple[Registered, ...]
    own: frozenset[str]


def may_manage(*, viewer: Viewer, supplier: Registered) -> Decision:
    """Pure: own authority's suppliers; national ones by the national team (ACC-8)."""
    if not viewer.may(Action.MANAGE_FEEDS):
        return Decision(False, ("Your role does not let you manage feeds.",), ("ACC-8",))
    if supplier.authority:
        own = Role.DATA_MANAGER in viewer.roles and viewer.authority == supplier.authority
        words = "This supplier belongs to another authority."
    else:
        own = Role.NATIONAL_DATA_QUALITY in viewer.roles
        words = "This is a national supplier: the national data-quality team manages its feeds."
    return Decision(True) if own else Decision(False, (words,), ("ACC-8",))


def see_feeds(*, viewer: Viewer, at: datetime) -> FeedsPage:
    """Raises ActionRefused."""
    _insist_reading(viewer, at)
    suppliers = list_register(on=_today(at))
    own = {each.code for each in suppliers if may_manage(viewer=viewer, supplier=each).allowed}
    return FeedsPage(find_feeds(), suppliers, frozenset(own))


def see_feed(*, viewer: Viewer, load_id: int, at: datetime) -> tuple[Feed, bool]:
    """One feed, and whether this person may decide on it. Raises ActionRefused, NoSuchLoad."""
    _insist_reading(viewer, at)
    feed = find_feed(load_id=load_id)
    supplier = get_registered(supplier=feed.supplier, on=_today(at))
    return feed, may_manage(viewer=viewer, supplier=supplier).allowed


def see_supplier(*, viewer: Viewer, supplier: str, at: datetime) -> tuple[Registered, bool]:
    """What the register says, and whether this person may change it. Raises ActionRefused, NoSuchSupplier."""
    _insist_reading(viewer, at)
    found = get_registered(supplier=supplier, on=_today(at))
    return found, may_manage(viewer=viewer, supplier=found).allowed


def read_receipts(*, viewer: Viewer, load_id: int, at: datetime) -> Path:
    """The receipts as a file, for the supplier. Raises ActionRefused, NoSuchLoad, NoReceipts."""
    feed = _insist_managing(viewer, load_id, at)
    path = get_receipts(load_id=feed.id)
    with transaction.atomic(durable=True):
        facts: dict[str, str | int] = {"load": feed.id}
        record_event(kind=EventKind.RECEIPTS_READ, actor=viewer.actor, at=at, facts=facts)
    return path


def upload_file(
    *,
    viewer: Viewer,
    supplier: str,
    path: Path,
    file_name: str,
    kind: FeedKind | None,
    extracted_on: date | None,
    at: datetime,
) -> int:
    """Receive a supplier's file for the worker. Raises ActionRefused, NoSuchSupplier, FileWaits."""
    _insist_on_supplier(viewer, supplier, at)
    return receive_file(
        path=path,
        file_name=file_name,
        profile=get_supplier_profile(supplier=supplier),
        kind=kind,
        extracted_on=extracted_on,
        by=viewer.actor,
        at=at,
    )


def rehearse_upload(
    *,
    viewer: Viewer,
    supplier: str,
    path: Path,
    file_name: str,
    kind: FeedKind | None,
    extracted_on: date | None,
    at: datetime,
) -> int:
    """Have the worker say what a load would; gives the number. Raises ActionRefused, NoSuchSupplier."""
    _insist_on_supplier(viewer, supplier, at)
    return ask_for_rehearsal(
        supplier=supplier,
        path=path,
        file_name=file_name,
        kind=kind,
        extracted_on=extracted_on,
        account=viewer.account_id,
        at=at,
    )


def see_rehearsal(*, viewer: Viewer, rehearsal_id: int, at: datetime) -> Rehearsed:
    """Raises ActionRefused, NoSuchRehearsal."""
    _insist_reading(viewer, at)
    rehearsed = find_rehearsal(rehearsal_id=rehearsal_id)
    _insist_on_supplier(viewer, rehearsed.supplier, at)
    return rehearsed


def release_feed(*, viewer: Viewer, load_id: int, reason: str, at: datetime) -> None:
    """Raises ActionRefused and what `holding.release_feed` raises."""
    _insist_managing(viewer, load_id, at)
    holding.release_feed(load_id=load_id, reason=reason, by=viewer.actor, at=at)


def reject_feed(*, viewer: Viewer, load_id: int, reason: str, at: datetime) -> None:
    """Raises ActionRefused and what `holding.reject_feed` raises."""
    _insist_managing(viewer, load_id, at)
    holding.reject_feed(load_id=load_id, reason=reason, by=viewer.actor, at=at)


def withdraw_feed(*, viewer: Viewer, load_id: int, at: datetime) -> None:
    """Have the worker undo what a load did. Raises ActionRefused, NoSuchLoad, NotWithdrawable."""
    feed = _insist_managing(viewer, load_id, at)
    if feed.state not in {LoadState.PUBLISHED, LoadState.LEFT, *GONE}:
        raise NotWithdrawable("Only a feed that has ended can be withdrawn. Nothing was changed.")
    with transaction.atomic(durable=True):
        load = Load.objects.select_for_update().get(pk=load_id)
        if load.state not in GONE:
            load.state = LoadState.WITHDRAWING.value
            load.save()
            facts: dict[str, str | int] = {"load": load_id, "step": "asked"}
            record_event(kind=EventKind.FEED_WITHDRAWN, actor=viewer.actor, at=at, facts=facts)
        if load.state == LoadState.WITHDRAWING:
            defer_withdrawal(load_id)


def change_supplier(*, viewer: Viewer, supplier: str, changes: Mapping[str, Any], at: datetime) -> None:
    """Change the register. Raises ActionRefused, NoSuchSupplier, UnusableEntryInRegister."""
    _insist_on_supplier(viewer, supplier, at)
    set_supplier(supplier=supplier, changes=dict(changes), by=viewer.actor, at=at)


def _insist_reading(viewer: Viewer, at: datetime) -> None:
    if not viewer.may(Action.READ_DATA_QUALITY):
        refused = Decision(False, ("Your role does not let you see feeds.",), ("ACC-8",))
        insist_on(refused, by=viewer, action=Action.READ_DATA_QUALITY, at=at)


def _insist_managing(viewer: Viewer, load_id: int, at: datetime) -> Feed:
    _insist_reading(viewer, at)
    feed = find_feed(load_id=load_id)
    _insist_on_supplier(viewer, feed.supplier, at)
    return feed


def _insist_on_supplier(viewer: Viewer, supplier: str, at: datetime) -> None:
    _insist_reading(viewer, at)
    registered = get_registered(supplier=supplier, on=_today(at))
    decision = may_manage(viewer=viewer, supplier=registered)
    insist_on(decision, by=viewer, action=Action.MANAGE_FEEDS, at=at)


def _today(at: datetime) -> date:
    return at.astimezone(ENGLAND).date()
