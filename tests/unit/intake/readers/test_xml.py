"""XML: only mapped elements are ever held; hostile files are refused in bounded memory, with a sentence."""

import tracemalloc
from pathlib import Path

import pytest

from contactpoint.intake.readers.opening import open_table
from contactpoint.intake.readers.table import Form, UnreadableFile, WrongColumns
from tests.unit.intake.readers.opened import ON, read, write

WANTED = ("UPN", "Name.Surname", "Phones.Phone[Type=H|*].No", "/Header.School.URN", "@id")
FORM = {"format": "xml", "records": ("Pupils.Pupil", "Leavers.Pupil")}
AMY = """<Pupil id="p1" other="CANARY"><UPN>H1</UPN><Name><Surname>Scott</Surname><Faith>CANARY</Faith></Name>
<Phones><Phone><Type>M</Type><No>07</No></Phone><Phone><Type>H</Type><No>0113</No></Phone></Phones>
<Ethnicity>CANARY</Ethnicity><SENhistory><SEN><Need>CANARY</Need></SEN><SEN>CANARY</SEN></SENhistory></Pupil>"""
BEA = "<Pupil><UPN>H2</UPN><Name><Surname>Zoë</Surname></Name></Pupil>"
HEADER = "<Header><School><URN> 900001 </URN><Name>CANARY</Name></School><URN>CANARY</URN></Header>"


def document(*pupils: str, header: str = HEADER, start: str = "") -> str:
    return (
        f"{start}<File>{header}\n<Pupils>\n{''.join(f'{each}{chr(10)}' for each in pupils)}</Pupils></File>"
    )


def test_of_each_record_only_what_is_mapped_is_held(tmp_path: Path) -> None:
    rows, broken, dropped = read(write(tmp_path / "a.csv", document(AMY, BEA)), WANTED, **FORM)
    assert rows == [(3, "H1", "Scott", "0113", "900001", "p1"), (6, "H2", "Zoë", "", "900001", "")]
    assert broken == []
    assert dropped == {"Name.Faith": 1, "Ethnicity": 1, "SENhistory.SEN.Need": 1, "SENhistory.SEN": 1}


def test_records_may_have_several_paths_and_a_namespace(tmp_path: Path) -> None:
    text = f'<File xmlns="urn:x"><Leavers>{BEA}</Leavers><Staff><Pupil><UPN>no</UPN></Pupil></Staff></File>'
    assert [row[1] for row in read(write(tmp_path / "a.xml", text), ("UPN",), **FORM)[0]] == ["H2"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252", "iso-8859-1"])
def test_the_declared_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    start = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    rows, _, _ = read(write(tmp_path / "a.xml", document(BEA, start=start).encode(encoding)), WANTED, **FORM)
    assert rows[0][2] == "Zoë"


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip


@pytest.mark.parametrize(
    "start",
    [
        LAUGHS,
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_a_document_type_is_refused(tmp_path: Path, start: str) -> None:
    text = document("<Pupil><UPN>&a;</UPN></Pupil>", start=start)
    with pytest.raises(UnreadableFile, match=r"declares a document type or entities.*Nothing was loaded"):
        read(write(tmp_path / "a.xml", text), WANTED, **FORM)


@pytest.mark.parametrize(
    "text",
    [
        document(AMY)[:-30],
        document("<Pupil><UPN>&unknown;</UPN></Pupil>"),
        document("<Pupil><UPN>a < b</UPN></Pupil>"),
        document(BEA).encode("cp1252"),
        b"<?xml version='1.0' encoding='ebcdic-42'?><File/>",
        document(BEA) + "rest",
    ],
)
def test_a_damaged_document_is_refused_whole(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(
        UnreadableFile, match=r"cut off, damaged or in a wrong encoding at .*Nothing was loaded"
    ):
        read(write(tmp_path / "a.xml", text), WANTED, **FORM)


def test_a_document_without_the_record_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"has no element `Pupils.Pupil` or `Leavers.Pupil`"):
        read(write(tmp_path / "a.xml", "<File><Children/></File>"), WANTED, **FORM)
    with pytest.raises(WrongColumns, match="set `records`"):
        read(write(tmp_path / "a.xml", document(BEA)), WANTED)


def test_an_element_where_a_value_should_be_refuses_its_row_alone(tmp_path: Path) -> None:
    rows, broken, _ = read(write(tmp_path / "a.xml", document(AMY, BEA)), ("Name",), **FORM)
    assert [row[1] for row in rows] == ["", ""]  # what stands in the unmapped elements is not a value
    rows, broken, _ = read(write(tmp_path / "a.xml", document(AMY, BEA)), ("Name", "Name.Surname"), **FORM)
    assert (rows, broken) == ([], [(3, "wrong-shape"), (6, "wrong-shape")])


@pytest.mark.parametrize("piece", ["x", "<b>x</b>"])
def test_a_value_without_end_refuses_its_row_in_bounded_memory(tmp_path: Path, piece: str) -> None:
    path = tmp_path / "a.xml"
    with path.open("wb") as file:
        file.write(document(BEA)[:-16].encode() + b"<Pupil><UPN>")
        for _ in range(4):
            file.write(piece.encode() * ((1 << 20) // len(piece)))
        file.write(b"</UPN></Pupil><Pupil><UPN>H3</UPN></Pupil></Pupils></File>")
    tracemalloc.start()
    rows, broken, _ = read(path, ("UPN",), **FORM)
    assert tracemalloc.get_traced_memory()[1] < 3 << 20
    tracemalloc.stop()
    assert [row[1] for row in rows if row[1].startswith("H")] == ["H2", "H3"]
    assert [problem for _, problem in broken] == (["too-long"] if piece == "x" else [])


def test_a_name_without_end_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    with path.open("wb") as file:
        file.write(b'<File><Pupils><Pupil id="')
        for _ in range(32):
            file.write(b"x" * (1 << 20))
    with pytest.raises(UnreadableFile, match="without end"):
        read(path, WANTED, **FORM)


def test_nesting_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="nested more than 100 deep"):
        read(write(tmp_path / "a.xml", "<File>" * 100_000), WANTED, **FORM)


def test_a_long_document_needs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    with path.open("w") as file:
        file.write(f"<File>{HEADER}<Pupils>")
        for _ in range(1_000):
            file.write(AMY)
        file.write("</Pupils></File>")
    tracemalloc.start()
    rows = 0
    for chunk in open_table(path=path, wanted=WANTED, form=Form(**FORM), on=ON).chunks(1000):
        rows += chunk.frame.height
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()
    assert rows == 1_000
