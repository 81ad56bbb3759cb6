"""Receiving an entry from a practitioner, as the server (SEA-7).

Only after a search. Entry and event are one transaction, and the worker is told the id alone (SHI-9).
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction
from procrastinate.contrib.django import app

from contactpoint.access.policies import ENGLAND
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Action
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.audit.queries import find_last_event
from contactpoint.codes.gender import Gender
from contactpoint.codes.numbers import parse_nhs_number, parse_upn
from contactpoint.codes.postcode import parse_postcode
from contactpoint.codes.services import SENSITIVE_SERVICES, SERVICES
from contactpoint.directory.values import SuppliedValues, to_json
from contactpoint.errors import Invalid, NotAllowed
from contactpoint.intake.models import Entry
from contactpoint.intake.policies import PROBLEMS, judge_age

SEARCH_LASTS = timedelta(hours=1)  # how long ago the search may have been
LONGEST = 200
TASK = "contactpoint.intake.tasks.take_entry"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class MayNotAdd(NotAllowed):
    """The person's roles do not include adding a child."""


class SearchFirst(NotAllowed):
    """A child can be added only after a search that did not find them."""


class UnusableEntry(Invalid):
    """The entry cannot be received as it stands; the message has every problem."""


def receive_entry(*, by: Viewer, values: SuppliedValues, at: datetime) -> int:
    """Keep a practitioner's entry until the worker takes it; gives its id.

    Raises MayNotAdd and SearchFirst, which are logged, and UnusableEntry.
    """
    problems = list(_problems(values, at.astimezone(ENGLAND).date()))
    if problems:
        raise UnusableEntry(" ".join(words for _, words in problems), parts=tuple(problems))
    refusal: NotAllowed | None = None
    entry_id = 0
    with transaction.atomic(durable=True):
        search = find_last_event(account_id=by.account_id, kind=EventKind.SEARCHED, since=at - SEARCH_LASTS)
        if not by.may(Action.ADD_CHILD):
            refusal = MayNotAdd("Your role does not let you add a child.")
        elif search is None:
            refusal = SearchFirst("Search for the child first. What you entered was not kept.")
        else:
            entry_id = _keep(by, values, search, at)
        record_event(
            kind=EventKind.CHANGE_REFUSED if refusal else EventKind.CHILD_ADDED,
            actor=by.actor,
            at=at,
            facts={"rule": "SEA-7"} if refusal else {"entry": entry_id, "search": search or 0},
            refused=refusal is not None,
        )
    if refusal:
        raise refusal
    return entry_id


def _keep(by: Viewer, values: SuppliedValues, search: int, at: datetime) -> int:
    entry = Entry.objects.create(
        account_id=by.account_id,
        organisation_id=by.organisation_id,
        search_event_id=search,
        given_names=values.given_names,
        family_name=values.family_name,
        birth_date=values.birth_date,
        content=to_json(values),
        received_at=at,
    )
    app.configure_task(TASK).defer(entry_id=entry.pk)
    return entry.pk


def _problems(values: SuppliedValues, on: date) -> Iterator[tuple[str, str]]:
    """What each is about, and its words."""
    if not (values.given_names.strip() or values.family_name.strip()):
        yield "given_names", "Enter a given name or a family name."
    for code, _ in judge_age(birth_date=values.birth_date, stays_until="", on=on):
        yield "birth_date", f"The date of birth {PROBLEMS[code].words.split(':')[0]}."
    if values.gender and values.gender not in set(Gender):
        yield "gender", "The gender is not one of the list."
    if values.nhs and parse_nhs_number(values.nhs) != values.nhs:
        yield "nhs", "The NHS number is not valid."
    if values.upn and parse_upn(values.upn) != values.upn:
        yield "upn", "The UPN is not valid."
    if any(address.postcode and parse_postcode(address.postcode) is None for address in values.addresses):
        yield "postcode", "The postcode is not valid. Leave it empty if you do not know it."
    if values.involvement and values.involvement.service not in SERVICES:
        yield "service", "The service is not one of the list."
    if values.involvement and values.involvement.service in SENSITIVE_SERVICES:
        yield "service", "A sensitive service cannot be recorded here."
    if any(len(text) > LONGEST or _CONTROL.search(text) for text in _texts(to_json(values))):
        yield "", f"Each answer must be one line of at most {LONGEST} characters."


def _texts(said: object) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict):
        for part in said.values():
            yield from _texts(part)
    elif isinstance(said, list | tuple):
        for part in said:
            yield from _texts(part)
