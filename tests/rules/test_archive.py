"""RET-2: who opens an archived record, when, and with whose consent; FAM-4: the register of disclosures."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from contactpoint.access.roles import ALLOWED, Action, Role
from contactpoint.casework.archive.opening import NotInReach, open_in_first_year
from contactpoint.casework.archive.records import Whom
from contactpoint.directory.keeping.archive import archive_due
from tests.children import AMINA, DATABASES, US, make_child
from tests.factories import make_organisation, make_viewer

BEFORE = timedelta(days=40)
YOUNG = replace(AMINA, birth_date="2008-10-01")

FIRST_YEAR = [
    ("the day it was archived, of their own authority", "330", 0, False, True),
    ("the last day of the first year", "330", 364, False, True),
    ("a year after", "330", 365, False, False),
    ("of another authority", "333", 0, False, False),
    ("it was shielded", "330", 0, True, False),
]


@pytest.mark.django_db(transaction=True, databases=DATABASES)
@pytest.mark.parametrize(
    ("case", "authority", "days", "shielded", "opens"), FIRST_YEAR, ids=[case for case, *_ in FIRST_YEAR]
)
def test_a_data_manager_alone_opens_an_archived_record(
    case: str, authority: str, days: int, shielded: bool, opens: bool, now: datetime
) -> None:
    """RET-2, SHI-2."""
    number = make_child(YOUNG, at=now - BEFORE, supplier="nhs_demographics", restricted=shielded)
    archive_due(by=US, at=now)
    home = make_organisation(at=now, authority=authority)
    dana = make_viewer(at=now, roles=[Role.DATA_MANAGER], organisation=home)
    asked = {"whom": Whom(str(number)), "ground": "section-47", "case": "1", "at": now + timedelta(days=days)}
    try:
        open_in_first_year(by=dana, **asked)  # type: ignore[arg-type]
        opened = True
    except NotInReach:
        opened = False
    assert opened is opens, case


def test_data_managers_and_custodians_read_the_archive_and_nobody_else() -> None:
    """RET-2, ACC-8."""
    assert {role for role, actions in ALLOWED.items() if Action.READ_ARCHIVE in actions} == {
        Role.DATA_MANAGER,
        Role.ARCHIVE_CUSTODIAN,
    }
    assert ALLOWED[Role.ARCHIVE_CUSTODIAN] == {Action.READ_ARCHIVE}


def test_the_register_is_written_by_data_managers_and_read_by_auditors_too() -> None:
    """FAM-4, AUD-4."""
    assert {role for role, actions in ALLOWED.items() if Action.RECORD_DISCLOSURE in actions} == {
        Role.DATA_MANAGER
    }
    assert {role for role, actions in ALLOWED.items() if Action.READ_DISCLOSURES in actions} == {
        Role.DATA_MANAGER,
        Role.AUDITOR,
        Role.NATIONAL_AUDITOR,
    }
