"""What the practice environment's shielding officer finds to do (SHI-4, SHI-5)."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from contactpoint.access.models import Account
from contactpoint.access.practice import PEOPLE
from contactpoint.access.queries import get_viewer
from contactpoint.access.roles import Role
from contactpoint.casework import queries
from contactpoint.casework.archive.disclosing import read_disclosures
from contactpoint.casework.archive.opening import list_archive_requests, open_in_first_year
from contactpoint.casework.archive.records import Whom
from contactpoint.casework.identity import custody
from contactpoint.casework.review.values import count_corrections
from contactpoint.jobs.demo_accounts import demo_accounts
from contactpoint.jobs.demo_archive import demo_archive
from contactpoint.jobs.demo_cases import demo_cases
from tests.children import AMINA, DATABASES, make_child

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
NAMES = ("Amina Khan", "Bo Lindqvist", "Chidi Okafor", "Dewi Prosser", "Esme Tatlock", "Finn Ashdown")
MORE = ("Gita Rao", "Hamish Orr")


@pytest.fixture
def prepared(now: datetime, settings: Any, tmp_path: Path) -> None:
    settings.DEMO = True
    settings.DATA_DIR = tmp_path / "data"
    for which, name in enumerate((*NAMES, *MORE)):
        given, family = name.split()
        born = f"2015-0{which + 1}-1{which}"
        values = replace(AMINA, given_names=given, family_name=family, birth_date=born, nhs="", upn="")
        make_child(values, at=now, supplier="nhs_demographics")
    demo_accounts(at=now)


def test_there_is_one_of_each_to_decide_and_only_once(now: datetime, prepared: None) -> None:
    demo_cases(at=now)
    demo_cases(at=now)
    email = next(each.email for each in PEOPLE if each.role is Role.SHIELDING_OFFICER)
    sol = get_viewer(account_id=Account.objects.get(email=email).pk, at=now)
    queue = queries.read_queue(by=sol, at=now)
    assert [each.urgent for each in queue.requests] == [True, False]
    assert (len(queue.messages), len(queue.held), queue.overdue, queue.shields) == (1, 1, 1, 4)
    first, *_ = queries.read_shields(by=sol, at=now)
    assert (first.is_overdue, first.provisional) == (True, True)
    email = next(each.email for each in PEOPLE if each.role is Role.DATA_MANAGER)
    dana = get_viewer(account_id=Account.objects.get(email=email).pk, at=now)
    ((month,),) = count_corrections(by=dana, at=now).values()
    assert (month.asked, month.made) == (len(MORE), 0)
    email = next(each.email for each in PEOPLE if each.role is Role.SEALED_CUSTODIAN)
    cass = get_viewer(account_id=Account.objects.get(email=email).pk, at=now)
    assert len(custody.list_sealed_rows(by=cass, at=now)) == 1


def test_outside_a_demo_nothing_is_made(now: datetime, prepared: None, settings: Any) -> None:
    settings.DEMO = False
    demo_cases(at=now)
    email = next(each.email for each in PEOPLE if each.role is Role.SHIELDING_OFFICER)
    sol = get_viewer(account_id=Account.objects.get(email=email).pk, at=now)
    assert queries.read_queue(by=sol, at=now).requests == ()


def test_the_archive_has_one_record_to_agree_to_and_one_disclosure(now: datetime, prepared: None) -> None:
    demo_archive(at=now)
    demo_archive(at=now)
    email = next(each.email for each in PEOPLE if each.name == "Ada Locke")
    ada = get_viewer(account_id=Account.objects.get(email=email).pk, at=now)
    (request,) = list_archive_requests(by=ada, at=now)
    assert (request.waits, request.is_own) == (True, False)
    email = next(each.email for each in PEOPLE if each.role is Role.DATA_MANAGER)
    dana = get_viewer(account_id=Account.objects.get(email=email).pk, at=now)
    (entry,) = read_disclosures(by=dana, at=now)
    opened = open_in_first_year(by=dana, whom=Whom(str(entry.child)), ground="own-data", case="SAR-1", at=now)
    assert opened.record.family_name == "Ashdown-Vale"
