"""SHI-5: the index by which a row finds the shielded children it may be near is never behind."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from django.db import connections, transaction

from contactpoint.access.roles import Role
from contactpoint.casework import actions
from contactpoint.codes.child_number import decode
from contactpoint.directory.match_rows import match_row
from contactpoint.directory.near_keys import find_near_shields, refresh_near_keys
from contactpoint.directory.publish import remove_rows
from contactpoint.directory.publish.lifting import unshield_child
from contactpoint.directory.values import to_json
from tests.children import AMINA, DATABASES, make_child
from tests.factories import make_viewer
from tests.feeds import ask

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
SLIP = replace(AMINA, given_names="Amna", family_name="Kahn", addresses=(), nhs="", upn="")
MARRIED = replace(SLIP, given_names="Amina", family_name="Price", birth_date="2016-05-02")


def near(values: object) -> list[int]:
    return find_near_shields(rows=[match_row(key="", content=to_json(values))])  # type: ignore[arg-type]


def shield(child: str, at: datetime) -> None:
    officer = make_viewer(at=at, roles=[Role.SHIELDING_OFFICER])
    actions.apply_shield(by=officer, child=child, ground="refuge", review_on=date(2027, 1, 1), at=at)  # type: ignore[arg-type]


def test_a_child_is_near_from_the_shield_on_by_each_of_its_rows(now: datetime) -> None:
    child = make_child(at=now)
    assert near(SLIP) == near(MARRIED) == []
    shield(child, now)
    assert near(SLIP) == near(MARRIED) == [decode(child)]
    assert near(replace(SLIP, birth_date="2009-01-02")) == []
    # A row that comes later, from another source, makes the child near in further ways.
    further = replace(AMINA, family_name="Owen", birth_date="2016-11-30", nhs="", upn="")
    alike = replace(SLIP, given_names="Zoe", family_name="Owain", birth_date="2016")
    assert near(alike) == []
    make_child(further, at=now, supplier="later", child_id=decode(child))
    assert near(alike) == [decode(child)]
    with transaction.atomic(using="match"), connections["match"].cursor() as cursor:
        ((reference,),) = ask("SELECT reference FROM hidden.supplied_row WHERE supplier_id = 'later'")
        remove_rows(cursor=cursor, keys=[("later", reference)], load_id=1, at=now)
    assert near(alike) == []
    assert near(SLIP) == [decode(child)]


def test_keys_go_with_the_shield(now: datetime) -> None:
    child = make_child(at=now)
    shield(child, now)
    assert refresh_near_keys() == 1
    assert refresh_near_keys() == 0
    with transaction.atomic(using="match"), connections["match"].cursor() as cursor:
        unshield_child(cursor=cursor, child=decode(child) or 0, decided_by=1, at=now)
    assert ask("SELECT count(*) FROM hidden.near_key") == [(0,)]
    assert (refresh_near_keys(), near(SLIP)) == (0, [])


def test_a_change_that_commits_while_keys_are_made_is_not_lost(now: datetime) -> None:
    """Noted by the other transaction, and seen by whoever looks after it."""
    child = make_child(at=now)
    with transaction.atomic(using="default"):
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT directory_apply_shield(%s, 'refuge', 'officer', false, NULL, %s, %s)",
                [[decode(child)], now, now.date()],
            )
        assert near(SLIP) == []  # another connection, before the commit
    assert near(SLIP) == [decode(child)]
