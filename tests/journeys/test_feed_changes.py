"""Snapshots and deltas over time: what changes, what ends, what comes back, what must wait for a person."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from contactpoint.codes.child_number import encode
from contactpoint.directory.opening import open_record
from contactpoint.directory.records import Purpose, Record
from contactpoint.intake.actions import load_file
from contactpoint.intake.profiles import FeedKind, get_profile
from contactpoint.intake.records import LoadReport
from tests.factories import make_viewer
from tests.feeds import AMY, DATABASES, NHS, US, ask, contents, load_rows, open_everywhere, write_file

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
DAY = timedelta(days=1)
YOUTH = get_profile(name="youth_justice")


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return tmp_path


def others(count: int, start: int = 0) -> list[dict[str, str]]:
    """Children who are not alike."""
    given = ["ROBERT", "OLIVIA", "ZACHARY", "PRIYA", "MOHAMMED", "CHLOE", "ANTONI", "WEI", "FATIMA", "JACK"]
    family = ["OKONKWO", "PATEL", "KOWALSKI", "BARTLETT", "CHEN", "DUBOIS", "EVANS", "FOSTER", "GREEN"]
    return [
        {
            **AMY,
            "ref": f"O{number:03}",
            "pername1": given[number % 10],
            "pername2": family[number % 9] + "XYZVW"[number // 9 % 5],
            "dob_day": str(1 + number % 28),
            "dob_mon": str(1 + number % 12),
            "dob_year": str(2010 + number % 14),
            "enumcap": f"{number} MILL LANE",
            "enumpc": f"M{1 + number % 40}1AE",
        }
        for number in range(start, start + count)
    ]


def load_delta(folder: Path, rows: list[dict[str, str]], *, at: datetime) -> LoadReport:
    path = write_file(folder / "delta.csv", rows)
    return load_file(path=path, profile=get_profile(name="ess-list-a"), by=US, at=at, kind=FeedKind.DELTA)


def seen(now: datetime, child: int) -> Record:
    return open_record(
        viewer=make_viewer(at=now),
        child=encode(child),
        purpose=Purpose.ASSESSMENT,
        reference="",
        at=now,
    )


def child_of(reference: str) -> int:
    ((child,),) = (ask("SELECT child_id FROM directory_suppliedrow WHERE reference = %s", reference),)
    return int(child[0])


def test_a_snapshot_ends_what_it_no_longer_has_and_it_stays_as_history(tmp_path: Path, now: datetime) -> None:
    open_everywhere(at=now)
    load_rows(tmp_path, [AMY, *others(2)], at=now)
    report = load_rows(tmp_path, others(2), at=now + DAY)
    assert (report.ended, report.unchanged) == (1, 2)
    record = seen(now + DAY, child_of("A1"))
    assert [(each.standing, each.lines) for each in record.addresses] == [("current", ("1 YORK ROAD",))]
    record = seen(now + 2 * DAY, child_of("A1"))
    assert [each.standing for each in record.addresses] == ["last-known"]
    assert record.given_names == "AMY"
    # Nobody says anything of the child any more: after a year there is no record.
    ((until,),) = (ask("SELECT live_until FROM directory_child WHERE id = %s", child_of("A1")),)
    assert until[0] == (now + DAY).date().replace(year=now.year + 1)
    # Ending again changes nothing; the child who comes back is current again.
    before = contents()
    assert load_rows(tmp_path, others(2), at=now + 2 * DAY).ended == 0
    assert contents() == before
    back = load_rows(tmp_path, [AMY, *others(2)], at=now + 3 * DAY)
    assert (back.replaced, back.made) == (1, 0)
    assert [each.standing for each in seen(now + 4 * DAY, child_of("A1")).addresses] == ["current"]


def test_an_ended_involvement_is_history_for_a_year(tmp_path: Path, now: datetime) -> None:
    open_everywhere(at=now)
    rows = [
        {
            **dict.fromkeys(YOUTH.columns, ""),
            "YjsRef": f"Y{number}",
            "Forename": row["pername1"],
            "Surname": row["pername2"],
            "DateOfBirth": f"{number + 10}-05-2012",
            "Postcode": "M19 2EQ",
            "Team": "YJS1",
        }
        for number, row in enumerate(others(2))
    ]
    load_rows(tmp_path, rows, at=now, supplier="youth_justice")
    (child,) = ask("SELECT child_id FROM directory_suppliedrow WHERE reference = 'Y0'")[0]
    assert len(seen(now, child).involvements) == 1
    load_rows(tmp_path, rows[1:], at=now + DAY, supplier="youth_justice")
    record = seen(now + 2 * DAY, child)
    assert (len(record.involvements), len(record.past_involvements)) == (0, 1)


def test_absence_in_a_delta_means_nothing_and_a_delta_ends_by_reference(
    tmp_path: Path, now: datetime
) -> None:
    load_delta(tmp_path, [AMY, *others(2)], at=now)
    report = load_delta(tmp_path, [{**AMY, "enumcap": "9 NEW ROAD"}], at=now + DAY)
    assert (report.replaced, report.ended) == (1, 0)
    profile = tmp_path / "ending.toml"
    text = (Path(__file__).parents[2] / "contactpoint/intake/profiles/ess-list-a.toml").read_text()
    profile.write_text(text.replace("[fields]", '[fields]\nended = "gone"', 1))
    path = tmp_path / "ended.csv"
    path.write_text(
        "ref,pername1,pername2,sex,dob_day,dob_mon,dob_year,enumcap,enumpc,gone\nA1,,,,,,,,,yes\nX9,,,,,,,,,yes\n"
    )
    ending = load_file(
        path=path, profile=get_profile(name=str(profile)), by=US, at=now + 2 * DAY, kind=FeedKind.DELTA
    )
    assert (ending.ended, ending.refused, ending.made) == (1, 0, 0)
    assert ask("SELECT reference FROM directory_suppliedrow WHERE ended_on IS NOT NULL") == [("A1",)]


def test_an_end_moves_to_the_hidden_side_and_back_with_its_row(tmp_path: Path, now: datetime) -> None:
    load_rows(tmp_path, [AMY, *others(2)], at=now)
    load_rows(tmp_path, others(2), at=now + DAY)
    load_rows(tmp_path, [{**NHS, "CONFIDENTIALITY": "R"}], at=now + 2 * DAY, supplier="nhs_demographics")
    assert ask("SELECT ended_on IS NOT NULL FROM hidden.supplied_row WHERE reference = 'A1'") == [(True,)]
    # What comes back of a shielded child comes back hidden.
    load_rows(tmp_path, [AMY, *others(2)], at=now + 3 * DAY)
    assert ask("SELECT ended_on FROM hidden.supplied_row WHERE reference = 'A1'") == [(None,)]
    assert ask("SELECT count(*) FROM directory_suppliedrow WHERE reference = 'A1'") == [(0,)]


def test_yesterdays_rows_shuffled_change_nothing(tmp_path: Path, now: datetime) -> None:
    rows = [AMY, *others(20)]
    load_rows(tmp_path, rows, at=now)
    before = contents()
    report = load_rows(tmp_path, rows[::-1], at=now + DAY)
    assert (report.unchanged, report.held) == (21, ())
    assert contents() == before


def test_a_reference_that_stands_for_another_child_now_is_a_question(tmp_path: Path, now: datetime) -> None:
    load_rows(tmp_path, [AMY, *others(3)], at=now)
    other = {**others(1, start=40)[0], "ref": "A1"}
    report = load_rows(tmp_path, [other, *others(3)], at=now + DAY)
    assert (report.replaced, report.not_placed, report.made) == (0, 1, 0)
    ((why, child),) = ask("SELECT why, candidates #>> '{children,0,child}' FROM hidden.waiting_row")
    assert (why, int(child)) == ("doubtful", child_of("A1"))
    ((name,),) = ask("SELECT content ->> 'given_names' FROM directory_suppliedrow WHERE reference = 'A1'")
    assert name == "AMY"
    # Sent again, it still waits, once; taken back by its sender, nothing waits.
    assert load_rows(tmp_path, [other, *others(3)], at=now + 2 * DAY).unchanged == 4
    assert load_rows(tmp_path, [AMY, *others(3)], at=now + 3 * DAY).unchanged == 4
    assert ask("SELECT count(*) FROM hidden.waiting_row") == [(0,)]


def test_a_reused_reference_of_a_shielded_child_waits_with_the_shielding_team(
    tmp_path: Path, now: datetime
) -> None:
    load_rows(tmp_path, [{**NHS, "CONFIDENTIALITY": "R"}], at=now, supplier="nhs_demographics")
    reused = {
        **NHS,
        "GIVEN_NAMES": "Zachary",
        "FAMILY_NAME": "Okonkwo",
        "NHS_NUMBER": "",
        "BIRTH_DATE": "2011-01-02",
    }
    load_rows(tmp_path, [reused], at=now + DAY, supplier="nhs_demographics")
    assert ask("SELECT why FROM hidden.waiting_row") == [("near-shield",)]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(0,)]


def test_slow_change_into_another_child_is_a_question(tmp_path: Path, now: datetime) -> None:
    steps: list[dict[str, str]] = [
        {},
        {"enumcap": "9 NEW ROAD", "enumpc": "B11AA"},
        {"enumcap": "9 NEW ROAD", "enumpc": "B11AA", "pername2": "OKONKWO"},
        {"enumcap": "9 NEW ROAD", "enumpc": "B11AA", "pername2": "OKONKWO", "pername1": "ZACHARY"},
    ]
    reports = [load_rows(tmp_path, [{**AMY, **step}], at=now + day * DAY) for day, step in enumerate(steps)]
    assert [report.replaced for report in reports] == [0, 1, 1, 0]
    assert reports[-1].not_placed == 1
    ((name,),) = ask("SELECT content ->> 'given_names' FROM directory_suppliedrow")
    assert name == "AMY"


def test_a_number_on_two_children_is_a_question_and_a_superseded_one_is_not(
    tmp_path: Path, now: datetime
) -> None:
    load_rows(tmp_path, [NHS], at=now, supplier="nhs_demographics")
    second = {
        **NHS,
        "RECORD_ID": "N2",
        "GIVEN_NAMES": "Zachary",
        "FAMILY_NAME": "Okonkwo",
        "BIRTH_DATE": "2011-01-02",
    }
    report = load_rows(tmp_path, [NHS, second], at=now + DAY, supplier="nhs_demographics")
    assert (report.made, report.not_placed, report.refused) == (0, 1, 0)
    superseded = {**NHS, "NHS_NUMBER": "9434765870"}
    report = load_rows(tmp_path, [superseded, second], at=now + 2 * DAY, supplier="nhs_demographics")
    assert (report.replaced, report.unchanged) == (1, 1)
    assert ask("SELECT value FROM directory_searchnumber WHERE kind = 'nhs'") == [("9434765870",)]
    ((previous,),) = ask("SELECT previous::text FROM hidden.row_effect WHERE effect = 'replaced'")
    assert json.loads(previous)["content"]["nhs"] == "9434765919"
