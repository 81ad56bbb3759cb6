"""The practice environment's people: made as real ones are, in a demo only (ACC-11)."""

from datetime import datetime
from typing import Any

import pytest

from contactpoint.access import actions
from contactpoint.access.models import Account
from contactpoint.access.policies import find_unready
from contactpoint.access.practice import NEWCOMERS, PEOPLE
from contactpoint.access.queries import NotCleared, get_viewer
from contactpoint.access.queries.organisations import count_organisations
from contactpoint.access.queries.people import Show, list_people
from contactpoint.jobs.demo_accounts import NotADemo, demo_accounts

pytestmark = pytest.mark.django_db


def test_outside_a_demo_nobody_is_made(now: datetime, settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(NotADemo):
        demo_accounts(at=now)
    assert not Account.objects.exists()


def test_each_person_is_as_the_sign_in_page_says(now: datetime, settings: Any) -> None:
    settings.DEMO = True
    people = demo_accounts(at=now)
    assert len(people) == len(PEOPLE)
    for person in people:
        account = Account.objects.get(email=person.email)
        assert account.check_password(person.password)
        if person.trouble:
            with pytest.raises(NotCleared):
                get_viewer(account_id=account.pk, at=now)
        else:
            assert get_viewer(account_id=account.pk, at=now).roles == {person.role}


def test_making_them_again_changes_nothing(now: datetime, settings: Any) -> None:
    settings.DEMO = True
    demo_accounts(at=now)
    before = list(Account.objects.order_by("pk").values_list("pk", "email"))
    demo_accounts(at=now)
    assert list(Account.objects.order_by("pk").values_list("pk", "email")) == before


def test_account_managers_find_somebody_to_see_to(now: datetime, settings: Any) -> None:
    """One is ready for the second person's yes, one has everything before them; an organisation waits too."""
    settings.DEMO = True
    demo_accounts(at=now)
    rowan = Account.objects.get(email="rowan.hale@authority.example")
    manager = get_viewer(account_id=rowan.pk, at=now)
    waiting = list_people(by=manager, at=now, show=Show.WAITING)
    assert {person.email for person in waiting} == {newcomer.email for newcomer in NEWCOMERS}
    assert count_organisations(by=manager, at=now)["waiting"] == 1
    (ready,) = [person for person in waiting if not find_unready(facts=person.facts, at=now)]
    actions.approve_account(account_id=ready.id, by=manager, at=now)
