"""What somebody says themselves of how they are reached (INV-2); nobody says it for somebody else.

The log has that it changed, never what it was or is.
"""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F

from contactpoint.access.models import Account, Accreditation, Profile
from contactpoint.access.policies import ENGLAND, judge_domain
from contactpoint.access.queries.who import NotCleared, get_viewer
from contactpoint.access.records import Viewer
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.codes.telephones import find_telephone_problem, write_telephone
from contactpoint.errors import Invalid

LONGEST_AWAY = timedelta(days=366)
LONGEST = 200


class UnusableProfile(Invalid):
    """What was given cannot be shown to others; nothing was changed."""


def change_own_contact(*, telephone: str, email: str, by: Viewer, at: datetime) -> None:
    """The team's telephone number and e-mail address, as they stand on one's entries from now on.

    Empty takes it back: then the organisation's, or what an entry was recorded with, stands there.
    Raises UnusableProfile, with every problem at once.
    """
    telephone, email = telephone.strip(), email.strip().lower()
    problems = []
    if telephone and (words := find_telephone_problem(text=telephone)):
        problems.append(("telephone", words))
    if email and (words := _find_email_problem(email, by)):
        problems.append(("email", words))
    if problems:
        raise UnusableProfile(" ".join(words for _, words in problems), parts=tuple(problems))
    written = write_telephone(text=telephone) if telephone else ""
    _write(by, at, "contact", telephone=written, email=email)


def change_own_cover(*, away_from: date, away_to: date, cover_email: str, by: Viewer, at: datetime) -> None:
    """Away from that day until that day, and whom of the same organisation to ring instead.

    Raises UnusableProfile.
    """
    on = at.astimezone(ENGLAND).date()
    _check_dates(away_from, away_to, on)
    cover = _get_cover(cover_email, by, at)
    if _is_away_too(cover, away_from, away_to):
        raise UnusableProfile(
            "This colleague is away in that time too. Name somebody else.", about="cover_email"
        )
    _write(by, at, "cover", away_from=away_from, away_to=away_to, cover_id=cover)


def end_own_cover(*, by: Viewer, at: datetime) -> None:
    """Back already, or not going."""
    _write(by, at, "cover", away_from=None, away_to=None, cover_id=None)


def _write(by: Viewer, at: datetime, part: str, **changes: object) -> None:
    """Said for another organisation before: that goes, whole."""
    with transaction.atomic(durable=True):
        Profile.objects.filter(account=by.account_id).exclude(organisation=by.organisation_id).delete()
        Profile.objects.update_or_create(
            account_id=by.account_id, defaults={"organisation_id": by.organisation_id, **changes}
        )
        record_event(kind=EventKind.PROFILE_CHANGED, actor=by.actor, at=at, facts={"part": part})


def _find_email_problem(email: str, by: Viewer) -> str:
    try:
        validate_email(email)
    except ValidationError:
        return "Enter an e-mail address, like duty@example.org"
    current = Accreditation.objects.filter(
        organisation=by.organisation_id, superseded_at__isnull=True
    ).first()
    domains = tuple(current.email_domains) if current else ()
    if len(email) > LONGEST or not judge_domain(email=email, domains=domains).allowed:
        ends = " or ".join(f"@{domain}" for domain in domains)
        return f"Enter an address of your organisation’s own: it ends with {ends}"
    return ""


def _check_dates(away_from: date, away_to: date, on: date) -> None:
    if away_to < away_from:
        raise UnusableProfile("The last day must be the same as or after the first", about="away_to")
    if away_to < on:
        raise UnusableProfile("The last day must be today or later", about="away_to")
    if away_to - away_from > LONGEST_AWAY:
        raise UnusableProfile("An absence lasts a year at most", about="away_to")
    if away_from - on > LONGEST_AWAY:
        raise UnusableProfile("The first day must be within a year from today", about="away_from")


def _get_cover(email: str, by: Viewer, at: datetime) -> int:
    """The same words whether there is no such person, they work elsewhere, or may not act."""
    known = Account.objects.filter(email__iexact=email.strip(), organisation=by.organisation_id).first()
    if known is not None and known.pk == by.account_id:
        raise UnusableProfile("You cannot cover for yourself", about="cover_email")
    try:
        if known is not None and get_viewer(account_id=known.pk, at=at):
            return known.pk
    except NotCleared:
        pass
    raise UnusableProfile(
        "Enter the work e-mail address of a colleague in your organisation who can use ContactPoint now",
        about="cover_email",
    )


def _is_away_too(cover: int, away_from: date, away_to: date) -> bool:
    return Profile.objects.filter(
        account=cover,
        organisation=F("account__organisation"),
        away_from__lte=away_to,
        away_to__gte=away_from,
    ).exists()
