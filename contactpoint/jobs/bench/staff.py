"""Pages of those who answer for people, and their nightly run, with a work-force as large as England's.

Each page is asked for by somebody of the role that it is for, over HTTP, one after the other:
of the largest authority, of the largest body, or of the nation, whose lists are longest.
"""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from django.conf import settings

from contactpoint.access.actions.tidying import warn_and_tidy
from contactpoint.access.models import Account, Organisation
from contactpoint.access.roles import Role
from contactpoint.audit.records import Actor
from contactpoint.jobs.bench.browser import Browser
from contactpoint.jobs.bench.cpu import cpu_seconds, find_database
from contactpoint.jobs.bench.figures import summarise_latency
from contactpoint.jobs.bench.pages import find_free_port
from contactpoint.jobs.bench.people import BenchPerson, find_founders, make_person
from contactpoint.jobs.bench.workforce import CODE, ensure_workforce
from contactpoint.jobs.serving import serving
from contactpoint.progress import Progress

SERVICE = Actor(account_id=None, organisation_id=None, door="command")


@dataclass(frozen=True, slots=True)
class Visit:
    """A page somebody needs; `sent` where it is the answer to a form."""

    who: str
    page: str
    path: str
    sent: tuple[tuple[str, str], ...] = ()


def measure_staff(
    *, accounts: int, organisations: int, events: int, times: int, nights: int, progress: Progress
) -> dict[str, Any]:
    """Every page so many times, then some nights of which the first clears what had gathered."""
    now = datetime.now(UTC)
    ensure_workforce(
        organisations=organisations,
        accounts=accounts,
        events=events,
        by=find_founders(at=now),
        at=now,
        progress=progress,
    )
    people = _make_people(now)
    visits = tuple(_visits(people))
    with serving(port=(port := find_free_port()), workers=1) as processes:
        parts = (processes[0].pid, find_database(settings.DATABASE.cluster))
        pages = _visit_all(port, people, visits, times, parts, progress)
    found = [_run_night(now + timedelta(days=ahead)) for ahead in range(nights + 1)]
    slowest = max(pages, key=lambda page: page["p95_ms"])
    return {
        "headline": {
            "accounts": Account.objects.count(),
            "organisations": Organisation.objects.count(),
            "slowest_page": f"{slowest['page']}, {slowest['who']}",
            "slowest_page_p95_ms": slowest["p95_ms"],
            "night_s": round(median(night["seconds"] for night in found[1:]), 2),
            "first_night_s": found[0]["seconds"],
        },
        "events": events,
        "pages": pages,
        "nights": found,
    }


def _make_people(at: datetime) -> dict[str, BenchPerson]:
    largest = Organisation.objects.get(code=f"{CODE}1").pk
    return {
        "account manager": make_person(role=Role.ACCOUNT_MANAGER, at=at),
        "national account manager": make_person(role=Role.ACCOUNT_MANAGER, at=at, is_national=True),
        "administrator": make_person(role=Role.ORGANISATION_ADMINISTRATOR, at=at, organisation_id=largest),
        "line manager": make_person(role=Role.LINE_MANAGER, at=at, organisation_id=largest),
        "auditor": make_person(role=Role.AUDITOR, at=at),
        "national auditor": make_person(role=Role.NATIONAL_AUDITOR, at=at, is_national=True),
        "practitioner": make_person(role=Role.PRACTITIONER, at=at, organisation_id=largest),
    }


def _visits(people: dict[str, BenchPerson]) -> Iterator[Visit]:
    one = Account.objects.filter(organisation__code=f"{CODE}1", email__startswith="person").first()
    of_one = one.pk if one else 0
    for who in ("account manager", "national account manager", "administrator"):
        yield Visit(who, "team", "/team/")
        yield Visit(who, "people", "/people/")
        yield Visit(who, "people, page 40", "/people/?page=40")
        yield Visit(who, "people who lapse", "/people/?show=lapsing")
        yield Visit(who, "people who are stopped", "/people/?show=stopped")
        yield Visit(who, "people of a name", "/people/?words=ma")
        yield Visit(who, "people of a name that nobody has", "/people/?words=zzzz")
        yield Visit(who, "invite", "/people/invite/")
    yield Visit("national account manager", "one person", f"/people/{of_one}/")
    for who in ("account manager", "national account manager"):
        yield Visit(who, "organisations", "/organisations/")
        yield Visit(who, "organisations that end", "/organisations/?show=ending")
        yield Visit(who, "organisations of a name", "/organisations/?words=sch")
        yield Visit(who, "organisations of no such name", "/organisations/?words=zzzz")
        yield Visit(who, "switches", "/switches/")
        yield Visit(who, "openings", "/openings/")
    yield Visit("line manager", "re-certify", "/team/re-certify/")
    for who in ("line manager", "auditor", "national auditor"):
        yield Visit(who, "log", "/log/")
        yield Visit(who, "log of one person", "/log/", (("email", one.email if one else ""),))
        yield Visit(who, "log of one kind", "/log/", (("kind", "record-opened"),))
        yield Visit(who, "log of a rare kind", "/log/", (("kind", "role-granted"),))
        yield Visit(who, "log, refused only", "/log/", (("refused", "on"),))
    yield Visit("practitioner", "find a child", "/")
    yield Visit("practitioner", "own account", "/accounts/")


def _visit_all(
    port: int,
    people: dict[str, BenchPerson],
    visits: tuple[Visit, ...],
    times: int,
    parts: tuple[int, ...],
    progress: Progress,
) -> list[dict[str, Any]]:
    browsers = {}
    for place, (who, person) in enumerate(people.items()):
        browsers[who] = Browser(port=port, source=f"127.8.0.{place + 1}")
        browsers[who].sign_in(email=person.email, password=person.password, secret=person.secret)
    found = []
    for number, visit in enumerate(visits):
        progress(f"Visiting {visit.page} as {visit.who}", number, len(visits))
        browser = browsers[visit.who]
        browser.close()  # it may have waited longer than the server does
        _visit(browser, visit)  # the first finds nothing in any cache
        used = sum(cpu_seconds(pid=pid) for pid in parts)
        took = asdict(summarise_latency(seconds=[_visit(browser, visit) for _ in range(times)]))
        used = sum(cpu_seconds(pid=pid) for pid in parts) - used
        found.append({"who": visit.who, "page": visit.page, **took, "cpu_ms": round(used / times * 1000, 1)})
    progress("Visiting pages", len(visits), len(visits))
    return found


def _visit(browser: Browser, visit: Visit) -> float:
    return browser.send(visit.path, dict(visit.sent)) if visit.sent else browser.visit(visit.path)


def _run_night(at: datetime) -> dict[str, Any]:
    database = find_database(settings.DATABASE.cluster)
    used, own, began = cpu_seconds(pid=database), time.process_time(), time.perf_counter()
    night = warn_and_tidy(by=SERVICE, at=at)
    return {
        "seconds": round(time.perf_counter() - began, 2),
        "program_cpu_s": round(time.process_time() - own, 2),
        "database_cpu_s": round(cpu_seconds(pid=database) - used, 2),
        "warned": night.warned,
        "closed": night.closed,
    }
