"""My profile: who opens the record sees how somebody is reached now, and whom to ring meanwhile (INV-2)."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from contactpoint.access.models import Profile
from contactpoint.jobs.demo_accounts import demo_accounts
from contactpoint.jobs.demo_profiles import demo_profiles
from tests.children import AMINA, DATABASES, make_child
from tests.factories import make_account, make_organisation
from tests.journeys.conftest import MakeWalker
from tests.journeys.test_pages_own_work import record_mine
from tests.journeys.walker import Walker

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
CONTACT = "/accounts/profile/contact/"
AWAY = "/accounts/profile/away/"


def absence(since: datetime, until: datetime, cover: str) -> dict[str, str]:
    given = {"cover_email": cover}
    for name, day in (("away_from", since), ("away_to", until)):
        given |= {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}
    return given


def test_others_see_the_new_number_and_whom_to_ring_until_the_last_day(
    now: datetime, walk: MakeWalker, stopped_clock: time_machine.Traveller
) -> None:
    make_child(at=now)
    home = make_organisation(at=now)
    sam, lee = walk(name="Sam Okafor", organisation=home), walk(name="Lee Marsh")
    morag = walk(name="Morag Lane", organisation=home, email="morag@bridgelane.example")
    record_mine(sam)
    assert "0121 496 0100" in lee.open()[1]
    assert sam.post(CONTACT, {"telephone": "0121 496 0777", "email": "duty@bridgelane.example"})[0] == 200
    assert morag.post(CONTACT, {"telephone": "0121 496 0888", "email": ""})[0] == 200
    status, page = sam.post(AWAY, absence(now, now + timedelta(days=2), "morag@bridgelane.example"))
    assert (status, "It ends by itself" in page) == (200, True)
    page = lee.open()[1]
    assert "0121 496 0100" not in page
    assert "duty@bridgelane.example" in page
    first, rest = page.split('id="ring-first"')[1].split("</section>", 1)
    for part in (first, rest):
        assert "Ring instead: <strong>Morag Lane</strong>" in part
        assert "0121 496 0888" in part
    assert "for Sam Okafor" in morag.get("/accounts/profile/")
    stopped_clock.move_to(now + timedelta(days=3))
    later = Walker(lee.account, at=now + timedelta(days=3))
    assert "Ring instead" not in later.open()[1]
    assert [kind for kind in sam.kinds() if kind.startswith("profile")] == ["profile-changed"] * 2


def test_i_am_back(now: datetime, walk: MakeWalker) -> None:
    make_child(at=now)
    home = make_organisation(at=now)
    sam = walk(name="Sam Okafor", organisation=home)
    walk(name="Morag Lane", organisation=home, email="morag@bridgelane.example")
    record_mine(sam)
    sam.post(AWAY, absence(now, now + timedelta(days=2), "morag@bridgelane.example"))
    assert "I am back" in sam.get("/accounts/profile/")
    assert "Ring instead" in sam.open()[1]
    assert sam.status("/accounts/profile/back/") == 405
    assert sam.post("/accounts/profile/back/")[0] == 200
    assert "Ring instead" not in sam.open()[1]


@pytest.mark.parametrize("cover", ["", "nobody@bridgelane.example", "x" * 300, "<script>@bridgelane.example"])
def test_bad_input_is_answered_in_words_and_changes_nothing(
    now: datetime, walk: MakeWalker, cover: str
) -> None:
    sam = walk(name="Sam Okafor")
    status, page = sam.post(AWAY, absence(now, now - timedelta(days=1), cover))
    assert (status, "There is a problem" in page, "<script>@" in page) == (400, True, False)
    status, page = sam.post(AWAY, {"away_from-day": "31", "away_from-month": "2", "away_from-year": "2027"})
    assert (status, "must be a real date" in page) == (400, True)
    status, page = sam.post(CONTACT, {"telephone": "+1 555", "email": "me@gmail.com"})
    assert (status, "@bridgelane.example" in page, "United Kingdom" in page) == (400, True, True)
    assert not Profile.objects.exists()


def test_who_is_not_cleared_is_refused_and_the_log_has_it(now: datetime, walk: MakeWalker) -> None:
    """ACC-3."""
    charlie = Walker(make_account(at=now, name="Charlie Stone"), at=now)
    assert charlie.status("/accounts/profile/") == 403
    assert charlie.post(CONTACT, {"telephone": "0121 496 0777"})[0] == 403
    assert charlie.kinds() == ["access-refused refused"] * 2
    assert not Profile.objects.exists()


def test_the_demo_has_somebody_who_is_away(now: datetime, settings: Any, tmp_path: Path) -> None:
    """ACC-11."""
    settings.DEMO, settings.DATA_DIR = True, tmp_path / "data"
    demo_accounts(at=now)
    demo_profiles(at=now)
    assert not Profile.objects.exists()
    for which in range(8):
        make_child(replace(AMINA, birth_date=f"2015-01-1{which}", nhs="", upn=""), at=now)
    for _ in range(2):
        demo_profiles(at=now)
    said = Profile.objects.select_related("account", "cover").get()
    assert (said.account.name, said.cover and said.cover.name) == ("Priya Shah", "Theo Quill")
