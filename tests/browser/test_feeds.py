"""Every page about feeds in a real browser: looked at, accessible, usable on a phone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connections
from playwright.sync_api import Page

from contactpoint.access.models import Account
from contactpoint.access.roles import Role, Sector
from contactpoint.intake.models import Load
from contactpoint.intake.register import set_supplier
from contactpoint.intake.rehearsals import process_rehearsal
from tests.browser.conftest import CheckAccessible, Screenshot, SignIn
from tests.factories import PASSWORD, SECRET, make_cleared_account, make_organisation
from tests.feeds import US, load_rows, write_file
from tests.journeys.test_feed_gate import pupils

DAY = timedelta(days=1)


@pytest.fixture
def dana(live_server: object, tmp_path: Path, settings: LazySettings) -> Account:
    """A data manager; a supplier with a few loads, one of them held, and one supplier that is late."""
    settings.DATA_DIR = tmp_path / "data"
    now = datetime.now(UTC)
    for day in range(4, 0, -1):
        load_rows(tmp_path, pupils(150 - day), at=now - day * DAY)
    load_rows(tmp_path, pupils(120, "B"), at=now - 20 * DAY, supplier="ess-list-b")
    load_rows(tmp_path, pupils(70), at=now)
    changes = {"authority": "330", "must": True, "every_days": 1, "contact_name": "Kim Lee"}
    set_supplier(supplier="ess-list-a", changes=changes, by=US, at=now - 30 * DAY)
    set_supplier(supplier="ess-list-b", changes={"authority": "330", "weekday": 1}, by=US, at=now - 30 * DAY)
    team = make_organisation(at=now, sector=Sector.AUTHORITY, kind="authority", authority="330")
    account = make_cleared_account(
        at=now,
        name="Dana",
        organisation=team,
        roles=[Role.DATA_MANAGER],
        password=PASSWORD,
        totp_secret=SECRET,
    )
    ask_corrections(account, now)
    run_a_load(now)
    return account


def ask_corrections(account: Account, now: datetime) -> None:
    """Some in each of four months; the supplier has changed some of the values since."""
    with connections["match"].cursor() as cursor:
        for place, (days, asked) in enumerate(((100, 6), (60, 3), (30, 9), (0, 4))):
            cursor.execute("UPDATE directory_child SET authority = '330' WHERE authority IS NOT NULL")
            cursor.execute(
                "INSERT INTO hidden.correction (child_id, supplier_id, reference, field, said, asked_by,"
                " organisation_id, asked_at) SELECT child_id, supplier_id, reference, 'gender',"
                " CASE WHEN row_number() OVER (ORDER BY reference) %% 2 = 0 THEN content -> 'gender'"
                " ELSE '\"Z\"'::jsonb END, %s, %s, %s FROM directory_suppliedrow"
                " WHERE supplier_id = 'ess-list-a' ORDER BY reference OFFSET %s LIMIT %s",
                [account.pk, account.organisation_id, now - days * DAY, place * 10, asked],
            )


def run_a_load(now: datetime) -> None:
    """As a worker would leave it in the middle of its work."""
    Load.objects.create(
        supplier_id="ess-list-b", file_name="pupils-of-today.csv", digest=b"x", profile_digest="",
        kind="snapshot", state="matched", started_at=now, rows_received=600_000, stage="Publishing rows",
        stage_done=210_000, stage_total=600_000, stage_began_at=now - timedelta(seconds=40),
        stage_noted_at=now,
    )  # fmt: skip


def look(page: Page, name: str, check: CheckAccessible, screenshot: Screenshot) -> None:
    check(page)
    screenshot(page, name)


def walk_through(
    page: Page, size: str, tmp_path: Path, check: CheckAccessible, screenshot: Screenshot
) -> None:
    page.get_by_role("link", name="Feeds").first.click()
    look(page, f"feeds-{size}", check, screenshot)
    page.get_by_role("link", name="Data quality by supplier").click()
    look(page, f"feeds-quality-{size}", check, screenshot)
    page.get_by_role("link", name="Feeds").first.click()
    page.get_by_role("region", name="Latest files").get_by_role("link").nth(1).click()
    page.get_by_text("5,250 a second, about 74 s left").wait_for()
    page.get_by_role("button", name="Look again").click()
    look(page, f"feed-under-way-{size}", check, screenshot)
    page.goto("/feeds/")
    page.get_by_role("region", name="Latest files").get_by_role("link").first.click()
    look(page, f"feed-held-{size}", check, screenshot)
    page.get_by_role("button", name="Release").click()
    page.get_by_role("button", name="Release").click()
    look(page, f"feed-release-{size}", check, screenshot)
    page.goto("/feeds/")
    page.get_by_role("region", name="Latest files").get_by_role("link").nth(2).click()
    look(page, f"feed-published-{size}", check, screenshot)
    page.get_by_role("link", name="Withdraw this feed").click()
    look(page, f"feed-withdraw-{size}", check, screenshot)
    page.goto("/feeds/suppliers/ess-list-a/")
    look(page, f"supplier-{size}", check, screenshot)
    page.get_by_role("button", name="Change the register").click()
    look(page, f"supplier-change-{size}", check, screenshot)
    page.goto("/feeds/suppliers/ess-list-a/")
    page.get_by_role("button", name="Send a file").click()
    page.get_by_label("File", exact=True).set_input_files(write_file(tmp_path / "new.csv", pupils(60)))
    page.get_by_label("Only say what a load would").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("The file is being rehearsed").wait_for()
    process_rehearsal(rehearsal_id=int(page.url.rstrip("/").rsplit("/", 1)[1]), by=US, at=datetime.now(UTC))
    page.get_by_role("button", name="Look again").click()
    page.get_by_text("What a load would say").wait_for()
    look(page, f"feed-rehearsed-{size}", check, screenshot)


def test_feeds_on_a_desk(
    page: Page,
    dana: Account,
    sign_in: SignIn,
    tmp_path: Path,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
) -> None:
    sign_in(page, dana)
    walk_through(page, "desk", tmp_path, check_accessible, screenshot)


def test_feeds_on_a_phone(
    phone_page: Page,
    dana: Account,
    sign_in: SignIn,
    tmp_path: Path,
    check_accessible: CheckAccessible,
    screenshot: Screenshot,
) -> None:
    sign_in(phone_page, dana)
    menu = phone_page.get_by_role("button", name="Menu")
    if menu.is_visible():
        menu.click()
    phone_page.goto("/feeds/")
    walk_phone(phone_page, tmp_path, check_accessible, screenshot)


def walk_phone(page: Page, tmp_path: Path, check: CheckAccessible, screenshot: Screenshot) -> None:
    for address, name in (
        ("/feeds/", "feeds"),
        ("/feeds/quality/", "feeds-quality"),
        ("/feeds/suppliers/ess-list-a/", "supplier"),
        ("/feeds/suppliers/ess-list-a/change/", "supplier-change"),
        ("/feeds/suppliers/ess-list-a/upload/", "feed-upload"),
    ):
        page.goto(address)
        look(page, f"{name}-phone", check, screenshot)
    page.goto("/feeds/")
    page.get_by_role("region", name="Latest files").get_by_role("link").first.click()
    look(page, "feed-held-phone", check, screenshot)
    page.goto("/feeds/")
    page.get_by_role("region", name="Latest files").get_by_role("link").nth(1).click()
    look(page, "feed-under-way-phone", check, screenshot)
