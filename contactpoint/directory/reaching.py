"""How practitioners say today that they are reached, laid over what their entries were recorded with (INV-2).

The entry itself is not touched: taking the words back, or moving elsewhere, brings its own contact back.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from contactpoint.access.queries.profiles import Cover, ShownProfile, find_profiles
from contactpoint.directory.composition import OwnEntry
from contactpoint.directory.records import Away


def lay_over(*, entries: Sequence[tuple[int, OwnEntry]], on: date, at: datetime) -> list[OwnEntry]:
    """Each entry after the organisation that it was recorded for.

    What is over, or belongs to an organisation that the person has left, stays as it was.
    """
    profiles = find_profiles(accounts={entry.account_id for _, entry in entries}, at=at)
    return [_laid_over(entry, profiles.get(entry.account_id), home, on) for home, entry in entries]


def _laid_over(entry: OwnEntry, said: ShownProfile | None, home: int, on: date) -> OwnEntry:
    is_over = entry.ended_on is not None and entry.ended_on < on
    if said is None or said.organisation_id != home or is_over:
        return entry
    return replace(
        entry,
        team_telephone=said.telephone or entry.team_telephone,
        team_email=said.email or entry.team_email,
        away=_away(said.away_to, said.cover) if said.away_to else None,
    )


def _away(until: date, cover: Cover | None) -> Away:
    if cover is None:
        return Away(until)
    return Away(until, cover.name, cover.job_title, cover.telephone, cover.email)
