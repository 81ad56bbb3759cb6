"""From bytes to numbered lines: encodings, binary files, and lines of any length in bounded memory.

Owns the refusal of a file that is not text in the stated encoding; a file is refused whole,
because a wrong encoding spoils names without anybody noticing.
"""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contactpoint.intake.readers.table import UnreadableFile

LONGEST_LINE = 100_000  # characters; no honest row comes near
_BLOCK = 1 << 21
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))
_MAGIC = {
    b"PK\x03\x04": "a zip file or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed (gzip) file",
    b"PAR1": "a Parquet file",
}
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end. `text` is None where it was too long; `ended` is False at a cut-off end."""

    number: int
    text: str | None
    ended: bool = True


def find_encoding(*, path: Path, stated: str) -> str:
    """The encoding to read with: a byte-order mark wins, then the profile; `auto` means UTF-8.

    Raises UnreadableFile for an empty file and for one that is no text.
    """
    try:
        with path.open("rb") as file:
            head = file.read(1 << 16)
    except OSError as error:
        raise UnreadableFile(f"The file cannot be opened: {error.strerror}. Nothing was loaded.") from None
    if not head.strip(b"\x00 \t\r\n"):
        raise UnreadableFile("The file is empty. Nothing was loaded; ask the sender for the file again.")
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            raise UnreadableFile(
                f"The file is {what}, not CSV text. Nothing was loaded; save it as CSV (UTF-8)."
            )
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if stated == "utf-16":
        return "utf-16-le"
    controls = len(head) - len(head.translate(None, delete=_CONTROLS))
    if controls > max(len(head) // 50, 8):
        if head[1::2].count(0) > len(head) // 3 or head[::2].count(0) > len(head) // 3:
            raise UnreadableFile(
                "The file looks like UTF-16 without its mark. Nothing was loaded; "
                'save it as UTF-8, or set encoding = "utf-16" in the profile.'
            )
        raise UnreadableFile("The file is binary, not text. Nothing was loaded; ask the sender for CSV text.")
    return {"auto": "utf-8", "windows-1252": "cp1252"}.get(stated, stated)


def read_lines(*, path: Path, encoding: str) -> Iterator[Line]:
    """Every line with its number from 1, whatever its end. Raises UnreadableFile at the first wrong byte."""
    carry = ""
    number = 0
    dropping = False
    with (
        path.open("rb") as raw,
        io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline=None) as file,
    ):
        while True:
            try:
                text = file.read(_BLOCK)
            except UnicodeError:
                raise UnreadableFile(_wrong_encoding(path, encoding)) from None
            if not text:
                break
            parts = (carry + text).split("\n")
            carry = parts.pop()
            for part in parts:
                number += 1
                yield Line(number, None if dropping or len(part) > LONGEST_LINE else part)
                dropping = False
            if len(carry) > LONGEST_LINE:
                dropping, carry = True, ""
    if carry or dropping:
        yield Line(number + 1, None if dropping else carry, ended=False)


def _wrong_encoding(path: Path, encoding: str) -> str:
    name = {"cp1252": "Windows-1252", "utf-8-sig": "UTF-8"}.get(encoding, encoding.upper())
    line = _first_wrong_line(path, encoding)
    where = f"Line {line} is" if line else "The file is"
    if encoding.startswith("utf-8"):
        advice = 'save it as UTF-8, or set encoding = "windows-1252" in the profile if the sender uses that.'
    else:
        advice = "save it as UTF-8 and set the profile's encoding to auto."
    return f"{where} not {name}. Nothing was loaded; {advice}"


def _first_wrong_line(path: Path, encoding: str) -> int | None:
    """Only a line's own bytes decide in the one-byte and UTF-8 encodings; in UTF-16 they do not."""
    if encoding.startswith("utf-16"):
        return None
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(encoding)
            except UnicodeError:
                return number
    return None
