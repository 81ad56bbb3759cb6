"""Parquet: typed columns become the text that a sender would write; what is no single value is refused."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from contactpoint.intake.readers import parquet
from contactpoint.intake.readers.table import UnreadableFile, WrongColumns
from tests.unit.intake.readers.opened import read, write

WANTED = ("ref", "name", "born")


def make(path: Path, **columns: object) -> Path:
    table = {"ref": ["1", "2", None, "4"], "name": ["A", "Zoë", "", "B"], "born": ["", "", "", ""], **columns}
    pq.write_table(pa.table(table), path)
    return path


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (["x", None, "", "y"], ["x", "", "", "y"]),
        ([9434765919, None, 1, 2], ["9434765919", "", "1", "2"]),
        ([9434765919.0, None, 1.5, 2.0], ["9434765919", "", "1.5", "2"]),
        ([date(2016, 5, 24), None, date(2016, 1, 2), None], ["24/05/2016", "", "02/01/2016", ""]),
        ([datetime.fromisoformat("2016-05-24T13:30:00"), None, None, None], ["24/05/2016", "", "", ""]),
        ([True, False, None, True], ["true", "false", "", "true"]),
        ([Decimal("7.10"), None, None, None], ["7.10", "", "", ""]),
        (pa.array(["x", "y", "x", None]).dictionary_encode(), ["x", "y", "x", ""]),
        (pa.nulls(4), ["", "", "", ""]),
    ],
)
def test_every_plain_type_becomes_text(tmp_path: Path, column: object, texts: list[str]) -> None:
    rows, broken, _ = read(make(tmp_path / "file.csv", born=column), WANTED, dates="DD/MM/YYYY")
    assert [(row[0], row[3]) for row in rows] == list(enumerate(texts, start=1))
    assert broken == []


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ([["a"], [], None, ["b"]], "list<"),
        ([{"day": 1}, None, None, None], "struct<"),
        ([b"a", b"", None, b"\xff"], "binary"),
    ],
)
def test_what_is_no_single_value_is_refused_where_it_is_mapped(
    tmp_path: Path, column: object, kind: str
) -> None:
    with pytest.raises(WrongColumns, match=f"`born` \\({kind}.*Nothing was loaded"):
        read(make(tmp_path / "a.parquet", born=column), WANTED)
    assert len(read(make(tmp_path / "b.parquet", other=column), WANTED)[0]) == 4


def test_other_columns_are_never_read(tmp_path: Path) -> None:
    rows, _, dropped = read(make(tmp_path / "a.parquet", ethnicity=["CANARY"] * 4), WANTED)
    assert dropped == {"ethnicity": 4}
    assert "CANARY" not in str(rows)


def test_a_control_character_refuses_its_row_alone(tmp_path: Path) -> None:
    rows, broken, _ = read(make(tmp_path / "a.parquet", born=["\x00", "a", "b\x1f", ""]), WANTED)
    assert [row[0] for row in rows] == [2, 4]
    assert broken == [(1, "control-character"), (3, "control-character")]


def test_missing_columns_are_told(tmp_path: Path) -> None:
    with pytest.raises(WrongColumns, match="lacks the columns `upn`"):
        read(make(tmp_path / "a.parquet"), (*WANTED, "upn"))


@pytest.mark.parametrize("keep", [4, 100, -1, -9])
def test_a_cut_off_file_is_refused_whole(tmp_path: Path, keep: int) -> None:
    content = make(tmp_path / "a.parquet").read_bytes()
    with pytest.raises(UnreadableFile, match=r"cut off or damaged.*Nothing was loaded"):
        read(write(tmp_path / "b.parquet", content[:keep]), WANTED)


def test_a_damaged_file_is_refused_whole(tmp_path: Path) -> None:
    content = bytearray(make(tmp_path / "a.parquet").read_bytes())
    content[20:60] = b"\xff" * 40
    with pytest.raises(UnreadableFile, match="cut off or damaged"):
        read(write(tmp_path / "b.parquet", bytes(content)), WANTED)


def test_a_part_that_unpacks_beyond_the_bound_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "MOST_GROUP", 1000)
    with pytest.raises(UnreadableFile, match="would unpack"):
        read(make(tmp_path / "a.parquet", name=[str(at) * 1000 for at in range(4)]), WANTED)
