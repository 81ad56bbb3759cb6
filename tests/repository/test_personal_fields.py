"""Every column about a person has a class, a source and a retention; none is prohibited (REC-3)."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from django.db import connections

from contactpoint.directory import records, values
from contactpoint.intake.fields import find_prohibited

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "personal-fields.md"
OURS = re.compile(r"(hidden\.|access_|audit_|directory_|intake_|web_(?!cache))")
CLASSES = {
    "identity",
    "contact",
    "adult",
    "involvement",
    "sensitive",
    "protection",
    "staff",
    "security",
    "log",
} | {"working"}
# Words that would be prohibited on a child's record, where they are about something else.
NOT_OF_A_CHILD: set[str] = set()


def written() -> list[tuple[str, str, str, str, str]]:
    """(table, field, class, source, kept) of every row of the page."""
    rows = []
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0] not in ("Table", "---"):
            table, names, kind, source, kept = cells
            rows += [(table, name.strip(), kind, source, kept) for name in names.split(",")]
    return rows


def held() -> set[tuple[str, str]]:
    """(table, column) of our own tables, hidden ones with their schema; partitions left out."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname, a.attname"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('public', 'hidden')"
        )
        return {(table, column) for table, column in cursor.fetchall() if OURS.match(table)}


@pytest.mark.django_db(databases=["default", "owner"])
def test_every_column_is_on_the_page_and_nothing_else() -> None:
    described = {(table, name) for table, name, *_ in written() if table != "SuppliedValues"}
    assert described == held()


def test_every_member_of_a_supplied_row_is_on_the_page() -> None:
    described = {name for table, name, *_ in written() if table == "SuppliedValues"}
    assert described == {member.name for member in fields(values.SuppliedValues)}


def test_each_has_a_class_a_retention_and_if_personal_a_source() -> None:
    rows = written()
    assert len(rows) == len({row[:2] for row in rows}), "a field is described twice"
    for table, name, kind, source, kept in rows:
        assert kind in CLASSES, (table, name)
        assert kept, (table, name)
        assert source or kind == "working", (table, name)


@pytest.mark.django_db(databases=["default", "owner"])
def test_no_column_is_of_a_prohibited_kind() -> None:
    found = {(table, name): what for table, name in held() if (what := find_prohibited(name))}
    assert set(found) == NOT_OF_A_CHILD, found


def test_nothing_that_a_supplier_sends_or_a_record_shows_is_of_a_prohibited_kind() -> None:
    for module in (values, records):
        for kind in vars(module).values():
            for member in getattr(kind, "__dataclass_fields__", {}):
                assert find_prohibited(member) is None, (kind.__name__, member)


@pytest.mark.parametrize(
    "name",
    [
        "ethnicity",
        "RiskLevel",
        "case_notes",
        "diagnosis",
        "reason_for_involvement",
        "SENprovision",
        "religion",
    ],
)
def test_the_words_are_found(name: str) -> None:
    assert find_prohibited(name)


def test_the_directory_has_no_free_text_that_a_practitioner_fills() -> None:
    """All that practitioners give is chosen from lists, a date, or a team's contact of one line (REC-3)."""
    from contactpoint.web.pages import forms

    free = {
        name
        for form in (forms.InvolvementForm, forms.AssessmentForm, forms.EndForm)
        for name, field in form.base_fields.items()
        if type(field).__name__ not in ("ChoiceField", "DateParts")
    }
    assert free == {"team_telephone", "team_email"}
