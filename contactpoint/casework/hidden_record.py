"""A record from what the hidden door handed out, by the same rules as an open one (SHI-6, RET-2).

Decides nothing and reads no hidden table; never sees who a sensitive service is (SEN-4).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from contactpoint.access.models import Organisation
from contactpoint.access.records import Viewer
from contactpoint.directory.composition import Looking, OwnAssessment, OwnEntry, Said, compose
from contactpoint.directory.models import Child
from contactpoint.directory.opening import ENGLAND, contact_of, find_codes, to_record
from contactpoint.directory.reaching import lay_over
from contactpoint.directory.reading_record import read_contacts
from contactpoint.directory.records import Record
from contactpoint.directory.values import from_json


def compose_hidden(*, child: Child, said: Mapping[str, Any], by: Viewer, at: datetime, on: date) -> Record:
    """The record of `rows`, `entries` and `assessments`, each as the door's JSON has them.

    `child` need not be in the database; `on` is the day as of which the record is shown.
    """
    rows = [
        Said(
            values=from_json(each["content"]),
            supplier=each["supplier"],
            supplier_name=each["supplier_name"],
            precedence=each["precedence"],
            reference=each["reference"],
            supplied_at=_moment(each["supplied_at"]),
            confirmed_at=_moment(each["confirmed_at"]),
        )
        for each in said["rows"]
    ]
    ids = {each["organisation_id"] for each in (*said["entries"], *said["assessments"])}
    organisations = Organisation.objects.in_bulk(ids)
    composed = compose(
        shown_name=(child.given_names, child.family_name),
        rows=rows,
        entries=_entries(said["entries"], organisations, on, at),
        assessments=[_assessment(each, organisations) for each in said["assessments"]],
        organisations=read_contacts(codes=find_codes(values=(row.values for row in rows))),
        looking=Looking(by.account_id, by.visible_numbers, by.organisation_code),
        on=on,
    )
    return to_record(child=child, composed=composed, viewer=by, at=at)


def _entries(
    said: Sequence[Mapping[str, Any]], organisations: Mapping[int, Organisation], on: date, at: datetime
) -> list[OwnEntry]:
    """In an emergency who to ring today; what is read out of the archive stays as it was."""
    entries = [(each["organisation_id"], _entry(each, organisations)) for each in said]
    if on == at.astimezone(ENGLAND).date():
        return lay_over(entries=entries, on=on, at=at)
    return [entry for _, entry in entries]


def _entry(said: Mapping[str, Any], organisations: Mapping[int, Organisation]) -> OwnEntry:
    return OwnEntry(
        id=said["id"],
        account_id=said["account_id"],
        practitioner=said["practitioner"],
        service=said["service"],
        role=said["role"],
        organisation=contact_of(organisations[said["organisation_id"]]),
        team_telephone=said["team_telephone"],
        team_email=said["team_email"],
        started_on=date.fromisoformat(said["started_on"]),
        ended_on=_day(said["ended_on"]),
        lead_from=_day(said["lead_from"]),
        recorded_at=_moment(said["recorded_at"]),
        confirmed_at=_moment(said["confirmed_at"]),
    )


def _assessment(said: Mapping[str, Any], organisations: Mapping[int, Organisation]) -> OwnAssessment:
    return OwnAssessment(
        id=said["id"],
        account_id=said["account_id"],
        kind=said["kind"],
        organisation=contact_of(organisations[said["organisation_id"]]),
        opened_on=date.fromisoformat(said["opened_on"]),
        closed_on=_day(said["closed_on"]),
        recorded_at=_moment(said["recorded_at"]),
    )


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def _moment(said: str) -> datetime:
    return datetime.fromisoformat(said)
