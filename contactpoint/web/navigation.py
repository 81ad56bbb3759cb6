"""Which pages of an authority's team stand in the navigation: those of one's roles. Decides nothing."""

from dataclasses import dataclass
from functools import cache

from django.http import HttpRequest
from django.urls import reverse

from contactpoint.access.models import Account
from contactpoint.access.queries import NotCleared, get_viewer
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action, Role
from contactpoint.web.team_work import has_team_work


@dataclass(frozen=True, slots=True)
class TeamPage:
    """Shown to whoever has the role; `section` is what its pages call themselves."""

    role: Role
    text: str
    address: str
    section: str

    @property
    def task(self) -> str:
        """What waits there, for the team's own page."""
        return TASKS.get(self.address, "")


TEAM_PAGES = (
    TeamPage(Role.DATA_MANAGER, "Matches", "matches", "matches"),
    TeamPage(Role.DATA_MANAGER, "Feeds", "feeds", "feeds"),
    TeamPage(Role.NATIONAL_DATA_QUALITY, "Feeds", "feeds", "feeds"),
    TeamPage(Role.SHIELDING_OFFICER, "Shielding", "shielding_queue", "shielding"),
    TeamPage(Role.BROKER, "Brokered contact", "contact_cases", "brokering"),
    TeamPage(Role.SHIELDING_OFFICER, "Records joined", "record_changes", "joined"),
    TeamPage(Role.SEALED_CUSTODIAN, "Sealed identities", "sealed_identities", "sealed"),
    TeamPage(Role.DATA_MANAGER, "Moves", "moves", "moves"),
    TeamPage(Role.SHIELDING_OFFICER, "Moves", "moves", "moves"),
    TeamPage(Role.DATA_MANAGER, "Archive", "archive", "archive"),
    TeamPage(Role.AUDITOR, "Disclosures", "disclosures", "disclosures"),
    TeamPage(Role.NATIONAL_AUDITOR, "Disclosures", "disclosures", "disclosures"),
    TeamPage(Role.ARCHIVE_CUSTODIAN, "Archive", "archive_requests", "archive"),
    TeamPage(Role.INVESTIGATOR, "Investigations", "investigations", "investigations"),
)

MOST = 6  # more would stand in two lines; the team's own page has all of its pages

TASKS = {
    "matches": "Rows of which somebody must say whose they are",
    "feeds": "Files that are held, late, or have just come",
    "shielding_queue": "Requests, messages, rows near a shield, and reviews that are due",
    "contact_cases": "People who ask for contact with a sensitive service",
    "record_changes": "Records to join or to part, which take a second person",
    "sealed_identities": "Rows that may be about somebody with a new identity",
    "moves": "Records that an address says belong to another authority",
    "archive": "Records that have left the live directory, opened on a ground",
    "archive_requests": "Requests to open archived records, which take a second person",
    "disclosures": "What was released outside the service, on which ground",
    "investigations": "Shielded records that somebody opened, to be looked into",
}


def find_team_pages(viewer: Viewer) -> tuple[TeamPage, ...]:
    """The team's pages of somebody's roles; none in a mediated visit."""
    if viewer.mediator:
        return ()
    found = {each.address: each for each in TEAM_PAGES if each.role in viewer.roles}  # roles may share one
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Item:
    """One link of the navigation; `active` marks the page one is on."""

    text: str
    href: str
    active: bool


def find_navigation(request: HttpRequest, account: Account | None, section: str) -> tuple[Item, ...]:
    """Items for the service's navigation: finding and own work for those who may, then the team's pages.

    Pages about one's own `account` are for those whose clearance is not complete, too: they have no items.
    """
    viewer = getattr(request, "viewer", None) or _find_viewer(request, account)
    if viewer is None:
        return ()
    pages = _find_pages(viewer)
    if len(pages) > MOST:
        pages, section = _shortened(pages, section)
    return tuple(Item(text, _address(name), section == own) for text, name, own in pages)


Page = tuple[str, str, str]  # its text, the name of its address, and its section


def _find_pages(viewer: Viewer) -> list[Page]:
    pages: list[Page] = []
    if viewer.may(Action.SEARCH):
        pages.append(("Find a child", "find_child", "find"))
    if viewer.may(Action.LIST_OWN_INVOLVEMENTS):
        pages.append(("My involvements", "my_involvements", "involvements"))
    if viewer.may(Action.REQUEST_SHIELD):
        pages.append(("My requests", "my_requests", "requests"))
    if viewer.mediator or viewer.may(Action.MEDIATE):
        pages.append(("Mediated access", "mediated", "mediated"))
    team = find_team_pages(viewer)
    pages += [(each.text, each.address, each.section) for each in team]
    if team or has_team_work(viewer):
        pages.append(("Team", "team", "team"))
    if viewer.may(Action.SEE_OPENINGS):
        pages.append(("Openings", "openings", "openings"))
    if viewer.sensitive_service:
        pages.append(("Our service’s entries", "sensitive_entries", "our-entries"))
    return pages


def _shortened(pages: list[Page], section: str) -> tuple[list[Page], str]:
    """Without the last of what the team's own page has; whoever is on one of those is within the team."""
    left = {page.section for page in TEAM_PAGES} | {"openings"}
    dropped: list[Page] = []
    for page in reversed(pages):
        if page[2] in left and len(pages) - len(dropped) > MOST:
            dropped.append(page)
    sections = {page[2] for page in dropped}
    return [page for page in pages if page not in dropped], "team" if section in sections else section


@cache
def _address(name: str) -> str:
    return reverse(name)


def _find_viewer(request: HttpRequest, account: Account | None) -> Viewer | None:
    if account is None:
        return None
    try:
        return get_viewer(account_id=account.pk, at=request.at)  # type: ignore[attr-defined]
    except NotCleared:
        return None
