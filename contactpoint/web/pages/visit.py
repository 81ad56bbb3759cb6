"""What one browser session remembers between pages: what was typed, and which address stands for which child.

Addresses carry tokens that mean something in this session alone, never a child's number (SEA-6).
What is remembered is sealed under a key that no backup of the database holds, as the log's typed values are.
A new search forgets every token of the search before; a reason lasts 15 minutes (SEA-1).
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from contactpoint.codes.child_number import ChildNumber
from contactpoint.directory.records import Purpose
from contactpoint.errors import NotFound

KEY = "visit"
OPENED = "_visit"
REASON_LASTS = timedelta(minutes=15)
MOST_TOKENS = 500  # the oldest go first


class NoSuchVisit(NotFound):
    """The address is forged, of another session, or of a search before the last one: all the same."""


@dataclass(frozen=True, slots=True)
class Known:
    """A child that this session was shown, and why its record was opened; '' before a reason is given."""

    number: ChildNumber
    name: str
    purpose: str = ""
    reference: str = ""
    stated_at: str = ""

    def has_reason(self, at: datetime) -> bool:
        """A reason lasts 15 minutes; a clock put back ends it too."""
        return self.stated_at != "" and (
            timedelta(0) <= at - datetime.fromisoformat(self.stated_at) < REASON_LASTS
        )


@dataclass(slots=True)
class Visit:
    """All that is remembered. `searched`: the search was answered, as SEA-7 asks before adding."""

    typed: dict[str, str] = field(default_factory=dict)
    searched: bool = False
    children: dict[str, Known] = field(default_factory=dict)


def begin_search(session: SessionBase, *, typed: Mapping[str, str]) -> None:
    """A new search ends the visit before it: its tokens and reasons are forgotten."""
    _keep(session, Visit(typed=dict(typed)))


def forget(session: SessionBase) -> None:
    """Everything: whoever looks next does so in another name (ACC-6)."""
    session.pop(KEY, None)


def get_typed(session: SessionBase) -> dict[str, str]:
    """What was typed last; empty before the first search."""
    return _load(session).typed


def has_searched(session: SessionBase) -> bool:
    """Whether the last search was answered."""
    return _load(session).searched


def get_back(session: SessionBase) -> str:
    """The name of the page from which this session came to its records."""
    return "results" if _load(session).typed else "my_involvements"


def answer_search(session: SessionBase, children: Iterable[tuple[ChildNumber, str]]) -> dict[str, str]:
    """The search was answered with these children: a token for each, as of `name_children`."""
    _load(session).searched = True
    return name_children(session, children)


def name_children(session: SessionBase, children: Iterable[tuple[ChildNumber, str]]) -> dict[str, str]:
    """A token for each child shown, by its number; the same as before for one that was shown already."""
    visit = _load(session)
    tokens = {known.number: token for token, known in visit.children.items()}
    for number, name in children:
        if number not in tokens:
            tokens[number] = secrets.token_urlsafe(12)
            visit.children[tokens[number]] = Known(number, name)
    for token in list(visit.children)[:-MOST_TOKENS]:
        del visit.children[token]
    _keep(session, visit)
    return {str(number): token for number, token in tokens.items()}


def get_child(session: SessionBase, *, token: str) -> Known:
    """The child that this address stands for; raises NoSuchVisit."""
    known = _load(session).children.get(token)
    if known is None:
        raise NoSuchVisit(
            "The address of a record works only in the session that found it, until the next search. "
            "Search again to open a record."
        )
    return known


def state_reason(session: SessionBase, *, token: str, purpose: Purpose, reference: str, at: datetime) -> None:
    """Why the record is opened, for the next 15 minutes."""
    known = get_child(session, token=token)
    visit = _load(session)
    visit.children[token] = replace(
        known, purpose=purpose.value, reference=reference, stated_at=at.isoformat()
    )
    _keep(session, visit)


@lru_cache(maxsize=1)
def _cipher_of(secret: str) -> Fernet:
    digest = hashlib.sha256(b"contactpoint visit\0" + secret.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def _load(session: SessionBase) -> Visit:
    """Opened once in a request, as long as the same stands in the session."""
    sealed = str(session.get(KEY, ""))
    opened: tuple[str, Visit] | None = getattr(session, OPENED, None)
    if opened is None or opened[0] != sealed:
        opened = sealed, _open(sealed)
        setattr(session, OPENED, opened)
    return opened[1]


def _open(sealed: str) -> Visit:
    if not sealed:
        return Visit()
    try:
        content: dict[str, Any] = json.loads(_cipher_of(settings.SECRET_KEY).decrypt(sealed.encode()))
    except InvalidToken:  # the service's secret was changed: nothing of before can be read
        return Visit()
    content["children"] = {token: Known(**known) for token, known in content["children"].items()}
    return Visit(**content)


def _keep(session: SessionBase, visit: Visit) -> None:
    said = {
        **_members(visit),
        "children": {token: _members(known) for token, known in visit.children.items()},
    }
    sealed = _cipher_of(settings.SECRET_KEY).encrypt(json.dumps(said).encode()).decode()
    session[KEY] = sealed
    setattr(session, OPENED, (sealed, visit))


def _members(value: Visit | Known) -> dict[str, Any]:
    """Without the deep copies of `asdict`."""
    return {name: getattr(value, name) for name in value.__slots__}
