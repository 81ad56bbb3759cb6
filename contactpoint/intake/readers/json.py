"""Reads JSON: one object a line (NDJSON, RFC 8259 objects), or one document with the children in a list.

FHIR R4 (hl7.org/fhir/R4, resources Patient and Bundle) is such a document, or lines as of Bulk Data export:
of a Bundle the Patients are read, and other resources are counted by their kind and left unread.
A document is read as a stream (ijson), an entry at a time; a line or entry longer than the bound is not held.
Numbers stay as they are written.
"""

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import ijson

from contactpoint.intake.readers.nested import Found
from contactpoint.intake.readers.table import BrokenRow, Dropped, UnreadableFile
from contactpoint.intake.readers.text import find_encoding, read_lines

LONGEST_ENTRY = 8 << 20  # bytes of one entry of a document
_BLOCK = 1 << 16
PATIENT, BUNDLE = "Patient", "Bundle"


def read_ndjson(*, path: Path, encoding: str) -> Iterator[Found]:
    """Each line's object with its line number; a line that is none is broken alone."""
    found = find_encoding(path=path, stated=encoding)
    for line in read_lines(path=path, encoding=found):
        if line.text is None:
            yield BrokenRow(line.number, "too-long")
        elif line.text.strip():
            try:
                record = json.loads(line.text, parse_int=str, parse_float=str)
            except (ValueError, RecursionError):
                yield BrokenRow(line.number, "not-json" if line.ended else "cut-off")
                continue
            yield (line.number, record) if isinstance(record, dict) else BrokenRow(line.number, "not-json")


def read_document(*, path: Path, member: str) -> Iterator[Found]:
    """The objects of a list in a document, numbered from 1. `member` is the list's path; '' is the whole.

    Raises UnreadableFile.
    """
    with path.open("rb") as raw:
        file = _Bounded(raw)
        prefix = f"{member}.item" if member else ("item" if _is_list(path) else "")
        try:
            for number, record in enumerate(ijson.items(file, prefix), start=1):
                file.since = 0
                yield (number, record) if isinstance(record, dict) else BrokenRow(number, "not-json")
        except ijson.IncompleteJSONError:
            raise UnreadableFile(
                "The JSON document is cut off or damaged. "
                "Nothing was loaded; ask the sender for the file again."
            ) from None
        except (ijson.JSONError, UnicodeError, ValueError, RecursionError):
            raise UnreadableFile(
                "The file is no JSON document in UTF-8. "
                "Nothing was loaded; ask the sender for the file again."
            ) from None


def read_fhir(*, path: Path, lines: bool, encoding: str, counted: Dropped) -> Iterator[Found]:
    """The Patients of a Bundle, of a list, of lines or alone. Counts other resources by kind."""
    if lines:
        resources = read_ndjson(path=path, encoding=encoding)
    else:
        resources = read_document(path=path, member="entry" if _is_bundle(path) else "")
    for found in resources:
        if isinstance(found, BrokenRow):
            yield found
            continue
        number, resource = found
        for each in _unpack(resource):
            kind = each.get("resourceType") if isinstance(each, dict) else None
            if kind == PATIENT:
                del each["resourceType"]  # read; not to be counted as dropped
                yield number, each
            else:
                counted.count(f"resource {kind}" if _is_kind(kind) else "entry without a resource")


def _unpack(resource: Any) -> Iterator[Any]:
    """A resource from an entry of a Bundle, or a Bundle that is itself a line."""
    if isinstance(resource, dict) and "resourceType" not in resource and "resource" in resource:
        yield resource["resource"]
    elif isinstance(resource, dict) and resource.get("resourceType") == BUNDLE:
        for entry in resource.get("entry") or []:
            yield from _unpack(entry)
    else:
        yield resource


def _is_kind(kind: object) -> bool:
    """Whether it looks like a resource's kind and not like somebody's value."""
    return isinstance(kind, str) and kind.isascii() and kind.isalpha() and len(kind) < 50


def _is_bundle(path: Path) -> bool:
    """Whether the document's outermost object is a Bundle, or has entries as one has."""
    with path.open("rb") as raw:
        try:
            for prefix, event, value in ijson.parse(_Bounded(raw)):
                if prefix == "resourceType" and event == "string":
                    return bool(value == BUNDLE)
                if prefix == "entry" and event == "start_array":
                    return True
        except (ijson.JSONError, UnicodeError):
            return False
    return False


def _is_list(path: Path) -> bool:
    with path.open("rb") as raw:
        return raw.read(1 << 10).removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"[")


@dataclass(slots=True)
class _Bounded:
    """A file that says no when an entry grows beyond the bound, before it is all in memory."""

    file: BinaryIO
    since: int = 0
    is_begun: bool = False

    def read(self, size: int = -1) -> bytes:
        if self.since > LONGEST_ENTRY:
            raise UnreadableFile(
                f"An entry is longer than {LONGEST_ENTRY >> 20} MB. "
                "Nothing was loaded; send one entry for each child."
            )
        data = self.file.read(size if 0 <= size < _BLOCK else _BLOCK)
        if not self.is_begun:
            data, self.is_begun = data.removeprefix(codecs.BOM_UTF8), bool(data)
        self.since += len(data)
        return data
