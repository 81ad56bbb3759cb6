"""JSON lines and documents, and FHIR in both: one bad line costs one row, memory is bounded."""

import json
import tracemalloc
from pathlib import Path

import pytest

from contactpoint.intake.readers import json as reading
from contactpoint.intake.readers.table import UnreadableFile, WrongColumns
from tests.unit.intake.readers.opened import read, write

WANTED = ("id", "name.family", "address[use=home|*].postcode")
AMY = {
    "id": 1,
    "name": {"family": "Scott"},
    "address": [{"use": "work", "postcode": "X"}, {"use": "home", "postcode": "M1 1AE"}],
}
BEA = {"id": "2", "name": {"family": "Zoë"}}


def lines(*records: object) -> str:
    return "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in records)


def test_members_are_addressed_by_dotted_path(tmp_path: Path) -> None:
    path = write(tmp_path / "children.csv", lines(AMY, "", BEA))
    assert read(path, WANTED) == ([(1, "1", "Scott", "M1 1AE"), (3, "2", "Zoë", "")], [], {})


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{not json}", "not-json"),
        ("[1]", "not-json"),
        ('"text"', "not-json"),
        ('{"id": ' + "[" * 90_000 + "}", "not-json"),
        ('{"id": {"a": 1}}', "wrong-shape"),
        ('{"id": 7, "name": "Scott"}', "wrong-shape"),
        ('{"id": "\\u0000"}', "control-character"),
        ('{"id": "\\ud800"}', "control-character"),
        (json.dumps({"id": "x" * 200_000}), "too-long"),
    ],
)
def test_a_bad_line_is_refused_alone(tmp_path: Path, line: str, problem: str) -> None:
    path = write(tmp_path / "a.ndjson", lines(AMY, line, BEA))
    rows, broken, _ = read(path, WANTED)
    assert ([row[0] for row in rows], broken) == ([1, 3], [(2, problem)])


def test_a_last_line_that_is_cut_off_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ndjson", lines(AMY, BEA) + '{"id": 3, "na')
    assert read(path, WANTED)[1] == [(3, "cut-off")]


def test_numbers_stay_as_written(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ndjson", '{"id": 1.50}\n{"id": ' + "9" * 5000 + "}\n")
    assert [row[1] for row in read(path, ("id",))[0]] == ["1.50", "9" * 5000]


def test_what_is_not_mapped_is_counted_and_not_looked_into(tmp_path: Path) -> None:
    said = {
        **AMY,
        "ethnicity": "CANARY",
        "sen": {"CANARY": 1},
        "name": {"family": "Scott", "faith": "CANARY"},
        "fsm": None,
    }
    rows, _, dropped = read(write(tmp_path / "a.ndjson", lines(said, said)), WANTED)
    assert dropped == {"ethnicity": 2, "sen": 2, "name.faith": 2}
    assert "CANARY" not in str(rows)


def test_names_without_end_are_not_listed_without_end(tmp_path: Path) -> None:
    said = [{"id": 1, **{f"n{at}-{row}": 1 for at in range(100)}} for row in range(10)]
    _, _, dropped = read(write(tmp_path / "a.ndjson", lines(*said)), ("id",))
    assert len(dropped) == 301
    assert dropped["others"] == 700


def test_a_wrong_encoding_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="Line 2 is not UTF-8"):
        read(write(tmp_path / "a.ndjson", lines(AMY).encode() + '{"id": "Zoë"}\n'.encode("cp1252")), WANTED)


@pytest.mark.parametrize(
    "content", [json.dumps([AMY, BEA]), json.dumps([AMY, BEA], indent=2), "\ufeff" + json.dumps([AMY, BEA])]
)
def test_a_document_is_a_list_of_records(tmp_path: Path, content: str) -> None:
    assert [row[1] for row in read(write(tmp_path / "a.json", content), WANTED)[0]] == ["1", "2"]


def test_a_document_may_hold_its_list_in_a_member(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.json", json.dumps({"made": "2026", "data": {"children": [AMY, BEA]}}, indent=1)
    )
    assert [row[1] for row in read(path, WANTED, records=("data.children",))[0]] == ["1", "2"]
    with pytest.raises(UnreadableFile, match="no list `pupils`"):
        read(path, WANTED, records=("pupils",))


