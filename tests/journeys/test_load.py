"""From a supplier's file to one record with both sources, and everything that must not happen on the way."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from contactpoint.codes.child_number import encode
from contactpoint.directory.opening import open_record
from contactpoint.directory.records import Purpose, SearchOutcome, SearchQuery
from contactpoint.directory.searching import search_children
from contactpoint.intake.loads import is_published
from contactpoint.intake.models import Load
from contactpoint.intake.profiles import get_profile
from contactpoint.intake.readers.table import UnreadableFile, WrongColumns
from contactpoint.intake.receipts import NoReceipts, get_receipts
from tests.factories import make_viewer
from tests.feeds import AMY, DATABASES, NHS, ask, contents, load, load_rows, open_everywhere, write_file

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
ESS = Path(__file__).parents[2].parent / "shared" / "data" / "ess"
LATER = timedelta(days=1)
HEADER = "ref,pername1,pername2,sex,dob_day,dob_mon,dob_year,enumcap,enumpc\n"


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return tmp_path


def children() -> list[int]:
    return [child for (child,) in ask("SELECT id FROM directory_child ORDER BY id")]


def test_a_child_written_differently_in_two_lists_is_one_record_with_both_sources(
    tmp_path: Path, now: datetime
) -> None:
    open_everywhere(at=now)
    load_rows(tmp_path, [AMY], at=now)
    other = {**AMY, "ref": "B7", "pername2": "HARGREVES", "dob_day": "25", "enumcap": "1 YORK RD"}
    report = load_rows(tmp_path, [other], at=now + LATER, supplier="ess-list-b")
    assert (report.made, report.linked, report.not_placed) == (0, 1, 0)
    (child,) = children()
    viewer = make_viewer(at=now)
    query = SearchQuery(given_name="Amie", family_name="Hargreaves", age_from=9, age_to=11)
    (found,) = search_children(viewer=viewer, query=query, at=now + 2 * LATER).found
    assert found.number == encode(child)
    record = open_record(
        viewer=viewer, child=found.number, purpose=Purpose.ASSESSMENT, reference="", at=now + 2 * LATER
    )
    sources = {source.name for address in record.addresses for source in address.sources}
    assert sources == {"List A", "List B"}


def test_loading_a_file_twice_changes_nothing(tmp_path: Path, now: datetime) -> None:
    rows = [AMY, {**AMY, "ref": "A2", "pername1": "ROBERT", "dob_year": "2012", "enumcap": "9 MILL LANE"}]
    load_rows(tmp_path, rows, at=now)
    before = contents()
    report = load_rows(tmp_path, rows, at=now + LATER)
    assert contents() == before
    assert (report.unchanged, report.made, report.linked, report.replaced) == (2, 0, 0, 0)
    assert is_published(profile=get_profile(name="ess-list-a"), path=tmp_path / "ess-list-a.csv")


def test_a_then_b_then_a_again_is_a_change_each_time(tmp_path: Path, now: datetime) -> None:
    moved = {**AMY, "enumcap": "77 CANAL STREET", "enumpc": "B11AA"}
    for day, row in enumerate([AMY, moved, AMY]):
        load_rows(tmp_path, [row], at=now + day * LATER)
        (stored,) = ask("SELECT content #>> '{addresses,0,lines,0}' FROM directory_suppliedrow")
        assert stored == (row["enumcap"],)
    assert len(children()) == 1
    effects = ask("SELECT effect FROM hidden.row_effect ORDER BY id")
    assert effects == [("made-child",), ("replaced",), ("replaced",)]


def test_two_rows_of_one_file_for_one_child_never_make_two_records(tmp_path: Path, now: datetime) -> None:
    report = load_rows(tmp_path, [AMY, {**AMY, "ref": "A2", "enumcap": "1 YORK RD"}], at=now)
    assert (report.made, report.not_placed) == (1, 1)
    ((why, child),) = ask("SELECT why, candidates #>> '{children,0,child}' FROM hidden.waiting_row")
    assert (why, int(child)) == ("doubtful", children()[0])
    again = load_rows(tmp_path, [AMY, {**AMY, "ref": "A2", "enumcap": "1 YORK RD"}], at=now + LATER)
    assert again.unchanged == 2


def test_brothers_and_sisters_and_twins_are_records_of_their_own(tmp_path: Path, now: datetime) -> None:
    brother = {**AMY, "ref": "A2", "pername1": "ROBERT", "sex": "M", "dob_year": "2013", "dob_mon": "11"}
    twin = {**AMY, "ref": "A3", "pername1": "OLIVIA"}
    alike = {**AMY, "ref": "A4", "pername1": "AMIE", "dob_year": "2020", "dob_mon": "8", "dob_day": "7"}
    assert load_rows(tmp_path, [AMY, brother, twin, alike], at=now).made == 4


def test_brothers_whose_names_are_alike_are_never_joined_by_themselves(tmp_path: Path, now: datetime) -> None:
    jayden = {**AMY, "pername1": "JAYDEN", "pername2": "WADENSTEAD", "sex": "M"}
    jay = {**jayden, "ref": "A2", "pername1": "JAY", "dob_day": "9", "dob_mon": "12", "dob_year": "2013"}
    assert load_rows(tmp_path, [jayden], at=now).made == 1
    report = load_rows(tmp_path, [jay], at=now, supplier="ess-list-b")
    assert (report.made, report.linked, report.not_placed) == (0, 0, 1)


def test_no_match_that_may_join_twins_is_automatic(tmp_path: Path, now: datetime) -> None:
    load_rows(tmp_path, [AMY, {**AMY, "ref": "A2", "pername1": "OLIVIA"}], at=now)
    report = load_rows(tmp_path, [{**AMY, "ref": "B1"}], at=now, supplier="ess-list-b")
    assert (report.made, report.linked, report.not_placed) == (0, 0, 1)


def test_a_restricted_marker_makes_a_child_born_shielded(tmp_path: Path, now: datetime) -> None:
    load_rows(tmp_path, [{**NHS, "CONFIDENTIALITY": "R"}], at=now, supplier="nhs_demographics")
    ((shielded, town),) = ask("SELECT shielded, town FROM directory_child")
    assert (shielded, town) == (True, "")
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(0,)]
    assert ask("SELECT count(*) FROM hidden.supplied_row") == [(1,)]


@pytest.mark.parametrize(
    "change",
    [
        {"pername2": "HARGREAVE", "dob_day": "", "enumcap": "5 NEW STREET", "enumpc": ""},
        {"pername1": "ANNIE", "enumcap": "5 NEW STREET"},
        {"dob_year": "2017", "dob_mon": "6"},
    ],
)
def test_a_row_that_may_be_a_shielded_childs_is_never_published_as_a_new_open_record(
    tmp_path: Path, now: datetime, change: dict[str, str]
) -> None:
    load_rows(tmp_path, [{**NHS, "CONFIDENTIALITY": "R"}], at=now, supplier="nhs_demographics")
    load_rows(tmp_path, [{**AMY, **change}], at=now)
    assert ask("SELECT count(*) FROM directory_child WHERE NOT shielded") == [(0,)]
    held = ask("SELECT why FROM hidden.waiting_row")
    joined = ask("SELECT count(*) FROM hidden.supplied_row WHERE supplier_id = 'ess-list-a'")
    assert held == [("near-shield",)] or joined == [(1,)]


def test_new_data_for_a_shielded_child_joins_the_hidden_part(tmp_path: Path, now: datetime) -> None:
    load_rows(tmp_path, [{**NHS, "CONFIDENTIALITY": "R"}], at=now, supplier="nhs_demographics")
    load_rows(tmp_path, [AMY], at=now)
    assert ask("SELECT count(*) FROM hidden.supplied_row") == [(2,)]
    assert ask("SELECT count(*) FROM directory_suppliedrow") == [(0,)]


def test_a_sensitive_row_without_basis_is_refused_and_with_one_is_hidden(
    tmp_path: Path, now: datetime
) -> None:
    row = {
        "PatientRef": "P1",
        "NHSNumber": "9434765919",
        "Forename": "Amy",
        "Surname": "Hargreaves",
        "BirthDate": "20160524",
        "Postcode": "M19 2EQ",
        "TeamCode": "TEAM-NINE",
        "ReferralStart": "20260101",
    }
    load_rows(tmp_path, [NHS], at=now, supplier="nhs_demographics")
    report = load_rows(
        tmp_path, [row, {**row, "PatientRef": "P2", "ConsentBasis": "HARM"}], at=now, supplier="camhs"
    )
    assert (report.refused, report.linked) == (1, 1)
    assert ask("SELECT service, organisation, basis FROM hidden.sensitive_involvement") == [
        ("camhs", "TEAM-NINE", "significant-harm")
    ]
    assert ask("SELECT count(*) FROM directory_suppliedrow WHERE content::text LIKE '%%TEAM-NINE%%'") == [
        (0,)
    ]
    assert ask("SELECT count(*) FROM hidden.supplied_row WHERE content ? 'involvement'") == [(0,)]


def test_a_young_person_of_18_is_received_and_not_published(tmp_path: Path, now: datetime) -> None:
    report = load_rows(tmp_path, [{**AMY, "dob_year": "2008"}], at=now)
    assert (report.received, report.made, report.not_placed) == (1, 0, 1)
    assert 'A1,"received, not published"' in get_receipts(load_id=report.load_id).read_text()
    assert children() == []


def test_receipts_judge_the_row_alone(tmp_path: Path, now: datetime) -> None:
    """A new child, a joined one and a held one have the same receipt (SUP-3)."""
    load_rows(tmp_path, [AMY], at=now)
    rows = [{**AMY, "ref": f"B{number}"} for number in range(2)]
    rows += [{**AMY, "ref": "B2", "pername1": "ZACHARY", "pername2": "OKONKWO", "dob_year": "2010"}]
    report = load_rows(tmp_path, rows, at=now, supplier="ess-list-b")
    assert (report.made, report.linked, report.not_placed) == (1, 1, 1)
    receipts = get_receipts(load_id=report.load_id)
    outcomes = {line.split(",", 2)[2] for line in receipts.read_text().splitlines()[1:]}
    assert outcomes == {'received,"",""'}
    assert receipts.stat().st_mode & 0o777 == 0o600


EFFECTS = """
SELECT r.supplier_id, r.reference, e.effect, round(e.weight::numeric, 3), e.levels FROM hidden.row_effect e
JOIN (
    SELECT id, supplier_id, reference FROM directory_suppliedrow
    UNION ALL SELECT id, supplier_id, reference FROM hidden.supplied_row
    UNION ALL SELECT id, supplier_id, reference FROM hidden.waiting_row
) r ON r.id = e.row_id
ORDER BY 1, 2, 3
"""


def test_small_and_large_batches_are_decided_alike(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a file that goes through in many portions, parts and buckets."""
    from contactpoint.intake import everybody, linking, meeting, placing, portions, publishing, staging

    shielded = [{**NHS, "RECORD_ID": "N9", "NHS_NUMBER": "", "GIVEN_NAMES": "Kofi", "CONFIDENTIALITY": "V"}]
    first = [AMY, {**AMY, "ref": "A2", "pername1": "OLIVIA", "enumcap": "2 YORK ROAD"}]
    first += [{**AMY, "ref": "A3", "pername1": "ROBERT", "dob_year": "2012", "enumcap": "9 MILL LANE"}]
    second = [{**row, "ref": f"B{number}", "enumpc": ""} for number, row in enumerate(first)]
    second += [{**AMY, "ref": "B9", "pername2": "HARGRAVE", "dob_mon": "", "dob_day": ""}]
    second += [{**AMY, "ref": "B8", "pername1": "KOFI", "enumcap": "", "enumpc": "", "dob_day": ""}]
    placed = []
    for way in ("small", "large", "long"):
        monkeypatch.setattr(linking, "is_small", lambda *, rows, children, way=way: way == "small")
        monkeypatch.setattr(meeting, "FEW", 1000 if way == "small" else 0)
        if way == "long":
            monkeypatch.setattr(staging, "CHUNK", 2)
            monkeypatch.setattr(portions, "PORTION", 3)
            monkeypatch.setattr(everybody, "PART", 2)
            monkeypatch.setattr(placing, "BUCKET", 2)
            monkeypatch.setattr(publishing, "CHUNK", 1)
        load_rows(tmp_path, shielded, at=now, supplier="nhs_demographics")
        load_rows(tmp_path, first, at=now)
        load_rows(tmp_path, second, at=now, supplier="ess-list-b")
        effects = ask(EFFECTS)  # by row: what order a file is published in depends on the numbers drawn
        waiting = ask("SELECT reference, why FROM hidden.waiting_row ORDER BY reference")
        placed.append((effects, waiting))
        _empty()
    assert placed[0] == placed[1]
    assert placed[1] == placed[2]


