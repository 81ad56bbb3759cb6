"""What a measurement writes past the actions names every column that its table insists on."""

import re
from pathlib import Path

from django.apps import apps
from django.db.models import NOT_PROVIDED, Field

from contactpoint.jobs.bench import nightly, workforce

INSERT = re.compile(r"INSERT INTO (\w+)\s*\(([^)]*)\)")
TABLES = {model._meta.db_table: model for model in apps.get_models()}


def _required(table: str) -> set[str]:
    fields = (one for one in TABLES[table]._meta.concrete_fields if isinstance(one, Field))
    return {
        str(one.column)
        for one in fields
        if not (one.null or one.primary_key) and one.db_default is NOT_PROVIDED
    }


def test_every_insert_names_what_its_table_insists_on() -> None:
    seen: set[str] = set()
    for module in (workforce, nightly):
        text = Path(str(module.__file__)).read_text().replace("{child}", nightly._CHILD)
        for table, listed in INSERT.findall(re.sub(r'"\s*\n\s*"', "", text)):
            if table in TABLES:
                seen.add(table)
                named = {column.strip() for column in listed.split(",")}
                assert _required(table) <= named, f"{table}: {sorted(_required(table) - named)}"
    assert {"access_signin", "access_account", "directory_child", "directory_involvement"} <= seen
