"""Browser sessions in the database, read and rewritten in plain SQL.

Every request reads its session and most rewrite it; the ORM takes several times as long to write these two
statements as to run them. Making, ending and clearing out sessions stays with the framework's own store.
"""

from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as FrameworkStore
from django.utils import timezone

from contactpoint.prepared import ask_prepared, do_prepared

_READ = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"
_WRITE = "UPDATE django_session SET session_data = %s, expire_date = %s WHERE session_key = %s"


class SessionStore(FrameworkStore):
    """The framework calls it by this name (`SESSION_ENGINE`)."""

    def load(self) -> dict[str, Any]:
        """What is kept; nothing of a session that is over or never was."""
        row = ask_prepared(_READ, [self.session_key, timezone.now()])
        if row is None:
            self._session_key = None
            return {}
        return dict(self.decode(row[0]))

    def save(self, must_create: bool = False) -> None:
        """Rewrite one that exists. Raises UpdateError where it was ended meanwhile, as expected of it."""
        if must_create or self.session_key is None:
            super().save(must_create=must_create)
            return
        kept: dict[str, Any] = self._get_session()  # type: ignore[attr-defined]
        if do_prepared(_WRITE, (self.encode(kept), self.get_expiry_date(), self.session_key)) == 0:
            raise UpdateError
