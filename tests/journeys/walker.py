"""Somebody signed in who walks through the pages as a browser would: one client, its addresses, its log."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from contactpoint.access.actions.sessions import begin_session
from contactpoint.access.models import Account
from contactpoint.access.sign_in import TOKEN
from contactpoint.audit.queries import find_events_of_account
from contactpoint.audit.records import Actor
from contactpoint.audit.records import Event as LoggedEvent

AMINA_TYPED = {
    "given_name": "Amina",
    "family_name": "Kahn",
    "birth_date-day": "24",
    "birth_date-month": "5",
    "birth_date-year": "2016",
}
OF_SESSIONS = ("signed-in", "session-ended")
REASON = {"purpose": "coordinating", "reference": "CASE-7"}
_TOKENS = re.compile(r'href="/record/([\w-]+)/reason/"')


class Walker:
    """Signed in by the same action as the sign-in pages use; those have tests of their own."""

    def __init__(self, account: Account, *, at: datetime) -> None:
        self.account = account
        self.since = at - timedelta(minutes=1)
        self.client = Client()
        self.client.force_login(account)
        actor = Actor(account.pk, account.organisation_id, "web")
        session = self.client.session
        session[TOKEN] = begin_session(account_id=account.pk, actor=actor, at=at, method="test")
        session.save()

    def get(self, address: str, **extra: Any) -> str:
        """The page, which must be there; redirects are followed."""
        answer = self.client.get(address, follow=True, **extra)
        assert answer.status_code == 200, (address, answer.status_code)
        return str(answer.content.decode())

    def post(self, address: str, data: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and page in the end."""
        answer = self.client.post(address, data or {}, follow=True)
        return answer.status_code, answer.content.decode()

    def status(self, address: str) -> int:
        """Of a GET, without following."""
        return int(self.client.get(address).status_code)

    def search(self, **typed: str) -> str:
        """The page of results."""
        status, page = self.post("/", typed or AMINA_TYPED)
        assert status == 200, page
        return page

    def choose(self, which: int = 0, **typed: str) -> str:
        """Search, and give the token of one result."""
        return str(_TOKENS.findall(self.search(**typed))[which])

    def open(self, **typed: str) -> tuple[str, str]:
        """Search, choose the first, give a reason: its token and the record's page."""
        token = self.choose(**typed)
        status, page = self.post(f"/record/{token}/reason/", REASON)
        assert status == 200, page
        return token, page

    def log(self, *, typed: bool = False) -> list[LoggedEvent]:
        """What this person did, oldest first, without sessions."""
        events = find_events_of_account(account_id=self.account.pk, since=self.since, typed=typed)
        return [event for event in reversed(events) if event.kind not in OF_SESSIONS]

    def kinds(self) -> list[str]:
        """The log as kinds; a refusal with its mark."""
        return [event.kind + (" refused" if event.refused else "") for event in self.log()]
