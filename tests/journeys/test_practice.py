"""ACC-11: practice has a folder and a database of its own, and no path to or from real data."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from contactpoint.access.models import Account
from contactpoint.access.queries import get_viewer
from contactpoint.audit.models import Event
from contactpoint.intake.actions import load_file
from contactpoint.intake.made_up import RealFeed
from contactpoint.intake.models import Load
from contactpoint.intake.profiles import get_profile
from contactpoint.intake.waiting_files import receive_file
from contactpoint.jobs.demo import RealData, insist_no_real_data
from tests.children import US
from tests.factories import make_founders

DATABASES = ["default", "match", "owner"]


@pytest.mark.django_db(transaction=True, databases=DATABASES)
def test_a_practice_service_refuses_a_suppliers_file(now: datetime, settings: Any, tmp_path: Path) -> None:
    settings.PRACTICE, settings.DATA_DIR = True, tmp_path / "data"
    census = tmp_path / "census.csv"
    census.write_text("anything\n")
    profile = get_profile(name="school_census")
    with pytest.raises(RealFeed):
        load_file(path=census, profile=profile, by=US, at=now)
    with pytest.raises(RealFeed):
        receive_file(path=census, file_name="census.csv", profile=profile, by=US, at=now)
    assert not Load.objects.exists()
    refusals = Event.objects.filter(kind="feed-refused", refused=True)
    assert refusals.count() == 2


@pytest.mark.django_db(transaction=True, databases=DATABASES)
def test_no_demo_beside_real_accounts(now: datetime, settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"
    insist_no_real_data()
    first, _ = make_founders(at=now)
    assert get_viewer(account_id=first.account_id, at=now)
    before = Account.objects.count()
    with pytest.raises(RealData):
        insist_no_real_data()
    assert Account.objects.count() == before


def _ask(folder: Path, what: str, **more: str) -> str:
    said = subprocess.run(
        [sys.executable, "-c", f"from contactpoint import settings; print({what})"],
        env={**os.environ, "CONTACTPOINT_DATA": str(folder), **more},
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.strip()


def test_the_mark_of_a_folder_stands_above_the_environment(tmp_path: Path) -> None:
    elsewhere = {"DATABASE_URL": "postgresql://real.example/contactpoint", "CONTACTPOINT_DEMO": "0"}
    what = "settings.DATABASE.embedded, settings.DEMO"
    assert _ask(tmp_path, what, **elsewhere) == "False False"
    (tmp_path / "practice.mark").touch()
    assert _ask(tmp_path, what, **elsewhere) == "True True"


def test_a_folder_without_the_mark_is_never_reset(tmp_path: Path) -> None:
    real = tmp_path / "practice" / "keys"
    real.mkdir(parents=True)
    said = subprocess.run(
        [sys.executable, "-c", "from contactpoint.jobs.cli import main; main()", "practice", "reset"],
        env={**os.environ, "CONTACTPOINT_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode != 0
    assert "not marked for practice" in said.stderr
    assert real.exists()
