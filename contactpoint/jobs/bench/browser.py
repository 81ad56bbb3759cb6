"""One practitioner's browser, as far as a journey needs it: cookies, forms, redirects, times of pages.

Reads pages as a person does: links and forms that are there, nothing that is not.
"""

import base64
import hashlib
import hmac
import http.client
import re
import struct
import time
from collections.abc import Mapping
from urllib.parse import urlencode, urljoin, urlsplit

PATIENCE = 30  # seconds for one page
PERIOD = 30  # seconds for which an authenticator shows a code
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
RECORD = re.compile(r'href="/record/([^/"]+)/')
LAST_STEPS = 3  # the first redirect of a form goes to its page; more than this is a loop


class Unexpected(RuntimeError):
    """The service answered with something other than the journey's next page; says which, and no value."""


class Browser:
    """Signed in once, used by one thread at a time. `timings` are seconds, a number for each request."""

    def __init__(self, *, port: int, source: str) -> None:
        self.port = port
        self.source = source
        self.cookies: dict[str, str] = {}
        self.timings: list[float] = []
        self.token = ""
        self._connection: http.client.HTTPConnection | None = None

    def sign_in(self, *, email: str, password: str, secret: str) -> None:
        """Password, then the authenticator's code. Raises Unexpected."""
        self._get("/accounts/login/")
        _, path = self._post("/accounts/login/", {"login": email, "password": password})
        if "2fa" not in path:
            raise Unexpected(f"After the password came {path}, not the code page.")
        _, path = self._post(path, {"code": current_code(secret, at=time.time())})
        if path.startswith("/accounts/"):
            raise Unexpected(f"After the code came {path}, not the service.")
        self.close()

    def visit(self, path: str) -> float:
        """Seconds that one page took. Raises Unexpected."""
        self._get(path)
        return self.timings[-1]

    def send(self, path: str, values: Mapping[str, str]) -> float:
        """Seconds that the answer to a form took, which is a page. Raises Unexpected."""
        self._post(path, values)
        return self.timings[-1]

    def search(self, asked: Mapping[str, str]) -> str:
        """Ask, and give the token of the first child shown; '' where none was. Raises Unexpected."""
        page, path = self._post("/", _form(asked))
        if path != "/results/":
            raise Unexpected(f"After a search came {path}, not the results.")
        found = RECORD.search(page)
        return found.group(1) if found else ""

    def open_record(self, token: str, *, plan_purpose: str) -> None:
        """Say why, and read the record. Raises Unexpected."""
        self._get(f"/record/{token}/reason/")
        _, path = self._post(f"/record/{token}/reason/", {"purpose": plan_purpose, "reference": ""})
        if path != f"/record/{token}/":
            raise Unexpected("After the reason came another page than the record.")
        self.close()

    def close(self) -> None:
        """End the connection, as a browser does that is left alone."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _get(self, path: str) -> tuple[str, str]:
        status, page, location = self._request("GET", path, "")
        if location:
            raise Unexpected(f"{_shape(path)} sent the browser to {_shape(location)}.")
        return self._read(status, page, path), path

    def _post(self, path: str, values: Mapping[str, str]) -> tuple[str, str]:
        body = urlencode({**values, "csrfmiddlewaretoken": self.token or self.cookies.get("csrftoken", "")})
        status, page, location = self._request("POST", path, body)
        for _ in range(LAST_STEPS):
            if not location:
                break
            path = urlsplit(urljoin(path, location)).path
            status, page, location = self._request("GET", path, "")
        return self._read(status, page, path), path

    def _read(self, status: int, page: str, path: str) -> str:
        if status != 200:
            raise Unexpected(f"{_shape(path)} answered with status {status}.")
        token = TOKEN.search(page)
        if token:
            self.token = token.group(1)
        return page

    def _request(self, method: str, path: str, body: str) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        try:
            answer, page = self._exchange(method, path, body, headers)
        except (http.client.HTTPException, OSError) as error:
            self.close()
            raise Unexpected(f"{_shape(path)} gave no answer: {type(error).__name__}.") from error
        self.timings.append(time.perf_counter() - began)
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.split(";", 1)[0].partition("=")
            self.cookies[name] = value
        return answer.status, page.decode(), answer.headers.get("Location", "")

    def _exchange(
        self, method: str, path: str, body: str, headers: Mapping[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Once more on a new connection where the server had closed the idle one, as every browser does."""
        is_used = self._connection is not None
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=PATIENCE, source_address=(self.source, 0)
            )
        try:
            self._connection.request(method, path, body or None, headers)
            answer = self._connection.getresponse()
            return answer, answer.read()
        except (ConnectionError, http.client.RemoteDisconnected):
            self.close()
            if not is_used:
                raise
            return self._exchange(method, path, body, headers)


def _form(asked: Mapping[str, str]) -> dict[str, str]:
    """The search page's fields; a date has three."""
    year, month, day = [*asked.get("birth_date", "").split("-"), "", ""][:3]
    parts = {"birth_date-day": day, "birth_date-month": month, "birth_date-year": year}
    return {**{name: value for name, value in asked.items() if name != "birth_date"}, **parts}


def _shape(path: str) -> str:
    """A path without what is in it of one session."""
    return re.sub(r"/record/[^/]+", "/record/…", urlsplit(path).path)


def current_code(secret: str, *, at: float) -> str:
    """What an authenticator app shows at that time (RFC 6238, SHA-1, six digits)."""
    counter = struct.pack(">Q", int(at) // PERIOD)
    mac = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = mac[-1] & 15
    number = struct.unpack(">I", mac[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
