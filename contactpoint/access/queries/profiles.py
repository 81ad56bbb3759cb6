"""How people are reached, as they said themselves (INV-2).

Whether it still counts is decided from dates at every read: an absence ends by itself,
and a cover who may no longer act, or works elsewhere now, is not named.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F

from contactpoint.access.models import Profile
from contactpoint.access.policies import ENGLAND
from contactpoint.access.queries.who import NoSuchAccount, NotCleared, find_team_contact, get_viewer


@dataclass(frozen=True, slots=True)
class Cover:
    """Whom to ring instead."""

    name: str
    job_title: str
    telephone: str
    email: str


@dataclass(frozen=True, slots=True)
class ShownProfile:
    """What stands on somebody's entries at that moment. `away_to` is None where they are not away now."""

    organisation_id: int
    telephone: str
    email: str
    away_to: date | None
    cover: Cover | None


@dataclass(frozen=True, slots=True)
class OwnProfile:
    """What the person said, an absence to come included. `team` is what stands where they said nothing."""

    telephone: str
    email: str
    away_from: date | None
    away_to: date | None
    is_away: bool
    cover_email: str
    cover: Cover | None
    covers: tuple[tuple[str, date, date], ...]  # for whom one is named, from when until when
    team: tuple[str, str]


def find_profiles(*, accounts: Iterable[int], at: datetime) -> dict[int, ShownProfile]:
    """By account, of those who said anything while in the organisation that they work for now."""
    on = at.astimezone(ENGLAND).date()
    found = Profile.objects.filter(account__in=set(accounts), organisation=F("account__organisation"))
    return {row.account_id: _shown(row, on, at) for row in found}


def get_own_profile(*, account_id: int, at: datetime) -> OwnProfile:
    """One's own, empty where nothing was said."""
    on = at.astimezone(ENGLAND).date()
    row = (
        Profile.objects.filter(account=account_id, organisation=F("account__organisation"))
        .select_related("cover")
        .first()
    )
    is_ahead = row is not None and row.away_to is not None and row.away_to >= on
    named = Profile.objects.filter(
        cover=account_id, away_to__gte=on, organisation=F("account__organisation")
    ).select_related("account")
    return OwnProfile(
        telephone=row.telephone if row else "",
        email=row.email if row else "",
        away_from=row.away_from if row and is_ahead else None,
        away_to=row.away_to if row and is_ahead else None,
        is_away=row is not None and _is_away(row, on),
        cover_email=row.cover.email if row and is_ahead and row.cover else "",
        cover=find_cover(row, at=at) if row and is_ahead else None,
        covers=tuple(
            (each.account.name, each.away_from, each.away_to)
            for each in named.order_by("away_from", "account__name")
            if each.away_from and each.away_to
        ),
        team=find_team_contact(account_id=account_id),
    )


def find_cover(row: Profile, *, at: datetime) -> Cover | None:
    """Whoever was named, if they may act now and work for the same organisation still."""
    if row.cover_id is None:
        return None
    try:
        cover = get_viewer(account_id=row.cover_id, at=at)
    except (NoSuchAccount, NotCleared):
        return None
    if cover.organisation_id != row.organisation_id:
        return None
    return Cover(cover.name, cover.job_title, *find_team_contact(account_id=row.cover_id))


def _shown(row: Profile, on: date, at: datetime) -> ShownProfile:
    is_away = _is_away(row, on)
    return ShownProfile(
        organisation_id=row.organisation_id,
        telephone=row.telephone,
        email=row.email,
        away_to=row.away_to if is_away else None,
        cover=find_cover(row, at=at) if is_away else None,
    )


def _is_away(row: Profile, on: date) -> bool:
    return row.away_from is not None and row.away_to is not None and row.away_from <= on <= row.away_to
