"""Talking to a sign-in provider: where to send somebody, and what it says of who comes back (ACC-4).

Authorization code with PKCE, state and nonce.
The identity token's signature, issuer, audience, nonce and times are checked, whatever brought it.
Nothing that the provider says is kept but for its own addresses and keys, for an hour.
It is a stranger: its answers are checked, its time is limited, its words are never shown.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from django.core.cache import cache
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException, Session

from contactpoint.access.providers import SLACK, Provider, is_safe
from contactpoint.errors import NotAllowed

log = logging.getLogger(__name__)

PATIENCE = 5  # seconds for each answer
KEPT = 3600  # seconds that a provider's addresses and keys are believed
LARGEST = 256 * 1024  # bytes of an answer
# Never "none", and never a signature that our own secret could make.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderRefused(NotAllowed):
    """This sign-in does not count. `code` is for the log: which check failed."""

    def __init__(self, code: str) -> None:
        super().__init__("The sign-in could not be checked.")
        self.code = code


class ProviderDown(ProviderRefused):
    """It does not answer, or with what is no answer."""

    def __init__(self) -> None:
        super().__init__("down")


@dataclass(frozen=True, slots=True)
class Journey:
    """One way there and back: kept in the browser's session until it comes back, once."""

    address: str
    state: str
    nonce: str
    verifier: str


def begin_journey(*, provider: Provider, back: str) -> Journey:
    """The address at the provider. `back` is ours, where it sends the browser. Raises ProviderDown."""
    facts = _find_facts(provider)
    nonce, verifier = generate_token(32), generate_token(64)
    with _open_session(provider, facts, back) as session:
        address, state = session.create_authorization_url(
            facts["authorization_endpoint"],
            state=generate_token(32),
            nonce=nonce,
            code_verifier=verifier,
            **{"max_age": str(int(provider.proved_within.total_seconds())), **dict(provider.ask)},
        )
    return Journey(address=address, state=state, nonce=nonce, verifier=verifier)


def finish_journey(
    *, provider: Provider, back: str, code: str, nonce: str, verifier: str, at: datetime
) -> Mapping[str, Any]:
    """What the provider says of the person, proved to be its word, for us, now. Raises ProviderRefused."""
    facts = _find_facts(provider)
    try:
        with _open_session(provider, facts, back) as session:
            token = session.fetch_token(
                facts["token_endpoint"], code=code, code_verifier=verifier, timeout=PATIENCE
            )
    except RequestException as problem:
        raise _down(provider, problem) from None
    except (AuthlibBaseError, ValueError, KeyError) as problem:
        log.warning("Sign-in provider %s gave no token (%s).", provider.key, type(problem).__name__)
        raise ProviderRefused("code") from None
    if not isinstance(token.get("id_token"), str):
        raise ProviderRefused("no-token")
    return _check(provider, token, nonce=nonce, at=at)


def _check(provider: Provider, token: Mapping[str, Any], *, nonce: str, at: datetime) -> Mapping[str, Any]:
    read = _decode(provider, token["id_token"])
    options: Any = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        provider.subject_claim: {"essential": True},
    }
    params = {"nonce": nonce, "client_id": provider.client_id, "access_token": token.get("access_token")}
    claims = CodeIDToken(read.claims, read.header, options, params)
    try:
        claims.validate(now=int(at.timestamp()), leeway=int(SLACK.total_seconds()))
    except ExpiredTokenError:
        raise ProviderRefused("expired") from None
    except ClaimError as problem:
        raise ProviderRefused(problem.claim.partition(",")[0]) from None
    except (JoseError, TypeError, ValueError):
        raise ProviderRefused("token") from None
    if not isinstance(claims[provider.subject_claim], str) or not claims[provider.subject_claim].strip():
        raise ProviderRefused(provider.subject_claim)
    return dict(claims)


def _decode(provider: Provider, sealed: str) -> jwt.Token:
    """Signature first. A key that is not known may be new, so the keys are asked for again, once."""
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    for is_again in (False, True):
        try:
            keys = KeySet.import_key_set(_find_facts(provider, is_again=is_again)["keys"])
            return jwt.decode(sealed, key=keys, registry=registry)
        except (JoseError, ValueError, KeyError, TypeError):
            continue
    raise ProviderRefused("signature")


def _find_facts(provider: Provider, *, is_again: bool = False) -> dict[str, Any]:
    """The provider's addresses and keys, as it publishes them."""
    place = f"sign-in-provider:{provider.issuer}"
    known: dict[str, Any] | None = None if is_again else cache.get(place)
    if known is not None:
        return known
    try:
        with Session() as session:
            said = _get(session, provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if said["issuer"] != provider.issuer or not all(is_safe(str(said[name])) for name in ADDRESSES):
                raise ValueError("not the provider that was configured")
            facts: dict[str, Any] = {name: str(said[name]) for name in ADDRESSES}
            facts["methods"] = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
            facts["keys"] = _get(session, facts["jwks_uri"])
    except (RequestException, ValueError, KeyError, TypeError) as problem:
        raise _down(provider, problem) from None
    cache.set(place, facts, KEPT)
    return facts


def _get(session: Session, address: str) -> Any:
    with session.get(address, timeout=PATIENCE, stream=True, allow_redirects=False) as answer:
        answer.raise_for_status()
        text = answer.raw.read(LARGEST + 1, decode_content=True)
    if len(text) > LARGEST:
        raise ValueError("too long an answer")
    return json.loads(text)


def _open_session(provider: Provider, facts: Mapping[str, Any], back: str) -> OAuth2Session:
    if provider.private_key:
        method, secret = "private_key_jwt", provider.private_key
    else:
        offered = "basic" if "client_secret_basic" in facts["methods"] else "post"
        method, secret = provider.token_method or f"client_secret_{offered}", provider.client_secret
    session = OAuth2Session(
        provider.client_id,
        secret,
        token_endpoint_auth_method=method,
        scope=provider.scope,
        redirect_uri=back,
        code_challenge_method="S256",
    )
    headers = {"kid": provider.private_key_id} if provider.private_key_id else None
    session.register_client_auth_method(
        PrivateKeyJWT(facts["token_endpoint"], headers=headers, alg=provider.private_key_alg)
    )
    return session


def _down(provider: Provider, problem: Exception) -> ProviderDown:
    log.error("Sign-in provider %s did not answer (%s).", provider.key, type(problem).__name__)
    return ProviderDown()
