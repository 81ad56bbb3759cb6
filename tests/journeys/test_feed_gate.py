"""What is odd is held until a person decides, and a rehearsal says all of it beforehand (SUP-4)."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from contactpoint.audit.records import Actor
from contactpoint.intake.actions import load_file
from contactpoint.intake.holding import NoReasonGiven, NotHeld, reject_feed, release_feed
from contactpoint.intake.keeping_files import NoFile, kept_path, opened_file
from contactpoint.intake.models import Load
from contactpoint.intake.profiles import FeedKind, get_profile
from contactpoint.intake.records import LoadReport
from contactpoint.intake.rehearsing import Rehearsal, rehearse_file
from contactpoint.intake.waiting_files import process_kept
from tests.feeds import AMY, DATABASES, NHS, US, ask, contents, load_rows, write_file

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
DAY = timedelta(days=1)
GIVEN = ["ROBERT", "OLIVIA", "ZACHARY", "PRIYA", "MOHAMMED", "CHLOE", "ANTONI"]
GIVEN += ["WEI", "FATIMA", "JACK", "EMILY", "DANIEL", "SOFIA", "KWAME"]
FAMILY = ["OKONKWO", "PATEL", "KOWALSKI", "BARTLETT", "CHEN", "DUBOIS", "EVANS"]
FAMILY += ["FOSTER", "GREEN", "HUSSAIN", "IQBAL", "JONES", "KHAN"]


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return tmp_path


def pupils(count: int = 150, prefix: str = "O") -> list[dict[str, str]]:
    return [
        {
            **AMY,
            "ref": f"{prefix}{number:03}",
            "pername1": GIVEN[number % 14],
            "pername2": FAMILY[number % 13] + "XYZVW"[number // 13 % 5],
            "dob_day": str(1 + number % 28),
            "dob_mon": str(1 + number % 12),
            "dob_year": str(2010 + number % 14),
            "enumcap": f"{number} MILL LANE",
            "enumpc": f"M{1 + number % 40}1AE",
        }
        for number in range(count)
    ]


def load_on(
    folder: Path, rows: list[dict[str, str]], *, at: datetime, on: date | None = None, **options: FeedKind
) -> LoadReport:
    path = write_file(folder / "file.csv", rows)
    profile = get_profile(name="ess-list-a")
    return load_file(path=path, profile=profile, by=US, at=at, extracted_on=on, **options)


def rehearse(
    folder: Path, rows: list[dict[str, str]], *, at: datetime, supplier: str = "ess-list-a"
) -> Rehearsal:
    path = write_file(folder / "rehearsed.csv", rows, supplier=supplier)
    return rehearse_file(path=path, profile=get_profile(name=supplier), by=US, at=at)


ODD = {
    "half its usual size": (lambda rows: rows[:75], ["are not in the file (50%)", "usual are about 150"]),
    "all birth dates 1 January": (
        lambda rows: [{**row, "dob_day": "1", "dob_mon": "1"} for row in rows],
        ["100% of the dates of birth are a 1 January", "say something else than before"],
    ),
    "given and family name in each other's column": (
        lambda rows: [{**row, "pername1": row["pername2"], "pername2": row["pername1"]} for row in rows],
        ["100% of the rows that are known say something else than before"],
    ),
    "values one column further on": (
        lambda rows: [{**row, "enumcap": row["enumpc"], "enumpc": row["enumcap"]} for row in rows],
        ["enumpc: 100% of the values could not be read; usual are 0%."],
    ),
    "a new code throughout": (
        lambda rows: [{**row, "sex": "Q7"} for row in rows],
        ["sex: 100% of the values could not be read; usual are 0%."],
    ),
    "no birth dates": (
        lambda rows: [{**row, "dob_day": "", "dob_mon": "", "dob_year": ""} for row in rows],
        ["dob_day, dob_mon, dob_year: 100% of the values are empty; usual are 0%."],
    ),
    "one family name": (
        lambda rows: [{**row, "pername2": "SMITH"} for row in rows],
        ["100% of the rows give the same family name."],
    ),
}


@pytest.mark.parametrize("case", list(ODD))
def test_an_odd_file_is_held_whole_with_every_reason(tmp_path: Path, now: datetime, case: str) -> None:
    make, words = ODD[case]
    assert load_on(tmp_path, pupils(), at=now).held == ()
    before = contents()
    report = load_on(tmp_path, make(pupils()), at=now + DAY)
    for expected in words:
        assert any(expected in reason for reason in report.held), report.held
    assert contents() == before
    held = Load.objects.get(state="held")
    assert held.held_why == list(report.held)
    kept = kept_path(held.pk)
    assert kept.stat().st_mode & 0o777 == 0o600
    # Sealed: what no profile maps is not stored by waiting (REC-3).
    assert b"ref,pername1" not in kept.read_bytes()
    with opened_file(kept) as sent:
        assert sent.read_bytes() == (tmp_path / "file.csv").read_bytes()
    # No reason repeats a value.
    assert not any(name in reason for reason in report.held for name in (*GIVEN, *FAMILY, "SMITH", "MILL"))


def test_the_same_columns_in_another_order_are_no_change(tmp_path: Path, now: datetime) -> None:
    load_on(tmp_path, pupils(), at=now)
    lines = (tmp_path / "file.csv").read_text().splitlines()
    (tmp_path / "file.csv").write_text("\n".join(",".join(reversed(line.split(","))) for line in lines))
    profile = get_profile(name="ess-list-a")
    report = load_file(path=tmp_path / "file.csv", profile=profile, by=US, at=now + DAY)
    assert (report.held, report.unchanged) == ((), 150)


def test_a_column_that_was_never_there_is_odd(tmp_path: Path, now: datetime) -> None:
    load_on(tmp_path, pupils(), at=now)
    lines = (tmp_path / "file.csv").read_text().splitlines()
    more = ["x" if number else "surprise" for number in range(len(lines))]
    (tmp_path / "file.csv").write_text(
        "\n".join(f"{line},{extra}" for line, extra in zip(lines, more, strict=True))
    )
    profile = get_profile(name="ess-list-a")
    report = load_file(path=tmp_path / "file.csv", profile=profile, by=US, at=now + DAY)
    assert report.held == ("The columns are not those of the last file: it has now surprise.",)


def test_a_first_file_is_judged_by_what_no_sound_file_shows(tmp_path: Path, now: datetime) -> None:
    rows = [{**row, "dob_day": "1", "dob_mon": "1"} for row in pupils()]
    assert load_on(tmp_path, rows, at=now).held
    assert ask("SELECT count(*) FROM directory_child") == [(0,)]


def test_strangers_where_known_children_are_usual_are_odd(tmp_path: Path, now: datetime) -> None:
    load_on(tmp_path, pupils(), at=now)
    delta = [{**row, "ref": f"D{row['ref']}"} for row in pupils(120)]
    path = write_file(tmp_path / "b.csv", delta, supplier="ess-list-b")
    other = get_profile(name="ess-list-b")
    first = load_file(path=path, profile=other, by=US, at=now, kind=FeedKind.DELTA)
    assert first.linked > 100
    strangers = [
        {**row, "pername1": row["pername1"][::-1], "pername2": row["pername2"][::-1], "dob_year": "2009"}
        for row in pupils(120, prefix="S")
    ]
    path = write_file(tmp_path / "b.csv", [{**row, "enumpc": ""} for row in strangers], supplier="ess-list-b")
    report = load_file(path=path, profile=other, by=US, at=now + DAY, kind=FeedKind.DELTA)
    assert any("0% of a sample of new rows are in open records already" in why for why in report.held)


def test_a_file_older_than_the_last_is_held(tmp_path: Path, now: datetime) -> None:
    load_on(tmp_path, [AMY], at=now, on=date(2026, 10, 4))
    late = load_on(tmp_path, [{**AMY, "enumcap": "9 OLD ROAD"}], at=now + DAY, on=date(2026, 10, 1))
    assert late.held == (
        "The file was made on 1 October 2026, and one made on 4 October 2026 has been loaded already: "
        "older values would replace newer ones.",
    )
    assert (
        load_on(tmp_path, [{**AMY, "enumcap": "9 NEW ROAD"}], at=now + DAY, on=date(2026, 10, 5)).replaced
        == 1
    )


def test_a_released_feed_is_loaded_by_the_worker_and_a_rejected_one_never(
    tmp_path: Path, now: datetime
) -> None:
    load_on(tmp_path, pupils(), at=now)
    held = load_on(tmp_path, pupils()[:75], at=now + DAY)
    again = load_on(tmp_path, pupils()[:75], at=now + DAY)
    assert again.load_id == held.load_id
    by = Actor(account_id=None, organisation_id=None, door="command")
    with pytest.raises(NoReasonGiven):
        release_feed(load_id=held.load_id, reason=" ", by=by, at=now + DAY)
    release_feed(load_id=held.load_id, reason="Half of the schools left the trust.", by=by, at=now + DAY)
    assert ask("SELECT args FROM procrastinate_jobs") == [(f'{{"load_id": {held.load_id}}}',)]
    process_kept(load_id=held.load_id, by=by, at=now + DAY)
    assert Load.objects.get(pk=held.load_id).state == "published"
    said = ask("SELECT count(*) FROM directory_suppliedrow WHERE ended_on IS NULL")[0][0]
    assert said + ask("SELECT count(*) FROM hidden.waiting_row")[0][0] == 75
    assert not kept_path(held.load_id).exists()
    with pytest.raises((NotHeld, NoFile)):
        release_feed(load_id=held.load_id, reason="Again", by=by, at=now + DAY)
    third = load_on(tmp_path, pupils(20), at=now + 2 * DAY)
    reject_feed(load_id=third.load_id, reason="A cut-off file.", by=by, at=now + 2 * DAY)
    assert not kept_path(third.load_id).exists()
    with pytest.raises(NotHeld):
        reject_feed(load_id=third.load_id, reason="Again", by=by, at=now + 2 * DAY)
    kinds = ask(
        "SELECT kind FROM audit_event WHERE kind LIKE 'feed-re%%ed' OR kind = 'feed-held' ORDER BY id"
    )
    assert [kind for (kind,) in kinds if kind != "feed-received"] == [
        "feed-held",
        "feed-held",
        "feed-released",
        "feed-held",
        "feed-rejected",
    ]


def test_a_rehearsal_says_what_a_load_would_and_keeps_nothing(
    tmp_path: Path, now: datetime, settings: LazySettings
) -> None:
    load_on(tmp_path, pupils(), at=now)
    rows = [{**row, "ref": f"B{row['ref']}"} for row in pupils(40)]
    everything = contents()
    said = rehearse(tmp_path, rows, at=now + DAY, supplier="ess-list-b")
    assert contents() == everything
    assert Load.objects.count() == 1
    assert not any((settings.DATA_DIR / "scratch").iterdir())
    assert not (settings.DATA_DIR / "feeds").exists()
    report = load_rows(tmp_path, rows, at=now + DAY, supplier="ess-list-b")
    assert said.matches is not None
    assert (said.matches.linked, said.matches.new) == (report.linked, report.made)
    assert (said.rows, said.refused) == (report.rows, report.refused)
    assert rehearse(tmp_path, pupils()[:75], at=now + DAY).held
    assert ask("SELECT count(*) FROM audit_event WHERE kind = 'feed-rehearsed'") == [(2,)]


def test_a_rehearsal_of_few_rows_tells_nothing_of_matches(tmp_path: Path, now: datetime) -> None:
    load_on(tmp_path, [AMY], at=now)
    assert rehearse(tmp_path, [AMY], at=now, supplier="ess-list-b").matches is None


def test_a_rehearsal_is_the_same_whatever_is_hidden(tmp_path: Path, now: datetime) -> None:
    """With a shielded child, and with nobody there: the same figures (SHI-3)."""
    load_on(tmp_path, pupils(), at=now)
    rows = [{**row, "ref": f"B{row['ref']}"} for row in pupils(40)] + [{**AMY, "ref": "B-AMY"}]
    rows += [{**AMY, "ref": "B-NEAR", "dob_day": "25", "enumcap": ""}]
    without = rehearse(tmp_path, rows, at=now, supplier="ess-list-b")
    load_rows(tmp_path, [{**NHS, "CONFIDENTIALITY": "R"}], at=now, supplier="nhs_demographics")
    assert ask("SELECT count(*) FROM hidden.shield") == [(1,)]
    assert rehearse(tmp_path, rows, at=now, supplier="ess-list-b") == without


def test_a_rehearsal_tells_nothing_of_a_suppliers_own_shielded_child(tmp_path: Path, now: datetime) -> None:
    """The child's own row, guessed right or wrong, is the same to it as a row about nobody (SHI-3)."""
    load_on(tmp_path, [*pupils(), AMY], at=now)
    load_rows(tmp_path, [{**NHS, "CONFIDENTIALITY": "R"}], at=now, supplier="nhs_demographics")
    right = rehearse(tmp_path, [*pupils(), AMY], at=now)
    wrong = rehearse(tmp_path, [*pupils(), {**AMY, "enumcap": "9 NOWHERE"}], at=now)
    nobody = rehearse(tmp_path, [*pupils(), {**AMY, "ref": "NOBODY"}], at=now)
    assert right == wrong == nobody
    assert rehearse(tmp_path, pupils(), at=now).ended == 0
