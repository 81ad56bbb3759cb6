"""An OpenID provider on 127.0.0.1 that tests can make lie: a real server, real keys, real tokens."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

CLIENT, SECRET = "contactpoint", "a-secret-between-two"
KEY = RSAKey.generate_key(2048, parameters={"kid": "first"})
CLIENT_KEY = RSAKey.generate_key(2048)
OTHER_KEY = RSAKey.generate_key(2048, parameters={"kid": "first"})  # says it is the same
BASIC = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()


def _is_signed(assertion: str, issuer: str) -> bool:
    """Does the client prove itself by its own key, for this address, now?"""
    if not assertion:
        return False
    said = jwt.decode(assertion, CLIENT_KEY, algorithms=["RS512"])
    where = f"{issuer}/token_endpoint"
    return said.header["kid"] == "ours" and said.claims["aud"] == where and said.claims["iss"] == CLIENT


class Provider:
    """What it knows, what it was asked, and how it lies."""

    def __init__(self) -> None:
        self.subject = "910000000001"
        self.claims: dict[str, Any] = {}  # added to the token, or put in the place of what is true
        self.left_out: set[str] = set()
        self.key, self.alg = KEY, "RS256"
        self.is_down = False
        self.issuer_said = ""
        self.at: Callable[[], float] = lambda: 0.0
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[dict[str, str]] = []
        self.issuer = ""

    def authorize(self, address: str) -> str:
        """What the person does at the provider; gives where the browser is sent back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked.append(asked)
        code = f"code-{len(self.asked)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        if self.is_down:
            return 503, {}
        if path.startswith("/.well-known/"):
            named = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            facts: dict[str, Any] = {name: f"{self.issuer}/{name}" for name in named}
            return 200, {**facts, "issuer": self.issuer_said or self.issuer}
        if path == "/jwks_uri":
            return 200, {"keys": [KEY.as_dict(private=False)]}
        if path == "/token_endpoint":
            return self._token(form, authorization)
        return 404, {}

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        """Like a real one: the code counts once, for its client, its address and its verifier."""
        asked = self.codes.pop(form.get("code", ""), None)
        is_known = authorization == BASIC or _is_signed(form.get("client_assertion", ""), self.issuer)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or not is_known or asked["code_challenge"] != challenge:
            return 400, {"error": "invalid_grant"}
        if form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(self.at())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": self.subject,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": asked["nonce"],
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if name not in self.left_out}
        return 200, {"access_token": "opaque", "token_type": "Bearer", "id_token": self.seal(claims)}

    def seal(self, claims: dict[str, Any]) -> str:
        if self.alg == "none":
            header = base64.urlsafe_b64encode(b'{"alg":"none","kid":"first"}').rstrip(b"=").decode()
            body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
            return f"{header}.{body}."
        registry = JWSRegistry(algorithms=[self.alg])
        return jwt.encode({"alg": self.alg, "kid": "first"}, claims, self.key, registry=registry)


@contextmanager
def running_provider() -> Iterator[Provider]:
    """On a free port of 127.0.0.1, until the end of the block."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer({name: values[0] for name, values in parse_qs(body).items()})

        def _answer(self, form: dict[str, str]) -> None:
            status, said = provider.answer(self.path, form, self.headers.get("Authorization", ""))
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
