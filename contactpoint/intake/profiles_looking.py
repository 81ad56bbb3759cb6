"""What is in a supplier's file, for whoever writes its profile: format, columns, some values of each.

The values stay in memory and go nowhere: what is shown of them is their shape.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import ijson
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from contactpoint.intake.profiles_synonyms import looks_like_a_value
from contactpoint.intake.readers.csv import open_csv
from contactpoint.intake.readers.json import read_document, read_ndjson
from contactpoint.intake.readers.opening import FHIR, open_table
from contactpoint.intake.readers.parquet import read_schema
from contactpoint.intake.readers.paths import WrongPath, parse_path
from contactpoint.intake.readers.sniffing import Format, find_format, read_head
from contactpoint.intake.readers.table import BrokenRow, Form, UnreadableFile
from contactpoint.intake.readers.xlsx import read_header

SAMPLE = 1000  # rows
_DELIMITERS = (",", ";", "\t", "|")
_KNOWN_ROOTS = {
    "CTfile": "common_transfer_file",
    "ATfile": "common_transfer_file",
    "Message": "school_census_xml",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column, or one path of a nested format, with its values in the first rows."""

    name: str
    values: tuple[str, ...]

    @property
    def filled(self) -> tuple[str, ...]:
        return tuple(text for value in self.values if (text := value.strip()))


@dataclass(frozen=True, slots=True)
class Looked:
    """A file's form and columns. `known` is a profile of the program that reads this very format, or ''."""

    format: Format
    form: Form
    columns: tuple[Column, ...]
    known: str = ""


def look_at_file(*, path: Path, sheet: str, on: date) -> Looked:
    """The form and the columns of a file that nobody has described yet.

    Raises UnreadableFile, WrongColumns.
    """
    found = find_format(path)
    if found is Format.CSV:
        return _look_at_csv(path, on)
    if found is Format.XLSX:
        name, header = read_header(path=path, sheet=sheet)
        return _sampled(path, found, Form(sheet=name if sheet else ""), _once(header), on)
    if found is Format.PARQUET:
        return _sampled(path, found, Form(), list(read_schema(path)), on)
    if found is Format.XML:
        return _look_at_xml(path, on)
    return _look_at_json(path, found, on)


def _sampled(path: Path, found: Format, form: Form, names: list[str], on: date) -> Looked:
    if any(looks_like_a_value(name) for name in names):
        raise UnreadableFile(
            "The first line looks like values and not like names of columns. Nothing was read further; "
            "ask the sender for a header line."
        )
    reader = open_table(path=path, wanted=names, form=form, on=on)
    frame = next((chunk.frame for chunk in reader.chunks(SAMPLE)), None)
    if frame is None:
        raise UnreadableFile("The file has column names and no rows: there is nothing to go by.")
    columns = tuple(Column(name, tuple(frame[name].to_list())) for name in names)
    return Looked(found, form, columns)


def _once(header: tuple[str, ...]) -> list[str]:
    return [name for name in dict.fromkeys(header) if name and header.count(name) == 1]


def _look_at_csv(path: Path, on: date) -> Looked:
    form = Form(encoding=_encoding(path))
    headers = {
        delimiter: open_csv(path=path, wanted=(), delimiter=delimiter, encoding=form.encoding).header
        for delimiter in _DELIMITERS
    }
    delimiter = max(_DELIMITERS, key=lambda each: (len(headers[each]), -_DELIMITERS.index(each)))
    return _sampled(path, Format.CSV, replace(form, delimiter=delimiter), _once(headers[delimiter]), on)


def _encoding(path: Path) -> str:
    head = read_head(path)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "auto"
    if head[1::2].count(0) > len(head) // 3:
        return "utf-16"
    with path.open("rb") as file:
        try:
            for line in iter(lambda: file.readline(1 << 20), b""):
                line.decode()
        except UnicodeError:
            return "windows-1252"
    return "auto"


def _look_at_json(path: Path, found: Format, on: date) -> Looked:
    member = _list_of(path) if found is Format.JSON else ""
    form = Form(format=found.value, records=(member,) if member else ())
    records = read_ndjson(path=path, encoding="auto") if found is Format.NDJSON else None
    some = [
        each[1]
        for each in islice(records or read_document(path=path, member=member), SAMPLE)
        if not isinstance(each, BrokenRow)
    ]
    if any("resourceType" in each or "resourceType" in (each.get("resource") or {}) for each in some):
        return Looked(found, Form(format=FHIR), (), "fhir_patient")
    names = list(dict.fromkeys(name for record in some for name in _leaves(record, "")))
    return _sampled(path, found, form, [name for name in names if _is_path(name)], on)


def _list_of(path: Path) -> str:
    """The path of the first list of objects in a document; '' where the document is such a list."""
    with path.open("rb") as file:
        try:
            before = ("", "")
            for prefix, event, _ in ijson.parse(file):
                if event == "start_map" and before[1] == "start_array":
                    return before[0]
                before = (str(prefix), str(event))
        except ijson.JSONError:
            return ""
    return ""


def _leaves(node: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for name, below in node.items():
        first = below[0] if isinstance(below, list) and below else below
        if isinstance(first, Mapping):
            yield from _leaves(first, f"{prefix}{name}.")
        elif not isinstance(first, list):
            yield f"{prefix}{name}"


def _is_path(name: str) -> bool:
    try:
        parse_path(name)
    except WrongPath:
        return False
    return "|" not in name


def _look_at_xml(path: Path, on: date) -> Looked:
    root, record, names = _repeated_element(path)
    if root in _KNOWN_ROOTS:
        return Looked(Format.XML, Form(format="xml"), (), _KNOWN_ROOTS[root])
    if root in ("Patient", "Bundle"):
        raise UnreadableFile("The file is FHIR in XML, which is not read. Ask the sender for FHIR in JSON.")
    if not record:
        raise UnreadableFile("The XML has no element that repeats and has values: there is nothing to go by.")
    return _sampled(path, Format.XML, Form(format="xml", records=(record,)), names, on)


def _repeated_element(path: Path) -> tuple[str, str, list[str]]:
    """The root's name, the path of the element that has most values in it, and the paths of those values."""
    open_names: list[str] = []
    is_leaf = False
    below: dict[tuple[str, ...], dict[str, None]] = {}
    times: dict[tuple[str, ...], int] = {}
    try:
        for seen, (event, element) in enumerate(iterparse(path, events=("start", "end"), forbid_dtd=True)):
            if event == "start":
                open_names.append(element.tag.rpartition("}")[2])
                times[tuple(open_names)] = times.get(tuple(open_names), 0) + 1
                is_leaf = True
                continue
            if is_leaf:
                for depth in range(1, len(open_names)):
                    held = below.setdefault(tuple(open_names[:depth]), {})
                    held[".".join(open_names[depth:])] = None
            is_leaf = False
            open_names.pop()
            element.clear()
            if seen > SAMPLE * 200:
                break
    except (DefusedXmlException, ParseError, ValueError):
        raise UnreadableFile(
            "The XML is damaged, or declares a document type or entities. Nothing was read."
        ) from None
    root = next(iter(times), ("",))[0]
    several = [each for each in below if len(each) > 1 and (times[each] > 1 or len(below[each]) > 3)]
    best = max(several, key=lambda each: (times[each] > 1, len(below[each]), -len(each)), default=())
    names = [name for name in below.get(best, {}) if re.fullmatch(r"[^\[\]|]+", name)]
    return root, ".".join(best[1:]) if len(best) > 1 else "", names
