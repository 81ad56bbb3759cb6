"""Reading files as they come: broken rows are refused alone, unusable files whole, and nothing is lost."""

from pathlib import Path

import pytest

from contactpoint.intake.readers.csv import open_csv
from contactpoint.intake.readers.table import UnreadableFile, WrongColumns

WANTED = ("ref", "name", "town")
HEADER = "ref,name,town\n"


def read(path: Path, *, delimiter: str = ",", encoding: str = "auto", size: int = 3):  # type: ignore[no-untyped-def]
    reader = open_csv(path=path, wanted=WANTED, delimiter=delimiter, encoding=encoding)
    rows, broken = [], []
    for chunk in reader.chunks(size):
        rows += list(chunk.frame.iter_rows())
        broken += [(each.row, each.problem) for each in chunk.broken]
    return rows, broken


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("content", "rows", "broken"),
    [
        ("1,A,B\n2,C,D\n", [(2, "1", "A", "B"), (3, "2", "C", "D")], []),
        ("1,A,B\r\n\r\n2,C,D", [(2, "1", "A", "B"), (4, "2", "C", "D")], []),
        ('1,"A, B",C\n', [(2, "1", "A, B", "C")], []),
        ('1,"A ""x"" B",C\n', [(2, "1", 'A "x" B', "C")], []),
        ('1,"A\nB",C\n2,D,E\n', [(2, "1", "A\nB", "C"), (4, "2", "D", "E")], []),
        ('1,O"Brien,C\n', [(2, "1", 'O"Brien', "C")], []),
        ('1,"A,B\n2,C,D\n3,E,F\n', [(3, "2", "C", "D"), (4, "3", "E", "F")], [(2, "half-quoted")]),
        ('1,"A,B\n2,"C",D\n3,E,F\n', [(3, "2", "C", "D"), (4, "3", "E", "F")], [(2, "half-quoted")]),
        ('1,"A,B\n2,C,"D\n3,E,F\n', [(4, "3", "E", "F")], [(2, "half-quoted"), (3, "half-quoted")]),
        ('1,"A"x,B\n2,C,D\n', [(3, "2", "C", "D")], [(2, "half-quoted")]),
        # Empty values in quotation marks, and what only looks like one.
        ('1,"",""\n2,"",D\n', [(2, "1", "", ""), (3, "2", "", "D")], []),
        ('1,""x,B\n2,"C,"",E",D\n', [(3, "2", 'C,",E', "D")], [(2, "half-quoted")]),
        ("1,A\n2,C,D\n", [(3, "2", "C", "D")], [(2, "too-few-columns")]),
        ("1,A,B,C\n2,C,D\n", [(3, "2", "C", "D")], [(2, "too-many-columns")]),
        ("1,A,B\n2,C", [(2, "1", "A", "B")], [(3, "cut-off")]),
        ("1,A\x00,B\n2,C,D\n", [(3, "2", "C", "D")], [(2, "control-character")]),
        (f"1,{'A' * 10_000_000},B\n2,C,D\n", [(3, "2", "C", "D")], [(2, "too-long")]),
        (f'1,"{"A" * 10_000_000}",B\n2,C,D\n', [(3, "2", "C", "D")], [(2, "too-long")]),
        ("1,😀,東京\n", [(2, "1", "😀", "東京")], []),
    ],
)
def test_a_broken_row_is_refused_alone(
    tmp_path: Path, content: str, rows: list[object], broken: list[object]
) -> None:
    assert read(write(tmp_path, HEADER + content)) == (rows, broken)


def test_a_quotation_mark_left_open_swallows_nothing_of_a_long_file(tmp_path: Path) -> None:
    lines = [f"{number},A,B" for number in range(500)]
    lines[100] = '100,"A,B'
    rows, broken = read(write(tmp_path, HEADER + "\n".join(lines) + "\n"), size=50)
    assert broken == [(102, "half-quoted")]
    assert [row[1] for row in rows] == [str(number) for number in range(500) if number != 100]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("﻿" + HEADER + "1,Zoë,B\n", "auto"),
        ((HEADER + "1,Zoë,B\n").encode("utf-16"), "auto"),
        ((HEADER + "1,Zoë,B\n").encode("utf-16-le"), "utf-16"),
        ((HEADER + "1,Zoë,B\n").encode("cp1252"), "windows-1252"),
    ],
)
def test_every_stated_encoding_is_read(tmp_path: Path, content: str | bytes, encoding: str) -> None:
    assert read(write(tmp_path, content), encoding=encoding) == ([(2, "1", "Zoë", "B")], [])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The file is empty"),
        (b"\n\n \n", "The file is empty"),
        (b"PK\x03\x04rest", "an Excel workbook"),
        (b"%PDF-1.7", "a PDF"),
        (bytes(range(256)) * 20, "The file is binary"),
        ((HEADER + "1,Zoe,B\n").encode("utf-16-le"), "looks like UTF-16"),
        ((HEADER + "1,A,B\n2,Zoë,B\n").encode("cp1252"), "Line 3 is not UTF-8.*windows-1252"),
        (b"ref,na\x01me,town\n1,A,B\n", "not a header"),
    ],
)
def test_a_file_that_is_no_text_is_refused_whole(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(UnreadableFile, match=told) as refusal:
        read(write(tmp_path, content))
    assert "Nothing was loaded" in str(refusal.value)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("ref,town\n", "lacks the columns `name`"),
        ("ref;name;town\n", "separated by semicolons"),
        ("ref\tname\ttown\n", "separated by tabs"),
        ("ref,name,town,name\n", "names `name` more than once"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(tmp_path: Path, header: str, told: str) -> None:
    with pytest.raises(WrongColumns, match=told):
        read(write(tmp_path, header + "1,A,B\n"))


def test_columns_that_no_profile_maps_are_never_kept(tmp_path: Path) -> None:
    path = write(tmp_path, "ref,name,ethnicity,town\n1,A,SECRET,B\n")
    reader = open_csv(path=path, wanted=WANTED, delimiter=",", encoding="auto")
    (chunk,) = reader.chunks(10)
    assert reader.dropped == {"ethnicity": 1}
    assert chunk.frame.columns == ["row", *WANTED]
