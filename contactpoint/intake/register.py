"""The supplier register: who must send, when, on what legal basis, and who answers for it (SUP-2, SUP-10).

Late or on time is computed from the dates whenever it is asked.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from contactpoint.access.policies import ENGLAND
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.records import Actor
from contactpoint.codes.authorities import AUTHORITIES
from contactpoint.directory.models import Supplier
from contactpoint.errors import Invalid, NotFound
from contactpoint.intake.models import Load, Timetable
from contactpoint.intake.profiles import Profile, get_profile, read_profile
from contactpoint.intake.states import LoadState

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
OWN = "practitioners"  # entries, not feeds


class NoSuchSupplier(NotFound):
    """No supplier has this code."""


class UnusableEntryInRegister(Invalid):
    """The register cannot hold this."""


@dataclass(frozen=True, slots=True)
class Registered:
    """One supplier as the register has it on a day. `due_on` is when the next file is expected."""

    code: str
    name: str
    sector: str
    must: bool
    sensitive: bool
    legal_basis: str
    authority: str
    every_days: int | None
    weekday: int | None
    contact_name: str
    contact_email: str
    contact_telephone: str
    last_on: date | None
    due_on: date | None
    late_days: int

    @property
    def timetable(self) -> str:
        if self.weekday:
            return f"every {DAYS[self.weekday - 1]}"
        if self.every_days:
            return "every day" if self.every_days == 1 else f"every {self.every_days} days"
        return "no timetable"

    @property
    def standing(self) -> str:
        """In words."""
        if self.due_on is None:
            return "No timetable"
        if self.late_days:
            return f"Late by {self.late_days} day{'' if self.late_days == 1 else 's'}"
        return "On time"


def find_due(
    *, since: date, last_on: date | None, every_days: int | None, weekday: int | None
) -> date | None:
    """When the next file is expected; None without a timetable. Pure."""
    if weekday:
        after = last_on + timedelta(days=1) if last_on else since
        return after + timedelta(days=(weekday - after.isoweekday()) % 7)
    if every_days:
        return last_on + timedelta(days=every_days) if last_on else since
    return None


def find_suppliers() -> list[str]:
    """The codes of all registered suppliers of feeds."""
    return list(Supplier.objects.exclude(code=OWN).order_by("code").values_list("code", flat=True))


def list_register(*, on: date) -> tuple[Registered, ...]:
    """Every supplier of feeds, with must-suppliers first and the latest before the others."""
    timetables = {each.supplier_id: each for each in Timetable.objects.all()}
    registered = [
        _registered(supplier, timetables.get(supplier.pk), on)
        for supplier in Supplier.objects.exclude(code=OWN)
    ]
    return tuple(sorted(registered, key=lambda each: (-each.late_days, not each.must, each.name)))


def get_registered(*, supplier: str, on: date) -> Registered:
    """Raises NoSuchSupplier."""
    found = Supplier.objects.exclude(code=OWN).filter(pk=supplier).first()
    if found is None:
        raise NoSuchSupplier("There is no supplier of this code. It is made by its first file, or by `set`.")
    return _registered(found, Timetable.objects.filter(pk=supplier).first(), on)


def _registered(supplier: Supplier, timetable: Timetable | None, on: date) -> Registered:
    loads = Load.objects.filter(supplier=supplier, state=LoadState.PUBLISHED.value)
    last = loads.order_by("-started_at").values_list("started_at", flat=True).first()
    last_on = last.astimezone(ENGLAND).date() if last else None
    times = timetable or Timetable(since=on)
    due_on = find_due(since=times.since, last_on=last_on, every_days=times.every_days, weekday=times.weekday)
    overdue = (on - due_on).days if due_on else 0
    return Registered(
        code=supplier.code,
        name=supplier.name,
        sector=supplier.sector,
        must=supplier.must,
        sensitive=supplier.sensitive,
        legal_basis=supplier.legal_basis,
        authority=times.authority,
        every_days=times.every_days,
        weekday=times.weekday,
        contact_name=times.contact_name,
        contact_email=times.contact_email,
        contact_telephone=times.contact_telephone,
        last_on=last_on,
        due_on=due_on,
        late_days=overdue if overdue > times.grace_days else 0,
    )


SUPPLIER_FIELDS = {"must", "legal_basis"}
TIMETABLE_FIELDS = {
    "authority",
    "every_days",
    "weekday",
    "grace_days",
    "contact_name",
    "contact_email",
    "contact_telephone",
}


def set_supplier(*, supplier: str, changes: dict[str, Any], by: Actor, at: datetime) -> None:
    """Change what the register says. Raises NoSuchSupplier, UnusableEntryInRegister."""
    _check(changes)
    with transaction.atomic(durable=True):
        found = Supplier.objects.select_for_update().exclude(code=OWN).filter(pk=supplier).first()
        if found is None:
            raise NoSuchSupplier("There is no supplier of this code. Give its profile as well.")
        timetable, _ = Timetable.objects.get_or_create(
            supplier=found, defaults={"since": at.astimezone(ENGLAND).date()}
        )
        if {"every_days", "weekday"} & changes.keys():
            changes = {"every_days": None, "weekday": None} | changes
        for name, value in changes.items():
            setattr(found if name in SUPPLIER_FIELDS else timetable, name, value)
        found.save()
        timetable.save()
        facts: dict[str, str | int] = {"supplier": supplier, "fields": " ".join(sorted(changes))}
        record_event(kind=EventKind.SUPPLIER_CHANGED, actor=by, at=at, facts=facts)


def _check(changes: dict[str, Any]) -> None:
    if unknown := changes.keys() - SUPPLIER_FIELDS - TIMETABLE_FIELDS:
        raise UnusableEntryInRegister(f"The register has no {', '.join(sorted(unknown))}.")
    if changes.get("every_days") and changes.get("weekday"):
        raise UnusableEntryInRegister("Give a number of days or a day of the week, not both.")
    if changes.get("every_days") is not None and not 1 <= changes["every_days"] <= 400:
        raise UnusableEntryInRegister("The number of days is from 1 to 400.")
    if changes.get("authority") and changes["authority"] not in AUTHORITIES:
        raise UnusableEntryInRegister("The authority is a DfE code of three figures, such as 330.")
    if "legal_basis" in changes and not changes["legal_basis"].strip():
        raise UnusableEntryInRegister("Every supplier has a legal basis (SUP-10).")


def keep_profile(*, path: Path) -> Profile:
    """Register a profile that does not come with the program, so that the worker finds it too."""
    content = path.read_bytes()
    profile = read_profile(content=content, source=path.name)
    kept = _profile_path(profile.supplier)
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    part.write_bytes(content)
    part.replace(kept)
    return profile


def get_supplier_profile(*, supplier: str) -> Profile:
    """The registered profile, else the one that comes with the program. Raises NoSuchProfile."""
    kept = _profile_path(supplier)
    return get_profile(name=str(kept) if kept.exists() else supplier)


def _profile_path(supplier: str) -> Path:
    return Path(settings.DATA_DIR) / "profiles" / f"{Path(supplier).name}.toml"
