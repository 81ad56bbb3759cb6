"""Second factors: sealed at rest, enrolled once, a code used once."""

from datetime import datetime

import pytest
from allauth.mfa.models import Authenticator

from contactpoint.access.factors import (
    AlreadyEnrolled,
    enrol_authenticator,
    find_current_code,
    mark_code_used,
    open_secret,
)
from contactpoint.audit.records import Actor
from tests.factories import SECRET, make_account

pytestmark = pytest.mark.django_db
OTHER = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"


def test_no_secret_lies_in_the_database_in_clear(now: datetime) -> None:
    account = make_account(at=now)
    actor = Actor(account.pk, None, "web")
    codes = enrol_authenticator(account_id=account.pk, secret=SECRET, actor=actor, at=now)
    stored = str(list(Authenticator.objects.filter(user=account).values_list("data", flat=True)))
    assert SECRET not in stored
    assert not any(code in stored for code in codes)
    assert len(codes) == 10


def test_only_who_is_signed_in_replaces_an_authenticator(now: datetime) -> None:
    account = make_account(at=now)
    actor = Actor(account.pk, None, "web")
    enrol_authenticator(account_id=account.pk, secret=SECRET, actor=actor, at=now)
    with pytest.raises(AlreadyEnrolled):
        enrol_authenticator(account_id=account.pk, secret=OTHER, actor=actor, at=now)
    enrol_authenticator(account_id=account.pk, secret=OTHER, actor=actor, at=now, is_replacing=True)
    row = Authenticator.objects.get(user=account, type=Authenticator.Type.TOTP)
    assert open_secret(row.data["secret"]) == OTHER


def test_a_code_is_used_once(now: datetime) -> None:
    account = make_account(at=now)
    enrol_authenticator(account_id=account.pk, secret=SECRET, actor=Actor(None, None, "web"), at=now)
    code = find_current_code(account_id=account.pk)
    assert mark_code_used(account_id=account.pk, code=code)
    assert not mark_code_used(account_id=account.pk, code=f"{code[:3]} {code[3:]}")
    assert find_current_code(account_id=account.pk) != code
