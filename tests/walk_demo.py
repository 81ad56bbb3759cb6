"""Starts `make demo` as a newcomer would, walks the main journey over HTTP, reads the log, and stops it.

Run as `python -m tests.walk_demo`; exits 0 only if every step did what its user expects.
Where the two lists of fictional children lie beside the project, the child is one of theirs,
found by a misspelt name and the year of birth; else one of the made-up England.
"""

import base64
import csv
import hashlib
import hmac
import html
import http.cookiejar
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from contactpoint.access.practice import PEOPLE

PROJECT = Path(__file__).resolve().parent.parent
LISTS = PROJECT.parent / "shared" / "data" / "ess"
CHILDREN = 2000
PATIENCE = 420  # seconds for the first start, installing apart
QUICK = 10  # seconds for a second start


class WalkFailed(AssertionError):
    """A step did not do what its user expects."""


@dataclass(frozen=True)
class Sought:
    """Whom to look for: as typed, and what the record must show."""

    given: str
    family: str
    year: str
    shown: str
    sources: tuple[str, ...]


class Browser:
    """As much of a browser as the pages need without JavaScript."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)
        self.url = origin
        self.text = ""

    def get(self, path: str) -> str:
        return self._send(urllib.request.Request(urllib.parse.urljoin(self.url, path)))

    def post(self, path: str = "", **fields: str) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.text)
        if token is None:
            raise WalkFailed(f"there is no form on {self.url}")
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
        headers = {"Referer": self.url, "Origin": self.origin}
        return self._send(urllib.request.Request(urllib.parse.urljoin(self.url, path), data, headers))

    def _send(self, request: urllib.request.Request) -> str:
        try:
            response = self.opener.open(request, timeout=60)
        except urllib.error.HTTPError as refusal:  # a refusal is a page too
            response = refusal
        with response:
            self.url = response.geturl()
            if (
                response.headers["Cache-Control"] is None
                or "no-store" not in response.headers["Cache-Control"]
            ):
                raise WalkFailed(f"{self.url} may be cached")
            self.text = response.read().decode()
        return self.text

    def insist(self, *words: str) -> None:
        plain = html.unescape(re.sub(r"<[^>]+>", " ", self.text))
        missing = [word for word in words if word.casefold() not in plain.casefold()]
        if missing:
            said = re.sub(r"\s*\n\s*", "\n", plain)[:3000]
            raise WalkFailed(f"{self.url} does not say {missing}:\n{said}")


def current_code(secret: str) -> str:
    """RFC 6238, as an authenticator app computes it."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def misspell(name: str) -> str:
    """Two different neighbouring letters, the first left in place, change places."""
    at = next(place for place in range(1, len(name) - 1) if name[place] != name[place + 1])
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def choose_child(data: Path) -> Sought:
    return _of_the_lists() if LISTS.is_dir() else _of_the_made_up(data)


def _of_the_lists() -> Sought:
    """A child whom both lists have with the same plain names and birth date, and whose names are rare."""
    with (
        (LISTS / "list_a.csv").open() as a,
        (LISTS / "list_b.csv").open() as b,
        (LISTS / "truth.csv").open() as t,
    ):
        first = {row["ref"]: row for row in csv.DictReader(a)}
        second = {row["ref"]: row for row in csv.DictReader(b)}
        pairs = [(row["ref_a"], row["ref_b"]) for row in csv.DictReader(t)]
    families = [row["pername2"] for row in first.values()]
    for ref_a, ref_b in pairs:
        one, other = first[ref_a], second[ref_b]
        same = all(
            one[part] == other[part] for part in ("pername1", "pername2", "dob_year", "dob_mon", "dob_day")
        )
        long_enough = len(one["pername1"]) > 5 and len(one["pername2"]) > 6
        if same and long_enough and int(one["dob_year"]) >= 2012 and families.count(one["pername2"]) == 1:
            return Sought(
                one["pername1"],
                misspell(one["pername2"]),
                one["dob_year"],
                one["pername2"],
                ("List A", "List B"),
            )
    raise WalkFailed("the lists have no child to look for")


