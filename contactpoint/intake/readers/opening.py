"""Opens a file with the reader that its content asks for, as the profile says (never by its name alone)."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from contactpoint.intake.readers.csv import open_csv
from contactpoint.intake.readers.json import read_document, read_fhir, read_ndjson
from contactpoint.intake.readers.nested import NestedReader
from contactpoint.intake.readers.parquet import open_parquet
from contactpoint.intake.readers.paths import WrongPath, name_tree, parse_path
from contactpoint.intake.readers.sniffing import Format, find_format
from contactpoint.intake.readers.table import Form, Reader, UnreadableFile, WrongColumns
from contactpoint.intake.readers.xlsx import open_xlsx
from contactpoint.intake.readers.xml import read_xml

AUTO, FHIR = "auto", "fhir"
FORMATS = (AUTO, FHIR, *Format)
NESTED = (FHIR, Format.NDJSON, Format.JSON, Format.XML)
_FITS = {FHIR: (Format.JSON, Format.NDJSON)}


def open_table(*, path: Path, wanted: Sequence[str], form: Form, on: date) -> Reader:
    """The reader of this file. `on` decides which of several things is current.

    Raises UnreadableFile, WrongColumns.
    """
    found = find_format(path)
    if form.format != AUTO and found not in _FITS.get(form.format, (form.format,)):
        said = "FHIR in JSON" if form.format == FHIR else Format(form.format).words
        raise UnreadableFile(
            f"The profile expects {said}, and the file is {found.words}. Nothing was loaded; "
            "check that the file and the profile belong together, or change `format` in the profile."
        )
    if found is Format.CSV:
        return open_csv(path=path, wanted=wanted, delimiter=form.delimiter, encoding=form.encoding)
    if found is Format.XLSX:
        return open_xlsx(path=path, wanted=wanted, sheet=form.sheet, dates=form.dates)
    if found is Format.PARQUET:
        return open_parquet(path=path, wanted=wanted, dates=form.dates)
    try:
        return _open_nested(path, tuple(wanted), form, found, on)
    except WrongPath as error:
        raise WrongColumns(
            f"The file is {found.words}, for which the profile is not written. {error}"
        ) from None


def _open_nested(path: Path, wanted: tuple[str, ...], form: Form, found: Format, on: date) -> NestedReader:
    paths = [parse_path(each) for each in wanted]
    reader = NestedReader(wanted, iter(()), on, "The file holds no record.")
    if form.format == FHIR:
        reader.nothing_found = "The file holds no FHIR Patient."
        reader.records = read_fhir(
            path=path, lines=found is Format.NDJSON, encoding=form.encoding, counted=reader.counted
        )
    elif found is Format.NDJSON:
        reader.records = read_ndjson(path=path, encoding=form.encoding)
    elif found is Format.JSON:
        member = form.records[0] if form.records else ""
        reader.nothing_found = f"The document has no list `{member}`." if member else "The list is empty."
        reader.records = read_document(path=path, member=member)
    else:
        if not form.records:
            raise WrongColumns(
                "The file is an XML document, and the profile does not say which element is one child: "
                "set `records` under [file]. Nothing was loaded."
            )
        listed = " or ".join(f"`{each}`" for each in form.records)
        reader.nothing_found = f"The XML has no element {listed}: is it another format, or another year's?"
        reader.counts_members = False  # the XML reader counts while it reads
        reader.records = read_xml(
            path=path,
            records=form.records,
            tree=name_tree([each for each in paths if not each.is_outside]),
            outside_tree=name_tree([each for each in paths if each.is_outside]),
            outside=reader.outside,
            counted=reader.counted,
        )
    return reader
