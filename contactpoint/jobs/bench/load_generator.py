"""Practitioners at their browsers: `python -m contactpoint.jobs.bench.load_generator`, a process of its own.

Reads a plan as JSON from standard input, writes what it saw as JSON to standard output.
Signs every practitioner in for real (password, then the authenticator's code), each from an address of
their own on the loopback network, then makes enquiries: search, reason, record.
Knows HTTP and nothing of the service's insides, so that it can't take a short cut.
"""

import json
import queue
import random
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from contactpoint.jobs.bench.browser import Browser, Unexpected
from contactpoint.jobs.bench.cpu import cpu_seconds

LONGEST_ERRORS = 20  # words of errors kept for the report


@dataclass(slots=True)
class Seen:
    """What one run saw; the lists are seconds."""

    pages: list[float] = field(default_factory=list)
    searches: list[float] = field(default_factory=list)
    records: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)  # how long after its moment an enquiry could begin
    enquiries: int = 0
    opened: int = 0
    errors: int = 0
    words: list[str] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)  # seconds that each part of the service used


class Run:
    """Shared between the threads; appending to a list needs no lock, adding to a number does."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.seen = Seen()
        self.lock = threading.Lock()
        self.moments: queue.SimpleQueue[tuple[float, dict[str, str]] | None] = queue.SimpleQueue()

    def failed(self, words: str) -> None:
        with self.lock:
            self.seen.errors += 1
            if len(self.seen.words) < LONGEST_ERRORS and words not in self.seen.words:
                self.seen.words.append(words)


def sign_in_all(plan: dict[str, Any]) -> list[Browser]:
    """A browser for each practitioner, signed in."""
    browsers: list[Browser] = []
    waiting: queue.SimpleQueue[tuple[int, dict[str, str]]] = queue.SimpleQueue()
    for place, person in enumerate(plan["people"]):
        waiting.put((place, person))
    troubles: list[str] = []

    def work() -> None:
        while True:
            try:
                place, person = waiting.get_nowait()
            except queue.Empty:
                return
            browser = Browser(port=plan["port"], source=f"127.7.{place // 250}.{place % 250 + 1}")
            try:
                browser.sign_in(email=person["email"], password=person["password"], secret=person["secret"])
                browsers.append(browser)
            except (Unexpected, OSError) as error:
                troubles.append(str(error))

    _together(work, 4)
    if troubles:
        raise Unexpected(f"{len(troubles)} practitioners could not sign in: {troubles[0]}")
    return browsers


def drive(plan: dict[str, Any], browsers: list[Browser]) -> Seen:
    """Enquiries at their moments, or one after the other where the pace is 0, until all are made."""
    run = Run(plan)
    idle: queue.SimpleQueue[Browser] = queue.SimpleQueue()
    for browser in browsers:
        idle.put(browser)
    before = _used(plan)
    run.seen.began = time.perf_counter()
    pace = float(plan["pace"])
    draw = random.Random(plan["seed"])
    due = run.seen.began
    for asked in plan["enquiries"]:
        # Moments of a Poisson process: people do not take turns.
        due += draw.expovariate(pace) if pace else 0.0
        run.moments.put((due if pace else 0.0, asked))
    for _ in range(plan["threads"]):
        run.moments.put(None)
    _together(lambda: _enquire_all(run, idle), plan["threads"])
    run.seen.ended = time.perf_counter()
    run.seen.cpu = {part: used - before[part] for part, used in _used(plan).items()}
    return run.seen


def _used(plan: dict[str, Any]) -> dict[str, float]:
    parts = {part: cpu_seconds(pid=pid) for part, pid in plan["watch"].items()}
    return {**parts, "load generator": time.process_time()}


def _together(work: Any, threads: int) -> None:
    running = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def _enquire_all(run: Run, idle: "queue.SimpleQueue[Browser]") -> None:
    while True:
        moment = run.moments.get()
        if moment is None or time.perf_counter() - run.seen.began > run.plan["longest"]:
            return
        due, asked = moment
        wait = due - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        run.seen.late.append(max(0.0, -wait) if due else 0.0)
        browser = idle.get()
        try:
            _enquire(run, browser, asked)
        except (Unexpected, OSError) as error:
            browser.close()
            run.failed(str(error))
        finally:
            idle.put(browser)


def _enquire(run: Run, browser: Browser, asked: dict[str, str]) -> None:
    """Search; and where a child was found, the reason and the record."""
    browser.timings.clear()
    try:
        number = browser.search(asked)
        run.seen.searches.append(browser.timings[-1])
        if number:
            browser.open_record(number, plan_purpose=run.plan["purpose"])
            run.seen.records.append(browser.timings[-1])
            with run.lock:
                run.seen.opened += 1
    finally:
        run.seen.pages.extend(browser.timings)
    with run.lock:
        run.seen.enquiries += 1


def _main() -> None:
    plan = json.load(sys.stdin)
    try:
        browsers = sign_in_all(plan)
        warm = plan["enquiries"][: plan["warm"]]
        drive({**plan, "enquiries": warm, "pace": 0}, browsers)
        print(json.dumps(asdict(drive(plan, browsers))), flush=True)
    except Unexpected as error:
        print(f"{error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    _main()
