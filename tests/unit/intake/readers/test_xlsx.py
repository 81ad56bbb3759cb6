"""Workbooks: everything as text with dates right, the header found, hostile or spoilt ones refused whole."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from contactpoint.intake.readers.table import UnreadableFile, WrongColumns
from tests.unit.intake.readers.opened import read, write

WANTED = ("ref", "name", "born")
HEADER = ["ref", "name", "ethnicity", "born"]


def make(
    path: Path,
    rows: list[list[object]],
    *,
    title: str = "Children",
    more: dict[str, list[list[object]]] | None = None,
) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for name, others in (more or {}).items():
        extra = book.create_sheet(name)
        for row in others:
            extra.append(row)
    book.save(path)
    return path


def test_everything_is_read_as_text(tmp_path: Path) -> None:
    path = make(
        tmp_path / "children.dat",  # the name says nothing
        [
            HEADER,
            [9434765919, "Zoë 東京", "CANARY", datetime.fromisoformat("2016-05-24")],
            [2.0, " padded ", None, date(2016, 5, 4)],
            [None, None, None, None],
            [2.5, True, "CANARY", "2016"],
            ["=1+1", "#N/A", "", None],
        ],
    )
    rows, broken, dropped = read(path, WANTED, dates="DD/MM/YYYY")
    assert rows == [
        (2, "9434765919", "Zoë 東京", "24/05/2016"),
        (3, "2", " padded ", "04/05/2016"),
        (5, "2.5", "true", "2016"),
        (6, "", "", ""),
    ]
    assert (broken, dropped) == ([], {"ethnicity": 2})


def test_numbers_shown_with_leading_zeros_keep_them(tmp_path: Path) -> None:
    path = make(tmp_path / "a.xlsx", [["ref", "name", "born"], [42, "A", ""]])
    book = openpyxl.load_workbook(path)
    book.active["A2"].number_format = "0000"
    book.save(path)
    assert read(path, WANTED)[0] == [(2, "0042", "A", "")]


def test_a_header_stands_below_a_title_and_merged_headings(tmp_path: Path) -> None:
    path = make(
        tmp_path / "a.xlsx",
        [
            ["Children on roll, autumn 2026"],
            [],
            ["Child", None, "Parent", None],
            ["ref", "name", "name", "phone"],
            ["1", "Amy", "Ann", "0113"],
        ],
    )
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("A1:D1")
    book.active.merge_cells("A3:B3")
    book.active.merge_cells("C3:D3")
    book.save(path)
    rows, _, dropped = read(path, ("ref", "Child / name", "Parent / name"))
    assert rows == [(5, "1", "Amy", "Ann")]
    assert dropped == {"phone": 1}


def test_the_profile_names_the_sheet_where_there_are_several(tmp_path: Path) -> None:
    path = make(
        tmp_path / "a.xlsx",
        [["notes"]],
        title="About",
        more={"Children": [["ref", "name", "born"], ["1", "A", ""]]},
    )
    with pytest.raises(WrongColumns, match="several sheets: `About`, `Children`"):
        read(path, WANTED)
    with pytest.raises(WrongColumns, match="has no sheet `Kids`"):
        read(path, WANTED, sheet="Kids")
    assert read(path, WANTED, sheet="Children")[0] == [(2, "1", "A", "")]


def test_a_header_that_does_not_fit_is_told(tmp_path: Path) -> None:
    path = make(tmp_path / "a.xlsx", [["ref", "nome", "born"], ["1", "A", ""]])
    with pytest.raises(WrongColumns, match=r"lacks the columns `name`.*The sheet read is `Children`"):
        read(path, WANTED)
    path = make(tmp_path / "b.xlsx", [["ref", "name", "name", "born"], ["1", "A", "B", ""]])
    with pytest.raises(WrongColumns, match="names `name` more than once"):
        read(path, WANTED)


def test_a_control_character_refuses_its_row_alone(tmp_path: Path) -> None:
    path = make(tmp_path / "a.xlsx", [["ref", "name", "born"], ["1", "AXB", ""], ["2", "B", ""]])
    _rewrite(path, "xl/worksheets/sheet1.xml", lambda text: text.replace(b"AXB", b"A&#x7f;B"))
    _rewrite(path, "xl/sharedStrings.xml", lambda text: text.replace(b"AXB", b"A&#x7f;B"))
    rows, broken, _ = read(path, WANTED)
    assert (rows, broken) == ([(3, "2", "B", "")], [(2, "control-character")])


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = make(tmp_path / "a.xlsx", [["ref", "name", "born"], ["1", "A", ""]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b" " * (64 << 20))
    assert path.stat().st_size < 200_000
    with pytest.raises(UnreadableFile, match="would unpack to 64 MB, as a zip bomb does"):
        read(path, WANTED)


@pytest.mark.parametrize("place", ['r="999999999999"', 'r="3"><c r="XFD3"><v>1</v></c></row><row r="4"'])
def test_a_cell_that_claims_to_be_far_out_costs_nothing(tmp_path: Path, place: str) -> None:
    path = make(tmp_path / "a.xlsx", [["ref", "name", "born"], ["1", "A", ""], ["2", "B", ""]])
    _rewrite(path, "xl/worksheets/sheet1.xml", lambda text: text.replace(b'r="3"', place.encode(), 1))
    rows, _, _ = read(path, WANTED)
    assert rows[0] == (2, "1", "A", "")


def test_a_cell_beyond_what_a_sheet_can_have_is_damage(tmp_path: Path) -> None:
    path = make(tmp_path / "a.xlsx", [["ref", "name", "born"], ["1", "A", ""]])
    _rewrite(path, "xl/worksheets/sheet1.xml", lambda text: text.replace(b'r="A2"', b'r="ZZZZZZ2"', 1))
    with pytest.raises(UnreadableFile, match="cut off or damaged"):
        read(path, WANTED)


def test_entities_in_a_workbook_are_refused(tmp_path: Path) -> None:
    path = make(tmp_path / "a.xlsx", [["ref", "name", "born"], ["1", "A", ""]])
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    _rewrite(path, "xl/worksheets/sheet1.xml", lambda text: laughs + text)
    with pytest.raises(UnreadableFile, match="cut off or damaged"):
        read(path, WANTED)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "an old Excel workbook"),
        (b"PK\x03\x04 and no more", "cut off or damaged"),
    ],
)
def test_what_is_no_readable_workbook_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(UnreadableFile, match=told) as refusal:
        read(write(tmp_path / "a.xlsx", content), WANTED)
    assert "Nothing was loaded" in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "told"),
    [("content.xml", "OpenDocument"), ("xl/workbook.bin", "binary Excel"), ("a.csv", "zip file")],
)
def test_other_zip_files_are_told(tmp_path: Path, name: str, told: str) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(name, "x")
    with pytest.raises(UnreadableFile, match=told):
        read(write(tmp_path / "a.xlsx", held.getvalue()), WANTED)


@pytest.mark.parametrize("keep", [0.3, 0.7, 0.95])
def test_a_cut_off_workbook_is_refused_whole(tmp_path: Path, keep: float) -> None:
    path = make(tmp_path / "a.xlsx", [["ref", "name", "born"], *[[str(at), "A", ""] for at in range(500)]])
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(UnreadableFile, match="cut off or damaged"):
        read(path, WANTED)


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="workbook is empty"):
        read(make(tmp_path / "a.xlsx", []), WANTED)


def _rewrite(path: Path, name: str, change) -> None:  # type: ignore[no-untyped-def]
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, change(content) if part == name else content)
