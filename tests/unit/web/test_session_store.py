"""Our own reading and writing of sessions behaves as the framework's (ACC-5)."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.utils import timezone

from contactpoint.web.session_store import SessionStore

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def _kept(**values: str) -> str:
    made = SessionStore()
    made.update(values)
    made.save()
    assert made.session_key
    return made.session_key


def test_what_was_kept_is_read_again_and_can_be_rewritten() -> None:
    key = _kept(visit="one")
    again = SessionStore(key)
    again["visit"] = again["visit"] + " two"
    again.save()
    assert SessionStore(key)["visit"] == "one two"


def test_a_session_that_is_over_holds_nothing_and_its_key_is_not_used_again() -> None:
    key = _kept(visit="one")
    Session.objects.filter(pk=key).update(expire_date=timezone.now() - timedelta(seconds=1))
    over = SessionStore(key)
    assert over.get("visit") is None
    assert over.session_key is None


def test_an_invented_key_makes_no_session() -> None:
    invented = SessionStore("x" * 32)
    assert dict(invented.items()) == {}
    assert invented.session_key is None


def test_one_ended_meanwhile_is_not_brought_back_to_life() -> None:
    key = _kept(visit="one")
    slow = SessionStore(key)
    slow["visit"] = "late"
    SessionStore(key).delete()
    with pytest.raises(UpdateError):
        slow.save()
    assert not Session.objects.filter(pk=key).exists()
