"""Who is signed in, read in plain SQL: every request asks, and the ORM takes longer than the database."""

from allauth.account.auth_backends import AuthenticationBackend
from django.db import connection

from contactpoint.access.models import Account
from contactpoint.prepared import ask_prepared

_FIELDS = [field.attname for field in Account._meta.concrete_fields]
_COLUMNS = ", ".join(str(field.column) for field in Account._meta.concrete_fields)
_READ = f"SELECT {_COLUMNS} FROM {Account._meta.db_table} WHERE id = %s"


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]
    """The sign-in library's own way in; only the reading back differs."""

    def get_user(self, user_id: int) -> Account | None:
        """The account of a session; None where there is none, or where it may not sign in."""
        row = ask_prepared(_READ, [user_id])
        account = Account.from_db(connection.alias, _FIELDS, row) if row else None
        return account if account is not None and self.user_can_authenticate(account) else None
