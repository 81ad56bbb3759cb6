"""What may be recorded of a sensitive service: pure; raises in words for the person (SEN-2, SEN-6)."""

from datetime import date, timedelta

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.codes.services import ROLES
from contactpoint.directory.actions import MayNotRecord, UnusableEntry
from contactpoint.directory.sensitive.records import Basis, Consent, Giver

REVIEW_AT_THE_LATEST = timedelta(days=366)


def is_provider(viewer: Viewer) -> bool:
    """Their role records, and their organisation provides a sensitive service."""
    return bool(viewer.sensitive_service) and viewer.may(Action.RECORD_SENSITIVE)


def insist_on_provider(viewer: Viewer) -> None:
    """Raises MayNotRecord."""
    if not is_provider(viewer):
        raise MayNotRecord("This is for people of an organisation that provides a sensitive service.")


def insist_on_basis(basis: str, consent: Consent | None, on: date) -> None:
    """Exactly one of the two, and if consent, a whole one. Raises UnusableEntry."""
    if basis not in set(Basis):
        raise UnusableEntry(
            "Say on what basis this is recorded: consent, or significant harm.", about="basis"
        )
    if basis == Basis.CONSENT:
        insist_on_consent(consent, on)
    elif consent is not None:
        raise UnusableEntry("Record either consent or significant harm, not both.", about="basis")


def insist_on_consent(consent: Consent | None, on: date) -> None:
    """By whom, obtained by which role, when, and until when it counts. Raises UnusableEntry."""
    if consent is None or consent.given_by not in set(Giver):
        raise UnusableEntry(
            "Say who gave consent: the child or young person, or a parent or carer.", about="given_by"
        )
    if consent.obtained_by_role not in ROLES:
        raise UnusableEntry("Choose the role of whoever obtained consent.", about="obtained_by_role")
    if consent.obtained_on > on:
        raise UnusableEntry("The date of consent must not be in the future.", about="obtained_on")
    if consent.review_on is None or consent.review_on <= consent.obtained_on:
        raise UnusableEntry("The review date must be after the date of consent.", about="review_on")
    if consent.review_on <= on:
        raise UnusableEntry(
            "The review date must be in the future. Ask for consent again if it has passed.",
            about="review_on",
        )
    if consent.review_on > consent.obtained_on + REVIEW_AT_THE_LATEST:
        raise UnusableEntry(
            "The review date must be within a year of the date of consent.", about="review_on"
        )


def insist_on_part(role: str, started_on: date, on: date) -> None:
    """Raises UnusableEntry."""
    if role not in ROLES:
        raise UnusableEntry("Choose a role from the list.", about="role")
    if started_on > on:
        raise UnusableEntry("The date must not be in the future.", about="started_on")
