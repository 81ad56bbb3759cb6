"""How dates, ages and numbers are said, and whom to ring first."""

from datetime import UTC, date, datetime

import pytest

from contactpoint.codes.child_number import ChildNumber
from contactpoint.directory.records import Contact, Record, ShownInvolvement, Source
from contactpoint.web.pages.fields import DateParts, to_parts
from contactpoint.web.pages.ringing import find_first_contact
from contactpoint.web.pages.words import dial, say_age, say_date, say_number

NOW = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("born", "said"),
    [
        ("2016-10-05", "10 years old"),
        ("2016-10-06", "9 years old"),
        ("2016", "9 or 10 years old"),
        ("2016-10", "9 or 10 years old"),
        ("2016-05", "10 years old"),
        ("2026-10-05", "under 1 month old"),
        ("2026-09-05", "1 month old"),
        ("2024-10-06", "23 months old"),
        ("2026", "under 1 year old"),
        ("2027-01-01", ""),
        ("nonsense", ""),
    ],
)
def test_ages(born: str, said: str) -> None:
    assert say_age(born, NOW) == said


def test_dates_and_numbers_as_people_read_them() -> None:
    assert [say_date(iso) for iso in ("2016-05-04", "2016-05", "2016", "")] == [
        "4 May 2016",
        "May 2016",
        "2016",
        "",
    ]
    assert say_number("9434765919", "nhs") == "943 476 5919"
    assert say_number("943 476 5919", "nhs") == "943 476 5919"
    assert say_number("H801200001001", "upn") == "H801200001001"
    assert dial("+44 (0)121 496-0000") == "tel:+441214960000"
    assert dial("0121 496 0000 ext 12") == "tel:01214960000;ext=12"


@pytest.mark.parametrize("iso", ["2016-05-04", "2016-05", "2016"])
def test_a_date_in_three_parts_comes_back_the_same(iso: str) -> None:
    field = DateParts(named="Date of birth", partial=True)
    assert field.clean(field.widget.value_from_datadict(to_parts("born", iso), None, "born")) == iso


def entry(name: str, *, telephone: str = "0121 496 0000", confirmed: int = 1) -> ShownInvolvement:
    source = Source("feed", "", date(2026, 9, confirmed), date(2026, 9, confirmed), False)
    contact = Contact(name, "", telephone, "", "")
    return ShownInvolvement("Service", "", "additional", "", "", contact, "", "", False, (source,))


def record(**parts: object) -> Record:
    empty: dict[str, object] = dict.fromkeys(Record.__slots__, ())
    fixed = {"number": ChildNumber("0"), "shielded": False, "lead": None, "opened_at": NOW}
    return Record(**{**empty, **fixed, **parts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parts", "first"),
    [
        ({"lead": entry("lead"), "involvements": (entry("other", confirmed=9),)}, "lead"),
        ({"lead": entry("lead", telephone=""), "involvements": (entry("other"),)}, "other"),
        ({"involvements": (entry("older"), entry("newer", confirmed=9))}, "newer"),
        ({"schools": (entry("school"),), "practices": (entry("gp"),)}, "school"),
        ({"practices": (entry("gp"),)}, "gp"),
        ({"involvements": (entry("silent", telephone=""),)}, None),
        ({}, None),
    ],
)
def test_whom_to_ring_first(parts: dict[str, object], first: str | None) -> None:
    found = find_first_contact(record(**parts))
    assert (found.entry.contact.name if found else None) == first
