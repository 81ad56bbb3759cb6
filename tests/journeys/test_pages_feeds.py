"""A data manager looks after feeds: uploads, decides, withdraws; others are refused (SUP-2 to SUP-5)."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from contactpoint.access.roles import Role, Sector
from contactpoint.intake import publishing
from contactpoint.intake.feeds import find_feed
from contactpoint.intake.late_feeds import tell_of_late_feeds
from contactpoint.intake.models import Load
from contactpoint.intake.register import set_supplier
from contactpoint.intake.rehearsals import process_rehearsal
from contactpoint.intake.waiting_files import pick_up_files, process_kept
from contactpoint.intake.withdrawing import withdraw_load
from contactpoint.progress import say_pace
from tests.factories import make_organisation
from tests.feeds import DATABASES, US, ask, load_rows, write_file
from tests.journeys.conftest import MakeWalker
from tests.journeys.test_feed_gate import pupils
from tests.journeys.walker import Walker

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return tmp_path


@pytest.fixture
def dana(walk: MakeWalker, now: datetime) -> Walker:
    """Data manager of Birmingham."""
    team = make_organisation(at=now, sector=Sector.AUTHORITY, kind="authority", authority="330")
    return walk(name="Dana", organisation=team, roles=[Role.DATA_MANAGER])


def register(now: datetime, **changes: object) -> None:
    set_supplier(supplier="ess-list-a", changes={"authority": "330", **changes}, by=US, at=now)


def send(walker: Walker, path: Path, what: str) -> tuple[int, str]:
    file = SimpleUploadedFile("pupils.csv", path.read_bytes(), content_type="text/csv")
    answer = walker.client.post(
        "/feeds/suppliers/ess-list-a/upload/",
        {"file": file, "what": what, "kind": "", "made_on-day": "", "made_on-month": "", "made_on-year": ""},
        follow=True,
    )
    return answer.status_code, answer.content.decode()


def rehearse(now: datetime) -> int:
    """As the worker does; gives the number."""
    ((asked,),) = ask("SELECT max(id) FROM intake_rehearsal")
    process_rehearsal(rehearsal_id=asked, by=US, at=now)
    return int(asked)


def test_a_file_is_rehearsed_uploaded_loaded_held_released_and_withdrawn(
    tmp_path: Path, now: datetime, dana: Walker, settings: LazySettings
) -> None:
    load_rows(tmp_path, pupils(), at=now - DAY)
    register(now)
    path = write_file(tmp_path / "pupils.csv", pupils()[:70])
    status, page = send(dana, path, "rehearse")
    assert (status, "The file is being rehearsed" in page) == (200, True)
    asked = rehearse(now)
    page = dana.get(f"/feeds/rehearsals/{asked}/")
    assert ("It would be held" in page, "usual are about 150" in page) == (True, True)
    assert Load.objects.count() == 1
    assert not any((settings.DATA_DIR / "feeds").iterdir())
    status, page = send(dana, path, "load")
    assert (status, "Received. It is checked and loaded by itself" in page) == (200, True)
    load = Load.objects.latest("pk")
    ((args,),) = ask("SELECT args FROM procrastinate_jobs WHERE task_name LIKE '%%load_kept'")
    assert args == f'{{"load_id": {load.pk}}}'
    assert not any((settings.DATA_DIR / "uploads").iterdir())
    process_kept(load_id=load.pk, by=US, at=now)
    page = dana.get(f"/feeds/{load.pk}/")
    assert "Why it is held" in page
    assert "1 feed is held until somebody decides" in dana.get("/feeds/")
    assert "Release this feed?" in dana.get(f"/feeds/{load.pk}/release/")
    assert dana.post(f"/feeds/{load.pk}/release/", {"reason": ""})[0] == 400
    status, page = dana.post(f"/feeds/{load.pk}/release/", {"reason": "Half of the schools left."})
    assert (status, "Released. It is loaded within a minute." in page) == (200, True)
    process_kept(load_id=load.pk, by=US, at=now)
    page = dana.get(f"/feeds/{load.pk}/")
    assert "Half of the schools left." in page
    answer = dana.client.get(f"/feeds/{load.pk}/receipts/")
    assert b"".join(answer.streaming_content).startswith(b"line,reference,outcome,problems,not_provided\n")  # type: ignore[attr-defined]
    assert "Withdraw this feed?" in dana.get(f"/feeds/{load.pk}/withdraw/")
    status, page = dana.post(f"/feeds/{load.pk}/withdraw/")
    assert (status, "The feed is being withdrawn" in page) == (200, True)
    withdraw_load(load_id=load.pk, by=US, at=now)
    assert "Withdrawn" in dana.get(f"/feeds/{load.pk}/")
    assert ask("SELECT count(*) FROM directory_suppliedrow WHERE ended_on IS NOT NULL") == [(0,)]
    assert dana.kinds() == [
        "feed-rehearsed",
        "feed-uploaded",
        "feed-released",
        "receipts-read",
        "feed-withdrawn",
    ]
    reasons = [event.typed for event in dana.log(typed=True) if event.kind == "feed-released"]
    assert reasons == [{"reason": "Half of the schools left."}]


def test_a_load_under_way_says_rate_and_time_left(tmp_path: Path, now: datetime, dana: Walker) -> None:
    """On the page and by command, while it runs; nothing of that when it has ended."""
    seen: list[str] = []

    def look(stage: str, done: int, total: int | None) -> None:
        if stage == "Publishing rows" and done == 50:
            ((load,),) = ask("SELECT max(id) FROM intake_load")
            seen.extend((dana.get(f"/feeds/{load}/"), find_feed(load_id=load).progress))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "CHUNK", 50)
        patch.setattr("contactpoint.progress.STEP", 50)
        load_rows(tmp_path, pupils(), at=now, progress=look)
    page, told = seen
    assert re.fullmatch(r"Publishing rows: 50 of \d+, [\d,]+ a second, about 1 s left", told)
    assert told in page
    assert ("Look again" in page, "Under way" in page) == (True, True)
    ended = dana.get(f"/feeds/{Load.objects.get().pk}/")
    assert ("a second" in ended, "Look again" in ended, "Under way" in ended) == (False, False, False)
    # How long it took depends on what is hidden, and is kept nowhere (SHI-3).
    assert ask("SELECT stage_began_at, stage_noted_at FROM intake_load") == [(None, None)]


@pytest.mark.parametrize(
    ("done", "total", "said"),
    [(0, None, "Comparing"), (0, 70, "Comparing: 0 of 70"), (35, None, "Comparing: 35")],
)
def test_a_stage_whose_end_nobody_knows_is_told_by_its_name(
    done: int, total: int | None, said: str, tmp_path: Path, now: datetime
) -> None:
    load_rows(tmp_path, pupils(), at=now)
    Load.objects.using("match").update(
        state="passed", stage="comparing", stage_done=done, stage_total=total, stage_began_at=None
    )
    assert find_feed(load_id=Load.objects.get().pk).progress == said


@pytest.mark.parametrize(
    ("done", "total", "seconds", "said"),
    [
        (0, 100, 5.0, ""),
        (10, None, 0.0, ""),
        (5_000, 11_000_000, 1.0, ", 5,000 a second, about 37 min left"),
        (1_000, 11_000_000, 1.0, ", 1,000 a second, about 3 h 3 min left"),
        (10, 40, 60.0, ", 10 a minute, about 3 min left"),
        (100, 100, 10.0, ", 10 a second"),
        (100, None, 10.0, ", 10 a second"),
    ],
)
def test_rate_and_time_left_in_words(done: int, total: int | None, seconds: float, said: str) -> None:
    assert say_pace(done=done, total=total, seconds=seconds) == said


def test_a_rejected_feed_is_not_loaded(tmp_path: Path, now: datetime, dana: Walker) -> None:
    load_rows(tmp_path, pupils(), at=now - DAY)
    register(now)
    held = load_rows(tmp_path, pupils()[:70], at=now).load_id
    status, page = dana.post(f"/feeds/{held}/reject/", {"reason": "Cut off."})
    assert (status, "Rejected. Nothing of it was loaded." in page) == (200, True)
    assert dana.post(f"/feeds/{held}/reject/", {"reason": "Again"})[0] == 409
    assert dana.status(f"/feeds/{held}/release/") == 409


def test_nobody_else_sees_or_touches_a_feed(
    tmp_path: Path, now: datetime, dana: Walker, walk: MakeWalker
) -> None:
    load_rows(tmp_path, pupils(), at=now - DAY)
    held = load_rows(tmp_path, pupils()[:70], at=now).load_id
    register(now)
    charlie = walk(name="Charlie")
    pages = ["/feeds/", f"/feeds/{held}/", "/feeds/quality/", "/feeds/suppliers/ess-list-a/"]
    pages += [f"/feeds/{held}/{what}/" for what in ("release", "reject", "withdraw", "receipts")]
    assert send(dana, tmp_path / "ess-list-a.csv", "rehearse")[0] == 200
    pages += [f"/feeds/rehearsals/{rehearse(now)}/"]
    pages += ["/feeds/suppliers/ess-list-a/change/", "/feeds/suppliers/ess-list-a/upload/"]
    for page in pages:
        assert charlie.status(page) == 403, page
    for page in pages[4:7]:
        assert charlie.post(page, {"reason": "Because"})[0] == 403, page
    assert send(charlie, tmp_path / "ess-list-a.csv", "load")[0] == 403
    assert set(charlie.kinds()) == {"action-refused refused"}
    assert len(charlie.kinds()) == len(pages) + 4
    # Another authority's data manager sees how feeds are, and changes nothing of them.
    other = make_organisation(at=now, sector=Sector.AUTHORITY, kind="authority", authority="331")
    olga = walk(name="Olga", organisation=other, roles=[Role.DATA_MANAGER])
    assert "The supplier’s own data managers decide." in olga.get(f"/feeds/{held}/")
    for what in ("release", "reject", "withdraw"):
        assert olga.post(f"/feeds/{held}/{what}/", {"reason": "Because"})[0] == 403, what
    assert olga.status(f"/feeds/{held}/receipts/") == 403
    assert send(olga, tmp_path / "ess-list-a.csv", "load")[0] == 403
    assert set(olga.kinds()) == {"action-refused refused"}
    assert Load.objects.get(pk=held).state == "held"


def test_the_register_is_changed_and_a_late_feed_is_told_of_once(
    tmp_path: Path, now: datetime, dana: Walker
) -> None:
    load_rows(tmp_path, pupils(20), at=now - 10 * DAY)
    register(now)
    typed = {"must": "must", "legal_basis": "Section 12", "timetable": "days", "every_days": "7"}
    typed |= {"weekday": "", "contact_name": "Kim Lee", "contact_email": "kim@lists.example"}
    assert dana.post("/feeds/suppliers/ess-list-a/change/", {**typed, "every_days": "x"})[0] == 400
    assert dana.post("/feeds/suppliers/ess-list-a/change/", {**typed, "legal_basis": ""})[0] == 400
    status, page = dana.post("/feeds/suppliers/ess-list-a/change/", typed)
    assert (status, "Late by 3 days" in page, "Kim Lee" in page) == (200, True, True)
    assert tell_of_late_feeds(by=US, at=now) == ["ess-list-a"]
    assert tell_of_late_feeds(by=US, at=now) == []
    (notice,) = mail.outbox
    assert notice.to == [dana.account.email]
    assert "list" not in notice.body.lower().replace("listed", "")
    load_rows(tmp_path, pupils(20), at=now)
    assert "On time" in dana.get("/feeds/")


def test_files_in_a_suppliers_folder_are_picked_up(
    tmp_path: Path, now: datetime, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contactpoint.intake import waiting_files

    monkeypatch.setattr(waiting_files, "SETTLED", 0)
    load_rows(tmp_path, pupils(20), at=now - DAY)
    inbox = settings.DATA_DIR / "inbox" / "ess-list-a"
    inbox.mkdir(parents=True)
    write_file(inbox / "pupils-2026-10-04.csv", pupils(21))
    write_file(inbox / "pupils-2026-10-05.csv.part", pupils(22))
    (load,) = pick_up_files(by=US, at=now)
    assert [path.name for path in inbox.iterdir()] == ["pupils-2026-10-05.csv.part"]
    assert str(Load.objects.get(pk=load).extracted_on) == "2026-10-04"
    # The worker died before it came to it: the next look hands it over again, once.
    pick_up_files(by=US, at=now)
    assert ask("SELECT count(*) FROM procrastinate_jobs") == [(1,)]
    process_kept(load_id=load, by=US, at=now)
    assert Load.objects.get(pk=load).state == "published"
    process_kept(load_id=load, by=US, at=now)
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(21,)]


def test_a_useless_file_from_the_page_says_so_on_the_feed(
    tmp_path: Path, now: datetime, dana: Walker
) -> None:
    load_rows(tmp_path, pupils(20), at=now - DAY)
    register(now)
    path = tmp_path / "useless.csv"
    path.write_bytes(b"ref,pername1\n1,A\n")
    assert send(dana, path, "rehearse")[0] == 200
    assert "Nothing was loaded" in dana.get(f"/feeds/rehearsals/{rehearse(now)}/")
    assert send(dana, path, "load")[0] == 200
    load = Load.objects.latest("pk")
    process_kept(load_id=load.pk, by=US, at=now)
    assert "Nothing was loaded" in dana.get(f"/feeds/{load.pk}/")


def test_data_quality_is_figures_of_files_and_open_records(
    tmp_path: Path, now: datetime, dana: Walker
) -> None:
    for day in range(3):
        load_rows(tmp_path, pupils(100 + day), at=now - (3 - day) * DAY)
    page = dana.get("/feeds/quality/")
    assert "1. " in page
    assert "polyline" in page
    assert "100 %" in page
    assert "Children with no school or GP" in page
    assert not any(name in page for name in ("OKONKWO", "Zachary"))
