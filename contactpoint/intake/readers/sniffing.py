"""Which format a file is in, by its first bytes and not by its name."""

import json
import re
import zipfile
from enum import StrEnum
from pathlib import Path

from contactpoint.intake.readers.table import UnreadableFile

HEAD = 1 << 16


class Format(StrEnum):
    """Formats that are read. JSON is one document; NDJSON is one object a line."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    NDJSON = "ndjson"
    JSON = "json"
    XML = "xml"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Format.CSV: "delimited text (CSV)",
    Format.XLSX: "an Excel workbook",
    Format.PARQUET: "a Parquet file",
    Format.NDJSON: "JSON lines (NDJSON)",
    Format.JSON: "a JSON document",
    Format.XML: "an XML document",
}
_UNREAD = {
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed (gzip) file",
    b"7z\xbc\xaf": "a compressed (7-Zip) file",
    b"Rar!": "a compressed (RAR) file",
    b"SQLite format 3": "a database file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"\xef\xbb\xbf": "utf-8"}


def find_format(path: Path) -> Format:
    """Raises UnreadableFile for what is empty, or is known and not read, each with what to do."""
    head = read_head(path)
    for magic, what in _UNREAD.items():
        if head.startswith(magic):
            raise UnreadableFile(
                f"The file is {what}. Nothing was loaded; send the data itself, such as CSV (UTF-8)."
            )
    if head.startswith(b"PAR1"):
        return Format.PARQUET
    if head.startswith(b"PK\x03\x04"):
        return _of_zip(path)
    if head.startswith(_OLD_OFFICE):
        raise UnreadableFile(_of_old_office(path))
    text = _as_text(head).lstrip()
    if text.startswith("<"):
        return Format.XML
    if text.startswith("["):
        return Format.JSON
    return _of_object(text) if text.startswith("{") else Format.CSV


def read_head(path: Path) -> bytes:
    """The first bytes. Raises UnreadableFile where there are none."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise UnreadableFile(f"The file cannot be opened: {error.strerror}. Nothing was loaded.") from None
    if not head.strip(b"\x00 \t\r\n"):
        raise UnreadableFile("The file is empty. Nothing was loaded; ask the sender for the file again.")
    return head


def _of_zip(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        raise UnreadableFile(
            "The file begins as an Excel workbook or zip file and is cut off or damaged. "
            "Nothing was loaded; ask the sender for the file again."
        ) from None
    if "xl/workbook.xml" in names:
        return Format.XLSX
    if "content.xml" in names:
        raise UnreadableFile(
            "The file is an OpenDocument spreadsheet. Nothing was loaded; save it as .xlsx or CSV."
        )
    if "xl/workbook.bin" in names:
        raise UnreadableFile(
            "The file is a binary Excel workbook (.xlsb). Nothing was loaded; save it as .xlsx or CSV."
        )
    raise UnreadableFile("The file is a zip file. Nothing was loaded; unpack it and load what is in it.")


def _of_old_office(path: Path) -> str:
    with path.open("rb") as file:
        is_locked = "EncryptedPackage".encode("utf-16-le") in file.read(1 << 20)
    if is_locked:
        return (
            "The workbook is protected by a password. Nothing was loaded; "
            "save it without one (File, Info, Protect Workbook) and send it over a secure channel."
        )
    return "The file is an old Excel workbook (.xls). Nothing was loaded; save it as .xlsx or CSV."


def _as_text(head: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, errors="ignore")
    if head[:2] in (b"<\x00", b"{\x00", b"[\x00"):
        return head.decode("utf-16-le", errors="ignore")
    return head.decode("utf-8", errors="ignore")


def _of_object(text: str) -> Format:
    """One object a line, or one object (a Bundle perhaps) over many lines or in one very long one."""
    if re.search(r'"resourceType"\s*:\s*"Bundle"', text):
        return Format.JSON
    lines = text.split("\n")
    whole = lines if len(text) < HEAD // 2 else lines[:-1]  # the last may be cut off by the end of the head
    return Format.NDJSON if any(_is_object(line) for line in whole[:50]) else Format.JSON


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict) and line.lstrip().startswith("{")
    except (ValueError, RecursionError):
        return False
