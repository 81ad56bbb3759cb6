"""Writes small suppliers' files for tests and loads them by the same path as real ones."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connections

from contactpoint.audit.records import Actor
from contactpoint.codes.authorities import AUTHORITIES
from contactpoint.directory.opening_up import open_authorities
from contactpoint.intake.actions import load_file
from contactpoint.intake.profiles import get_profile
from contactpoint.intake.records import LoadReport
from contactpoint.progress import Progress, no_progress

US = Actor(account_id=None, organisation_id=None, door="command")
DATABASES = ["default", "match", "owner"]
TABLES = (
    "directory_child",
    "directory_suppliedrow",
    "directory_searchname",
    "directory_name",
    "hidden.supplied_row",
    "hidden.shield",
    "hidden.sensitive_involvement",
    "hidden.waiting_row",
    "hidden.blocking_key",
    "hidden.row_effect",
)

AMY = {
    "ref": "A1",
    "pername1": "AMY",
    "pername2": "HARGREAVES",
    "sex": "F",
    "dob_day": "24",
    "dob_mon": "5",
    "dob_year": "2016",
    "enumcap": "1 YORK ROAD",
    "enumpc": "M192EQ",
}
NHS = {
    "RECORD_ID": "N1",
    "NHS_NUMBER": "9434765919",
    "GIVEN_NAMES": "Amy",
    "FAMILY_NAME": "Hargreaves",
    "BIRTH_DATE": "2016-05-24",
    "GENDER": "2",
    "ADDRESS_1": "1 York Road",
    "TOWN": "Manchester",
    "POSTCODE": "M19 2EQ",
    "CONFIDENTIALITY": "",
}


def write_file(path: Path, rows: list[dict[str, str]], *, supplier: str = "ess-list-a") -> Path:
    """A file as this supplier would send it; columns that a row lacks are empty."""
    profile = get_profile(name=supplier)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, profile.columns, delimiter=profile.delimiter, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def load_rows(
    folder: Path,
    rows: list[dict[str, str]],
    *,
    at: datetime,
    supplier: str = "ess-list-a",
    progress: Progress = no_progress,
) -> LoadReport:
    path = write_file(folder / f"{supplier}.csv", rows, supplier=supplier)
    return load(path, at=at, supplier=supplier, progress=progress)


def load(path: Path, *, at: datetime, supplier: str, progress: Progress = no_progress) -> LoadReport:
    return load_file(path=path, profile=get_profile(name=supplier), by=US, at=at, progress=progress)


def open_everywhere(*, at: datetime) -> None:
    """Every authority has closed its shielding window, so that children can be found."""
    on = at.date()
    codes = [code for code, authority in AUTHORITIES.items() if authority.is_current(on)]
    open_authorities(codes=codes, on=on, by=US, at=at)


def ask(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Rows of a query as the role `match`, which sees both sides."""
    with connections["match"].cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def contents() -> dict[str, list[tuple[Any, ...]]]:
    """All that the directory holds, to compare before and after."""
    return {table: sorted(ask(f"SELECT t::text FROM {table} t")) for table in TABLES}