def _of_the_made_up(data: Path) -> Sought:
    import polars as pl

    children = pl.read_parquet(next(data.glob("demo/*/truth/children.parquet")))
    for child in children.iter_rows(named=True):
        plain = (
            child["given_name"].isascii()
            and child["family_name"].isascii()
            and child["family_name"].isalpha()
        )
        open_one = (
            plain
            and not child["restricted"]
            and len(child["family_name"]) > 7
            and child["birth_date"] > "2012"
        )
        if open_one and not child["former_family_name"]:
            family = child["family_name"]
            return Sought(child["given_name"], misspell(family), child["birth_date"][:4], family, ())
    raise WalkFailed("the made-up England has no child to look for")


def walk(origin: str, sought: Sought) -> None:
    """Sign in, be refused for too little, search, give a reason, read the record, sign out."""
    person = next(person for person in PEOPLE if person.role == "practitioner" and not person.trouble)
    browser = Browser(origin)
    browser.get("/")
    browser.post(login=person.email, password=person.password)
    browser.insist("Enter your code")
    browser.post(code=current_code(person.secret))
    browser.insist("Find a child")
    browser.post(family_name=sought.family)
    browser.insist("There is a problem")
    browser.get("/")
    browser.post(**{"given_name": sought.given, "family_name": sought.family, "birth_date-year": sought.year})
    browser.insist(sought.shown)
    plain = html.unescape(browser.text)
    links = re.findall(r'<a[^>]+href="(/record/[^"]+)"[^>]*>(.*?)</a>', plain, re.DOTALL)
    link = next((href for href, words in links if sought.shown.casefold() in words.casefold()), None)
    if link is None:
        raise WalkFailed(f"the results do not lead to {sought.shown}")
    browser.get(link)
    browser.insist("Why do you need to open this record?")
    browser.post(purpose="coordinating", reference="WALK-1")
    browser.insist(sought.shown, *sought.sources)
    browser.get("/my-involvements/")
    browser.insist("My involvements")


def check_log(environment: dict[str, str]) -> None:
    person = next(person for person in PEOPLE if person.role == "practitioner" and not person.trouble)
    command = [Path(sys.executable).parent / "contactpoint", "log", "--account", person.email, "--typed"]
    said = subprocess.run(
        command, env={**environment, "COLUMNS": "220"}, capture_output=True, text=True, check=True
    ).stdout
    for kind in ("signed-in", "search-refused", "searched", "record-opened", "coordinating", "WALK-1"):
        if kind not in said:
            raise WalkFailed(f"the log does not have {kind!r}:\n{said}")


def start(port: int, environment: dict[str, str], patience: float) -> tuple[subprocess.Popen[str], float]:
    """`make demo` until it says where it is; everything it prints goes to our standard error."""
    began = time.monotonic()
    command = ["make", "--no-print-directory", "demo", f"CHILDREN={CHILDREN}", f"PORT={port}"]
    demo = subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert demo.stdout is not None
    os.set_blocking(demo.stdout.fileno(), False)
    while time.monotonic() - began < patience:
        line = demo.stdout.readline()
        sys.stderr.write(line)
        if "Ctrl-C stops it" in line:
            return demo, time.monotonic() - began
        if not line:
            if demo.poll() is not None:
                raise WalkFailed(f"make demo ended with status {demo.returncode}")
            time.sleep(0.1)
    stop(demo)
    raise WalkFailed(f"make demo was not up after {patience:.0f} s")


def stop(demo: subprocess.Popen[str]) -> None:
    """Ctrl-C, as from a terminal: to the whole group."""
    os.killpg(demo.pid, signal.SIGINT)
    try:
        demo.wait(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(demo.pid, signal.SIGKILL)
        raise WalkFailed("Ctrl-C did not stop the demo within a minute") from None


def left_behind(data: Path) -> list[str]:
    """Processes that still have the data folder among their arguments or environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            said = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(data).encode() in said and int(entry.name) != os.getpid():
            found.append(f"{entry.name}: {(entry / 'cmdline').read_bytes()[:80]!r}")
    return found


def main() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        environment = {**os.environ, "CONTACTPOINT_DATA": str(data)}
        demo, seconds = start(port, environment, PATIENCE)
        try:
            walk(f"http://localhost:{port}", choose_child(data))
            check_log(environment)
        finally:
            stop(demo)
        again, quick = start(port, environment, PATIENCE)
        stop(again)
        if left := left_behind(data):
            raise WalkFailed(f"Ctrl-C left something running: {left}")
    sys.stdout.write(
        f"The walk is done. First start {seconds:.0f} s, second {quick:.1f} s (at most {QUICK}).\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