def _empty() -> None:
    from django.core.management import call_command

    call_command("flush", database="owner", verbosity=0, interactive=False)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", UnreadableFile),
        (b"\x00\x01\x02" * 100, UnreadableFile),
        (b"ref,pername1\n1,A\n", WrongColumns),
        (HEADER.encode(), UnreadableFile),
        ((HEADER + "A,Zoë,B,F,1,1,2010,X,Y\n").encode("cp1252"), UnreadableFile),
    ],
)
def test_a_file_of_no_use_is_refused_whole_and_nothing_is_kept(
    tmp_path: Path, now: datetime, content: bytes, error: type[Exception]
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(error, match="Nothing was loaded"):
        load(path, at=now, supplier="ess-list-a")
    refused = Load.objects.get()
    assert refused.state == "refused"
    assert ask("SELECT kind, refused FROM audit_event ORDER BY id") == [
        ("feed-received", False),
        ("feed-refused", True),
    ]
    assert children() == []
    with pytest.raises(NoReceipts):
        get_receipts(load_id=refused.pk)
    # The sender mends it, and the next file loads.
    assert load_rows(tmp_path, [AMY], at=now).made == 1


def test_a_bad_row_does_not_stop_the_good_ones(tmp_path: Path, now: datetime) -> None:
    path = write_file(tmp_path / "file.csv", [AMY])
    text = path.read_text()
    text += 'A2,"HALF,QUOTED,F,1,1,2010,X,Y\nA3,TOO,FEW\nA4,OLIVIA,SMYTHE,F,3,4,2011,8 MILL LANE,M11AE\n'
    text += "A5,CUT,O"
    path.write_text(text)
    report = load(path, at=now, supplier="ess-list-a")
    assert (report.rows, report.refused, report.made) == (5, 3, 2)
    receipts = get_receipts(load_id=report.load_id).read_text()
    for line, told in ((3, "quotation mark"), (4, "fewer columns"), (6, "ends in the middle")):
        assert any(row.startswith(f"{line},") and told in row for row in receipts.splitlines())


def test_columns_that_may_never_be_held_are_dropped_before_storage(tmp_path: Path, now: datetime) -> None:
    profile = get_profile(name="school_census")
    header = [*profile.columns, "SENprovision", "FSMeligible"]
    said = {"PupilRef": "S1", "Surname": "Hargreaves", "Forename": "Amy", "DOB": "24/05/2016"}
    said |= {"Postcode": "M19 2EQ", "SENprovision": "CANARY", "FSMeligible": "CANARY"}
    path = tmp_path / "census.csv"
    path.write_text(",".join(header) + "\n" + ",".join(said.get(column, "") for column in header) + "\n")
    report = load(path, at=now, supplier="school_census")
    assert (report.made, report.dropped_columns) == (1, ("SENprovision", "FSMeligible"))
    assert "CANARY" not in str(contents())


def test_nothing_is_left_in_the_scratch_folder(tmp_path: Path, now: datetime) -> None:
    def interrupt(stage: str, done: int, total: int | None) -> None:
        if stage == "Publishing rows":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_rows(tmp_path, [AMY], at=now, progress=interrupt)
    assert list((tmp_path / "data" / "scratch").iterdir()) == []
    assert load_rows(tmp_path, [AMY], at=now).made == 1


def test_the_log_has_the_load_and_no_value(tmp_path: Path, now: datetime) -> None:
    load_rows(tmp_path, [AMY], at=now)
    events = ask("SELECT kind, convert_from(body, 'UTF8') FROM audit_event ORDER BY id")
    assert [kind for kind, _ in events] == ["feed-received", "feed-chunk-published", "feed-finished"]
    assert not any("HARGREAVES" in body.upper() for _, body in events)


def test_the_server_cannot_read_what_waits(tmp_path: Path, now: datetime) -> None:
    from django.db import ProgrammingError, connections

    load_rows(tmp_path, [AMY], at=now)
    with (
        connections["default"].cursor() as cursor,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        cursor.execute("SELECT * FROM hidden.waiting_row")


@pytest.mark.skipif(not ESS.exists(), reason="the two fictional lists do not lie beside the project")
def test_both_fictional_lists_load_and_a_misspelt_child_is_found_with_both_sources(
    tmp_path: Path, now: datetime
) -> None:
    open_everywhere(at=now)
    for which in "ab":
        shutil.copy(ESS / f"list_{which}.csv", tmp_path)
        report = load(tmp_path / f"list_{which}.csv", at=now, supplier=f"ess-list-{which}")
    assert report.linked > 2_300
    viewer = make_viewer(at=now)
    query = SearchQuery(given_name="Katy", family_name="Tailor", birth_date="2016")
    result = search_children(viewer=viewer, query=query, at=now + LATER)
    assert result.outcome is SearchOutcome.FOUND
    found = next(each for each in result.found if each.birth_date == "2016-05-24")
    record = open_record(
        viewer=viewer, child=found.number, purpose=Purpose.ASSESSMENT, reference="", at=now + LATER
    )
    sources = {source.name for address in record.addresses for source in address.sources}
    assert sources == {"List A", "List B"}
