"""What the practice environment's broker and its sensitive service find to do (SEN-5)."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from contactpoint.access.models import Account
from contactpoint.access.practice import PEOPLE
from contactpoint.access.queries import get_viewer
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.casework.brokering.answering import list_questions
from contactpoint.casework.brokering.cases import list_cases
from contactpoint.jobs.demo_accounts import demo_accounts
from contactpoint.jobs.demo_brokering import demo_brokering
from tests.children import AMINA, DATABASES, make_child

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)


def person(at: datetime, *, role: Role, organisation: str) -> Viewer:
    email = next(each.email for each in PEOPLE if (each.role, each.organisation) == (role, organisation))
    return get_viewer(account_id=Account.objects.get(email=email).pk, at=at)


@pytest.mark.parametrize("children", [7, 6])
def test_one_waits_for_the_broker_and_one_for_the_service(
    now: datetime, settings: Any, tmp_path: Path, children: int
) -> None:
    settings.DEMO, settings.DATA_DIR = True, tmp_path / "data"
    for which in range(children):
        values = replace(AMINA, birth_date=f"2015-01-1{which}", nhs="", upn="")
        make_child(values, at=now)
    demo_accounts(at=now)
    demo_brokering(at=now)
    demo_brokering(at=now)
    bea = person(now, role=Role.BROKER, organisation="PRACTICE-AUTHORITY")
    noor = person(now, role=Role.PRACTITIONER, organisation="PRACTICE-CAMHS")
    is_enough = children == 7
    waiting = list_cases(by=bea, at=now).waiting
    assert [(each.is_mine, each.unanswered) for each in waiting] == [(False, 0), (True, 1)] * is_enough
    assert len(list_questions(by=noor, at=now)) == int(is_enough)
