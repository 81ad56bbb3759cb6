"""Prepares the demo: a made-up England, loaded by the path that real files take.

Each step looks whether it was done already, so that a stopped run goes on and a second start is quick.
"""

import os
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import click
from django.conf import settings

from contactpoint.access.models import Account, Organisation
from contactpoint.access.practice import AUTHORITY, PEOPLE
from contactpoint.audit.records import Actor
from contactpoint.codes.authorities import AUTHORITIES
from contactpoint.directory.opening_up import find_opened, open_authorities
from contactpoint.errors import Conflict
from contactpoint.intake.actions import load_file
from contactpoint.intake.loads import is_published
from contactpoint.intake.models import Load
from contactpoint.intake.profiles import get_profile
from contactpoint.intake.reference import load_reference
from contactpoint.intake.register import get_registered, set_supplier
from contactpoint.jobs.demo_accounts import demo_accounts
from contactpoint.jobs.demo_archive import demo_archive
from contactpoint.jobs.demo_brokering import demo_brokering
from contactpoint.jobs.demo_cases import demo_cases
from contactpoint.jobs.demo_profiles import demo_profiles
from contactpoint.progress import Progress
from contactpoint.synthetic.england import make_england

US = Actor(account_id=None, organisation_id=None, door="command")
# In the order in which a real build-up would bring them: national registers first.
SUPPLIERS = (
    "births",
    "child_benefit",
    "nhs_demographics",
    "school_census",
    "social_care",
    "youth_justice",
    "local_services",
    "camhs",
)
LOCAL = {"social_care": 1, "youth_justice": 2, "local_services": 5}  # with the day on which each sends
LATE = "857"  # Rutland has not opened, so that the national page shows one such (SHI-10)
# Two offices' lists of the same fictional children, loaded as well where they lie beside the project.
LISTS = settings.PROJECT.parent / "shared" / "data" / "ess"


class RealData(Conflict):
    """Made-up children and accounts whose passwords all may read do not go beside real ones."""


def insist_no_real_data() -> None:
    """Go on only where nothing but a demo was ever here. Raises RealData."""
    is_ours = Organisation.objects.filter(code="PRACTICE-NATIONAL").exists()
    has_people = Account.objects.exists() and not is_ours
    has_loads = Load.objects.exists() and not (settings.DATA_DIR / "demo").exists()
    if has_people or has_loads:
        raise RealData(
            "This database holds accounts or loads that no demo made. Nothing was changed. "
            "Choose another data folder (CONTACTPOINT_DATA), without DATABASE_URL."
        )


def prepare_demo(*, children: int, seed: int, progress: Progress) -> None:
    """Generate, open, load, make accounts; whatever is there already stays."""
    insist_no_real_data()
    folder = settings.DATA_DIR / "demo" / f"{children}-{seed}"
    now = datetime.now(UTC)
    if not (folder / "truth" / "rows.parquet").exists():
        make_england(children=children, seed=seed, out=folder, on=now.date(), progress=progress)
    today = now.date()
    closed = {each.code for each in AUTHORITIES.values() if each.is_current(today)} - find_opened(on=today)
    closed -= {LATE}
    if closed:
        open_authorities(codes=sorted(closed), on=today, by=US, at=now)
    files = [(name, folder / f"{name}.csv") for name in SUPPLIERS]
    if not settings.PRACTICE:
        files += [(f"ess-list-{which}", LISTS / f"list_{which}.csv") for which in "ab"]
    waiting = [(name, path) for name, path in files if _has_rows(path) and not _is_loaded(name, path)]
    if waiting and waiting[0][0] == SUPPLIERS[0]:
        load_reference(folder=folder, by=US, at=now, progress=progress)
    for name, path in waiting:
        progress(f"Loading {name}", 0, None)
        load_file(path=path, profile=get_profile(name=name), by=US, at=datetime.now(UTC), progress=progress)
    demo_accounts(at=datetime.now(UTC))
    _register(at=datetime.now(UTC))
    demo_cases(at=datetime.now(UTC))
    demo_brokering(at=datetime.now(UTC))
    demo_archive(at=datetime.now(UTC))
    demo_profiles(at=datetime.now(UTC))


def _register(*, at: datetime) -> None:
    """The practice authority's data manager looks after its local suppliers (SUP-2)."""
    for supplier, weekday in LOCAL.items():
        if not get_registered(supplier=supplier, on=at.date()).authority:
            changes = {"authority": AUTHORITY, "weekday": weekday, "contact_name": "Records office"}
            set_supplier(supplier=supplier, changes=changes, by=US, at=at)


def _has_rows(path: Path) -> bool:
    """A small England may have nobody for a supplier; a file without rows would be refused."""
    if not path.exists():
        return False
    with path.open("rb") as file:
        return len([*islice(file, 2)]) == 2


def _is_loaded(name: str, path: Path) -> bool:
    return is_published(profile=get_profile(name=name), path=path)


def print_welcome(*, port: int) -> None:
    """Where to go and who to be."""
    click.echo(f"\nContactPoint, with made-up children, is on http://localhost:{port}\n")
    click.echo("Sign in as one of these; the page shows the current code of the second factor.\n")
    width = max(len(person.email) for person in PEOPLE)
    for person in PEOPLE:
        click.echo(f"  {person.email:<{width}}  {person.password}  {person.job_title}")
    click.echo(f"\nCtrl-C stops it. Process {os.getpid()}.")