@pytest.mark.parametrize("cut", [-2, -40, 30])
def test_a_document_that_is_cut_off_is_refused_whole(tmp_path: Path, cut: int) -> None:
    with pytest.raises(UnreadableFile, match=r"cut off or damaged.*Nothing was loaded"):
        read(write(tmp_path / "a.json", json.dumps([AMY, BEA], indent=1)[:cut]), WANTED)


def test_a_document_in_a_wrong_encoding_is_refused_whole(tmp_path: Path) -> None:
    for encoding in ("cp1252", "utf-16"):
        content = json.dumps([{"id": "Zoë"}], ensure_ascii=False).encode(encoding)
        with pytest.raises(UnreadableFile, match="Nothing was loaded"):
            read(write(tmp_path / "a.json", content), ("id",))


def test_an_entry_without_end_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with path.open("wb") as file:
        file.write(b'[{"id": 1}, {"id": "')
        for _ in range(64):
            file.write(b"x" * (1 << 20))
    tracemalloc.start()
    with pytest.raises(UnreadableFile, match="longer than 8 MB"):
        read(path, ("id",))
    assert tracemalloc.get_traced_memory()[1] < 40 << 20
    tracemalloc.stop()


def test_a_line_without_end_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    with path.open("wb") as file:
        file.write(b'{"id": 1}\n{"id": "')
        for _ in range(64):
            file.write(b"x" * (1 << 20))
        file.write(b'"}\n{"id": 2}\n')
    tracemalloc.start()
    rows, broken, _ = read(path, ("id",))
    assert tracemalloc.get_traced_memory()[1] < 40 << 20
    tracemalloc.stop()
    assert ([row[1] for row in rows], broken) == (["1", "2"], [(2, "too-long")])


def test_an_empty_list_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="The list is empty"):
        read(write(tmp_path / "a.json", "[]"), WANTED)


PATIENT = {"resourceType": "Patient", "id": "1", "name": [{"family": "Scott"}]}
OTHER = {"resourceType": "Observation", "id": "CANARY"}
BUNDLE = {
    "resourceType": "Bundle",
    "type": "searchset",
    "entry": [{"resource": PATIENT}, {"resource": OTHER}, {"request": {}}],
}
BACKWARDS = dict(reversed(BUNDLE.items()))


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(BUNDLE),
        json.dumps(BUNDLE, indent=2),
        json.dumps(BACKWARDS, indent=2),
        json.dumps(BACKWARDS),
        lines(PATIENT, OTHER, {"request": {}}),
        lines(BUNDLE, ""),
    ],
)
def test_of_a_bundle_the_patients_are_read_and_the_rest_is_counted(tmp_path: Path, content: str) -> None:
    rows, broken, dropped = read(write(tmp_path / "a.json", content), ("id", "name.family"), format="fhir")
    assert ([row[1:] for row in rows], broken) == ([("1", "Scott")], [])
    assert dropped == {"resource Observation": 1, "entry without a resource": 1}


def test_a_patient_may_stand_alone(tmp_path: Path) -> None:
    for indent in (None, 2):
        path = write(tmp_path / "a.json", json.dumps(PATIENT, indent=indent))
        assert [row[1] for row in read(path, ("id",), format="fhir")[0]] == ["1"]


def test_a_bundle_without_a_patient_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", json.dumps({"resourceType": "Bundle", "entry": [{"resource": OTHER}]}))
    with pytest.raises(UnreadableFile, match="holds no FHIR Patient"):
        read(path, ("id",), format="fhir")


def test_a_file_of_another_format_than_the_profile_expects_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", "id,name\n1,A\n")
    with pytest.raises(UnreadableFile, match=r"expects FHIR in JSON, and the file is delimited text \(CSV\)"):
        read(path, ("id",), format="fhir")
    with pytest.raises(WrongColumns, match="for which the profile is not written"):
        read(write(tmp_path / "b.json", lines(AMY)), ("First name]",))


def test_the_bound_of_an_entry_is_well_above_an_honest_patient() -> None:
    assert reading.LONGEST_ENTRY >= 1 << 20
