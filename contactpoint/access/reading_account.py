"""Who is signed in, read in plain SQL: every request asks, and the ORM takes longer than the database."""

from datetime import datetime
from typing import NamedTuple

from allauth.account.auth_backends import AuthenticationBackend
from django.db import connection

from contactpoint.access.models import Account
from contactpoint.prepared import ask_prepared

_FIELDS = [field.attname for field in Account._meta.concrete_fields]
_COLUMNS = ", ".join(f"a.{field.column}" for field in Account._meta.concrete_fields)
_READ = f"""
SELECT s.token, s.started_at, s.last_seen_at, s.ended_at, s.ended_why, {_COLUMNS}
FROM access_account a LEFT JOIN access_signin s ON s.account_id = a.id WHERE a.id = %s
"""
_READ_WITH = "signed_in"


class SignedIn(NamedTuple):
    """The account's one session, as it stood when this request began (ACC-5)."""

    token: str
    started_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
    ended_why: str


def find_signed_in(account: Account) -> SignedIn | None:
    """What was read with the account; None where it has no session, or came here by another way."""
    found: SignedIn | None = getattr(account, _READ_WITH, None)
    return found


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]
    """The sign-in library's own way in; only the reading back differs."""

    def get_user(self, user_id: int) -> Account | None:
        """The account of a session; None where there is none, or where it may not sign in."""
        row = ask_prepared(_READ, [user_id])
        if row is None:
            return None
        account = Account.from_db(connection.alias, _FIELDS, row[5:])
        vars(account)[_READ_WITH] = SignedIn(*row[:5]) if row[0] is not None else None
        return account if self.user_can_authenticate(account) else None
