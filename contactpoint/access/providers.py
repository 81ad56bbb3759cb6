"""Which sign-in providers there are, and what their word is worth (ACC-4): NHS CIS2, DfE Sign-in, Entra ID.

A file named by the environment says whom to ask and which claims are demanded; without it there are none.
A provider says who somebody is. It never says that they may look: clearance is decided as for everybody.
Pure but for reading that file; talking to a provider is `provider_talk`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from contactpoint.errors import NotFound

Wanted = tuple[tuple[str, tuple[str, ...]], ...]
SLACK = timedelta(seconds=60)  # by how much two clocks may differ
KNOWN = {
    "name", "issuer", "client_id", "client_secret", "private_key_file", "private_key_id", "private_key_alg",
    "token_method", "subject_claim", "scope", "ask", "demanded", "two_factors", "proved_within_minutes",
}  # fmt: skip


class NoSuchProvider(NotFound):
    """Nobody signs in with a provider of this name here."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One OpenID provider. `demanded` and `two_factors`: claims, each with the values of which one must hold.

    `ask`: what goes with the request beside what the protocol wants, such as `acr_values`.
    """

    key: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    private_key: str = field(repr=False, default="")
    private_key_id: str = ""
    private_key_alg: str = "RS512"
    token_method: str = (
        ""  # client_secret_basic or client_secret_post; '' takes what the provider lists first
    )
    subject_claim: str = "sub"
    scope: str = "openid"
    ask: tuple[tuple[str, str], ...] = ()
    demanded: Wanted = ()
    two_factors: Wanted = ()
    proved_within: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Assurance:
    """What the claims prove. `lacking`: the demanded claims that do not hold."""

    lacking: tuple[str, ...]
    proves_two_factors: bool


def judge_assurance(*, provider: Provider, claims: Mapping[str, Any], at: datetime) -> Assurance:
    """Is this enough to be let in as far as our own second factor, or past it?

    Past it only where the provider says so, and says that it asked the person lately:
    an old session at the provider would else undo our own time-out (ACC-5).
    """
    lacking = tuple(claim for claim, values in provider.demanded if not _holds(claims.get(claim), values))
    said = bool(provider.two_factors) and all(
        _holds(claims.get(claim), values) for claim, values in provider.two_factors
    )
    return Assurance(lacking, said and _is_fresh(claims.get("auth_time"), provider, at))


def _holds(said: object, values: tuple[str, ...]) -> bool:
    """A claim may be one value or a list; numbers and words are compared as words."""
    given = said if isinstance(said, list) else [said]
    return any(str(each) in values for each in given if isinstance(each, str | int))


def _is_fresh(auth_time: object, provider: Provider, at: datetime) -> bool:
    if isinstance(auth_time, bool) or not isinstance(auth_time, int | float):
        return False
    age = at.timestamp() - auth_time
    return -SLACK.total_seconds() <= age <= (provider.proved_within + SLACK).total_seconds()


def find_providers() -> tuple[Provider, ...]:
    """Those of this service, in the order of their file; none where no file is named."""
    return read_providers(settings.SIGN_IN_PROVIDERS) if settings.SIGN_IN_PROVIDERS else ()


def get_provider(*, key: str) -> Provider:
    """Raises NoSuchProvider."""
    for provider in find_providers():
        if provider.key == key:
            return provider
    raise NoSuchProvider("Nobody signs in to ContactPoint with this provider.")


@lru_cache(maxsize=8)
def read_providers(path: str) -> tuple[Provider, ...]:
    """Read once a process. Raises ImproperlyConfigured with what to put right."""
    try:
        tables = tomllib.loads(Path(path).read_text())
    except (OSError, tomllib.TOMLDecodeError) as problem:
        raise ImproperlyConfigured(f"The file of sign-in providers cannot be read: {problem}.") from None
    return tuple(_read(key, table) for key, table in tables.items())


def _read(key: str, table: Any) -> Provider:
    def wrong(what: str) -> ImproperlyConfigured:
        return ImproperlyConfigured(f"Sign-in provider “{key}”: {what}.")

    if not isinstance(table, dict) or not key.replace("-", "").isalnum():
        raise wrong("write it as a table whose name has letters, digits and hyphens only")
    if unknown := sorted(set(table) - KNOWN):
        raise wrong(f"unknown setting {unknown[0]}")
    if missing := [name for name in ("name", "issuer", "client_id") if not table.get(name)]:
        raise wrong(f"{missing[0]} is missing")
    if not is_safe(str(table["issuer"])):
        raise wrong("the issuer must begin with https://")
    if bool(table.get("client_secret")) == bool(table.get("private_key_file")):
        raise wrong("give either client_secret or private_key_file")
    return Provider(
        key=key,
        name=str(table["name"]),
        issuer=str(table["issuer"]),
        client_id=str(table["client_id"]),
        client_secret=str(table.get("client_secret", "")),
        private_key=Path(table["private_key_file"]).read_text() if table.get("private_key_file") else "",
        private_key_id=str(table.get("private_key_id", "")),
        private_key_alg=str(table.get("private_key_alg", "RS512")),
        token_method=str(table.get("token_method", "")),
        subject_claim=str(table.get("subject_claim", "sub")),
        scope=str(table.get("scope", "openid")),
        ask=tuple((str(name), str(value)) for name, value in table.get("ask", {}).items()),
        demanded=_wanted(table.get("demanded", {})),
        two_factors=_wanted(table.get("two_factors", {})),
        proved_within=timedelta(minutes=int(table.get("proved_within_minutes", 15))),
    )


def _wanted(table: dict[str, Any]) -> Wanted:
    return tuple(
        (str(claim), tuple(str(each) for each in (values if isinstance(values, list) else [values])))
        for claim, values in table.items()
    )


def is_safe(address: str) -> bool:
    """Encrypted, or on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    )
