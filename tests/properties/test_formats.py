"""The same rows are read alike, whichever format they come in."""

import csv
import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

import openpyxl
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from contactpoint.errors import Invalid
from contactpoint.intake.readers.opening import open_table
from contactpoint.intake.readers.table import Form

NAMES = ("ref", "name", "note")
# Any text that every format can hold: no control characters, and no formula of a workbook.
CELL = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff\u2028\u2029"), max_size=20
).filter(lambda text: text == text.strip() and not text.startswith(("=", "#")))
ROWS = st.lists(st.tuples(st.text("ABC123", min_size=1, max_size=5), CELL, CELL), min_size=1, max_size=6)


def write_all(folder: Path, rows: list[tuple[str, ...]]) -> dict[str, tuple[Path, Form]]:
    paths = {name: folder / name for name in ("csv", "xlsx", "parquet", "ndjson", "json", "xml")}
    with paths["csv"].open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([NAMES, *rows])
    book = openpyxl.Workbook()
    for row in [NAMES, *rows]:
        book.active.append(row)
    book.save(paths["xlsx"])
    pl.DataFrame(rows, schema=dict.fromkeys(NAMES, pl.String), orient="row").write_parquet(paths["parquet"])
    said = [dict(zip(NAMES, row, strict=True)) for row in rows]
    paths["ndjson"].write_text("".join(json.dumps(each) + "\n" for each in said))
    paths["json"].write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    records = "".join(
        "<R>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in each.items()) + "</R>"
        for each in said
    )
    paths["xml"].write_text(f"<F>{records}</F>", encoding="utf-8")
    return {name: (path, Form(records=("R",) if name == "xml" else ())) for name, path in paths.items()}


@settings(max_examples=20, deadline=None)
@given(ROWS)
def test_every_format_gives_the_same_rows(rows: list[tuple[str, ...]]) -> None:
    with TemporaryDirectory() as folder:
        for name, (path, form) in write_all(Path(folder), rows).items():
            reader = open_table(path=path, wanted=NAMES, form=form, on=date(2026, 10, 5))
            read = [row[1:] for chunk in reader.chunks(2) for row in chunk.frame.iter_rows()]
            assert read == rows, name


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"PK\x03\x04", b"PAR1", b"{", b"[", b"<F>", b"ref,name,note\n"]),
)
def test_no_bytes_whatever_give_more_than_a_sentence(content: bytes, start: bytes) -> None:
    told = "Read."
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(start + content)
        try:
            reader = open_table(path=path, wanted=NAMES, form=Form(records=("R",)), on=date(2026, 10, 5))
            for chunk in reader.chunks(10):
                assert chunk.frame.columns == ["row", *NAMES]
        except Invalid as refusal:
            told = str(refusal)
    assert told.endswith((".", "?"))
