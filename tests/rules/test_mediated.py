"""ACC-6: what a mediated visit allows, of whom it is, and what the database holds of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from contactpoint.access.models import Account, MediatedVisit
from contactpoint.access.records import AccountId, Mediator
from contactpoint.access.roles import ALLOWED, MEDIATED, Action, Role
from contactpoint.audit.records import Actor
from tests.factories import make_cleared_account, make_viewer

MINUTE = timedelta(minutes=1)


def test_a_mediator_may_look_at_nothing_in_their_own_right() -> None:
    """ACC-6."""
    assert ALLOWED[Role.MEDIATOR] == {Action.MEDIATE}
    assert {Action.SEARCH, Action.OPEN_RECORD} == MEDIATED


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role), ids=str)
def test_in_a_visit_nothing_is_allowed_but_looking(role: Role, now: datetime) -> None:
    """ACC-6: and looking only where the practitioner on the telephone may look themselves."""
    caller = make_viewer(at=now, roles=[role])
    served = replace(caller, mediator=Mediator(AccountId(9), "Mel Stone", now), door="mediated")
    assert {action for action in Action if served.may(action)} == ALLOWED[role] & MEDIATED
    assert served.actor == Actor(9, caller.organisation_id, "mediated", on_behalf_of=caller.account_id)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"mediator": "caller"}, "mediated_visit_of_two"),
        ({"tries": 6}, "mediated_visit_tries"),
        ({"began_at": 1, "ends_at": 17}, "mediated_visit_lasts"),
        ({"began_at": 11, "ends_at": 12}, "mediated_visit_lasts"),
        ({"began_at": 1, "ends_at": 16, "code_digest": "x"}, "mediated_visit_lasts"),
        ({"began_at": 1}, "mediated_visit_lasts"),
        ({"ended_at": 1}, "mediated_visit_end_told"),
        ({"ended_why": "time"}, "mediated_visit_end_told"),
        ({"ended_at": -1, "ended_why": "time"}, "mediated_visit_end_told"),
    ],
)
def test_the_database_refuses(changes: dict[str, object], constraint: str, now: datetime) -> None:
    """ACC-6: 15 minutes, ten for the code, five tries, two people."""
    mel = make_cleared_account(at=now, roles=[Role.MEDIATOR])
    caller = make_cleared_account(at=now)
    given: dict[str, object] = {"mediator": mel, "caller": caller, "asked_at": now}
    given["code_expires_at"] = now + 10 * MINUTE
    for name, value in changes.items():
        given[name] = now + value * MINUTE if name.endswith("_at") and isinstance(value, int) else value
    given["mediator"] = caller if changes.get("mediator") else mel
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        MediatedVisit.objects.create(**given)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["mediator", "caller"])
def test_one_visit_at_a_time(who: str, now: datetime) -> None:
    """ACC-6: of a mediator, and for a caller."""
    people: list[Account] = [make_cleared_account(at=now) for _ in range(3)]
    given = {"asked_at": now, "code_expires_at": now + MINUTE}
    MediatedVisit.objects.create(mediator=people[0], caller=people[1], **given)
    second = {"mediator": people[0], "caller": people[2]}
    if who == "caller":
        second = {"mediator": people[2], "caller": people[1]}
    with pytest.raises(IntegrityError, match=f"mediated_visit_one_a_{who}"), transaction.atomic():
        MediatedVisit.objects.create(**second, **given)
