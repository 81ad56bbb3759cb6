"""Which pages of an authority's team stand in the navigation: those of one's roles. Decides nothing."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

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


TEAM_PAGES = (
    TeamPage(Role.DATA_MANAGER, "Matches", "matches", "matches"),
    TeamPage(Role.DATA_MANAGER, "Feeds", "feeds", "feeds"),
    TeamPage(Role.NATIONAL_DATA_QUALITY, "Feeds", "feeds", "feeds"),
    TeamPage(Role.SHIELDING_OFFICER, "Shielding", "shielding_queue", "shielding"),
    TeamPage(Role.BROKER, "Brokered contact", "contact_cases", "brokering"),
    TeamPage(Role.SHIELDING_OFFICER, "Records joined", "record_changes", "joined"),
    TeamPage(Role.SEALED_CUSTODIAN, "Sealed identities", "sealed_identities", "sealed"),
    TeamPage(Role.DATA_MANAGER, "Archive", "archive", "archive"),
    TeamPage(Role.AUDITOR, "Disclosures", "disclosures", "disclosures"),
    TeamPage(Role.NATIONAL_AUDITOR, "Disclosures", "disclosures", "disclosures"),
    TeamPage(Role.ARCHIVE_CUSTODIAN, "Archive", "archive_requests", "archive"),
    TeamPage(Role.INVESTIGATOR, "Investigations", "investigations", "investigations"),
)


def find_navigation(viewer: Viewer | None, section: str) -> list[dict[str, Any]]:
    """Items for the service's navigation: finding and own work for those who may, then the team's pages.

    On pages about one's own account there is no viewer: only what everybody has.
    """
    pages: list[tuple[str, str, str]] = []
    if viewer is None or viewer.may(Action.SEARCH):
        pages.append(("Find a child", "find_child", "find"))
    if viewer is None or viewer.may(Action.LIST_OWN_INVOLVEMENTS):
        pages.append(("My involvements", "my_involvements", "involvements"))
    if viewer is not None and viewer.may(Action.REQUEST_SHIELD):
        pages.append(("My requests", "my_requests", "requests"))
    if viewer is not None:
        pages += [(each.text, each.address, each.section) for each in TEAM_PAGES if each.role in viewer.roles]
        if has_team_work(viewer):
            pages.append(("Team", "team", "team"))
        if viewer.sensitive_service:
            pages.append(("Our service’s entries", "sensitive_entries", "our-entries"))
    return [{"text": text, "href": reverse(name), "active": section == own} for text, name, own in pages]
