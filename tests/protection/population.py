"""Who lives in the two worlds: the same children, of whom only the hidden values differ.

Shielded children have everything that can be hidden, on both sides of the moment when they were shielded.
The variants are what may be hidden; which child has which is what the machine changes.
"""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from contactpoint.access.actions.sessions import begin_session
from contactpoint.access.models import Account
from contactpoint.access.queries import get_viewer
from contactpoint.access.roles import Role, Sector
from contactpoint.access.sign_in import TOKEN
from contactpoint.audit.records import Actor
from contactpoint.codes.child_number import encode
from contactpoint.directory import actions
from contactpoint.directory.publish import PublishedRow, SensitivePart, publish_rows
from contactpoint.directory.values import (
    Address,
    Carer,
    FormerName,
    Place,
    ServiceEntry,
    SuppliedValues,
    to_json,
)
from contactpoint.intake.loads import enter_supplier
from contactpoint.intake.profiles import get_profile
from contactpoint.intake.register import set_supplier
from tests.factories import make_cleared_account, make_organisation
from tests.feeds import US, open_everywhere
from tests.protection.worlds import BEGIN, World

SUPPLIERS = ("nhs_demographics", "school_census", "social_care", "child_benefit", "local_services", "camhs")
# Of which children they speak differs between the worlds, so they send no files in the machine.
SILENT = ("social_care", "youth_justice", "births")


@dataclass(frozen=True, slots=True, repr=False)
class Hidden:
    """All that a shield hides of one child."""

    nhs: str
    upn: str
    former: str
    street: str
    town: str
    postcode: str
    old_postcode: str
    carer: str
    telephone: str
    organisation: str
    authority: str
    more_rows: int  # how many suppliers speak of the child beside the first

    def __repr__(self) -> str:
        return f"<{self.former} of {self.town}>"


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """What everybody may see of a child. `id` is its ContactPoint number as an integer."""

    id: int
    given: str
    family: str
    born: str
    gender: str
    town: str = "Leeds"
    postcode: str = "LS1 1UR"
    street: str = "1 Park Row"
    nhs: str = ""

    def __repr__(self) -> str:
        return f"<{self.given} {self.family}>"


VARIANTS = (
    Hidden("9434765919", "H801200001001", "Hussain", "12 Canal Street", "Birmingham", "B1 1AA", "M1 1AE",
           "Sara Hussain", "0121 496 0101", "TEAM-N", "330", 1),
    Hidden("9000000009", "P207000016049", "Oyelaran", "7 Quay Road", "Newcastle", "NE1 4ST", "L1 8JQ",
           "Ben Oyelaran", "0191 498 0202", "TEAM-S", "391", 3),
    Hidden("9990000018", "J820100016049", "Smith", "1 Park Row", "Leeds", "LS1 1UR", "B1 1AA",
           "Dee Smith", "0113 496 0303", "TEAM-N", "383", 2),
    Hidden("9990000026", "", "", "", "", "", "", "", "", "TEAM-S", "352", 0),
)  # fmt: skip

AMINA = Person(1001, "Amina", "Khan", "2016-05-24", "F")
TOM = Person(1002, "Thomas", "Clarke", "2014-03-09", "M")
OLIVER = Person(3055, "Oliver", "Smith", "2015-01-01", "M")  # his number is amid those of his namesakes
ZOFIA = Person(1004, "Zofia", "Wren", "2017-02", "F")
SHIELDED = (AMINA, TOM, OLIVER, ZOFIA)
OTHER_AMINA = Person(900, "Amina", "Khan", "2016-05-24", "F", "Bradford", "BD1 1HX", "4 Hall Lane")
OPEN = (
    OTHER_AMINA,
    Person(2001, "Leah", "Novak", "2012-11-30", "F", "Leeds", "LS6 3HH", "3 Stonegate", "9434765870"),
    Person(2002, "Jack", "Thorne", "2013-07-04", "M", "Leeds", "LS7 1UU", "9 High Street"),
    Person(2003, "Maya", "Patel", "2011-09-18", "F", "Leeds", "LS8 5DE", "22 Mill Lane"),
    Person(2004, "Mia", "Hussain", "2016-05-24", "F", "Derby", "DE1 2QY", "5 Friar Gate"),
)
# With the shielded one they are just as many as a practitioner may be shown.
OLIVERS = tuple(
    Person(
        3000 + 10 * place,
        "Oliver",
        "Smith",
        "2015-01-01",
        "M",
        "Leeds",
        f"LS{place} 2AB",
        f"{place} Oak Road",
    )
    for place in range(1, 10)
)
NOBODY = Person(4001, "Quentin", "Abernathy", "2010-10-10", "M", "Exeter", "EX1 1AA", "8 Fore Street")
VISIBLE = {person.id: encode(person.id) for person in (*SHIELDED, *OPEN, *OLIVERS, NOBODY)}


def found_world(*, at: datetime) -> list[tuple[int, str]]:
    """Everybody who looks, and the open children; gives accounts with their session keys."""
    open_everywhere(at=at)
    for supplier in {*SUPPLIERS, *SILENT}:
        enter_supplier(profile=get_profile(name=supplier))
    set_supplier(supplier="local_services", changes={"authority": "383"}, by=US, at=at)
    school = make_organisation(at=at, code="SCHOOL", name="Hill School")
    health = make_organisation(at=at, code="TEAM-N", name="North clinic", sector=Sector.HEALTH, kind="clinic")
    social = make_organisation(
        at=at, code="TEAM-S", name="South team", sector=Sector.SOCIAL_CARE, kind="team"
    )
    council = make_organisation(at=at, code="LA", name="Council", sector=Sector.AUTHORITY, kind="authority")
    leeds = make_organisation(
        at=at, code="LA-383", name="Leeds", sector=Sector.AUTHORITY, kind="authority", authority="383"
    )
    accounts = [
        make_cleared_account(at=at, organisation=school, roles=[Role.PRACTITIONER]),
        make_cleared_account(at=at, organisation=health, roles=[Role.PRACTITIONER]),
        make_cleared_account(at=at, organisation=social, roles=[Role.PRACTITIONER]),
        make_cleared_account(at=at, organisation=council, roles=[Role.DATA_MANAGER]),
        make_cleared_account(at=at, organisation=leeds, roles=[Role.DATA_MANAGER]),
        make_cleared_account(at=at, organisation=leeds, roles=[Role.BROKER]),
    ]
    for person in (*OPEN, *OLIVERS):
        publish(person_values(person), child=person.id, is_new=True, supplier="child_benefit", at=at)
    return [(account.pk, _sign_in(account, at + BEGIN)) for account in accounts]


def people_of(world: World, accounts: list[tuple[int, str]]) -> None:
    """The same accounts and sessions, as this world's viewers and browsers."""
    from django.test import Client

    for account, session in accounts:
        world.viewers.append(get_viewer(account_id=account, at=world.at))
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = session
        world.clients.append(client)
        world.tokens.append([])


def hide(world: World, variants: tuple[int, ...]) -> None:
    """Fill the hidden side; some children were open, and worked with, before they were shielded."""
    at = world.at
    for place, (person, chosen) in enumerate(zip(SHIELDED, variants, strict=True)):
        hidden = VARIANTS[chosen]
        values = hidden_values(person, hidden)
        born_shielded = person in (OLIVER, ZOFIA)
        publish(
            values, child=person.id, is_new=True, supplier="nhs_demographics", at=at,
            restricted=born_shielded, authority=hidden.authority,
        )  # fmt: skip
        if not born_shielded:
            _work_with(world, person, by=(place + world.side) % 3)
        for supplier in SILENT[: hidden.more_rows]:
            publish(values, child=person.id, supplier=supplier, at=at)
        if not born_shielded:
            publish(values, child=person.id, supplier="nhs_demographics", at=at, restricted=True)
    sensitive_child(OPEN[1 + world.side], VARIANTS[variants[0]], at=at)
    # In both worlds there is one of this child, and what it says differs.
    sensitive_child(OPEN[3], VARIANTS[variants[1]], at=at)


def _work_with(world: World, person: Person, *, by: int) -> None:
    viewer = world.viewers[by]
    entry = actions.record_involvement(
        by=viewer, child=encode(person.id), service="school_nursing", role="school_nurse",
        started_on=date(2025, 9, 1), team_telephone="0113 496 0000", team_email="", at=world.at,
    )  # fmt: skip
    actions.become_lead(by=viewer, involvement=entry, at=world.at)
    actions.record_assessment(
        by=viewer, child=encode(person.id), kind="early_help", opened_on=date(2026, 1, 5), at=world.at
    )


def person_values(person: Person) -> SuppliedValues:
    return SuppliedValues(
        given_names=person.given,
        family_name=person.family,
        birth_date=person.born,
        gender=person.gender,
        nhs=person.nhs,
        addresses=(Address(lines=(person.street,), town=person.town, postcode=person.postcode),),
    )


def hidden_values(person: Person, hidden: Hidden) -> SuppliedValues:
    """The visible ones of the child with the hidden ones of the variant."""
    return replace(
        person_values(person),
        nhs=hidden.nhs,
        upn=hidden.upn,
        former_names=(FormerName(family_name=hidden.former),) if hidden.former else (),
        addresses=(
            Address(lines=(hidden.street,), town=hidden.town, postcode=hidden.postcode),
            Address(postcode=hidden.old_postcode, valid_to="2025-01-01"),
        )
        if hidden.postcode
        else (),
        carers=(Carer(name=hidden.carer, relationship="mother", telephone=hidden.telephone),)
        if hidden.carer
        else (),
        school=Place(code=hidden.organisation),
        practice=Place(code=hidden.organisation),
        involvement=ServiceEntry(
            service="social_care", organisation=hidden.organisation, role="social_worker", lead=True
        ),
    )


def sensitive_child(person: Person, hidden: Hidden, *, at: datetime) -> None:
    """A sensitive service of an open child, with what it alone knows of the family."""
    part = SensitivePart("camhs", hidden.organisation, "significant-harm", practitioner=hidden.carer)
    values = replace(hidden_values(person, hidden), involvement=None, school=None, practice=None)
    publish(values, child=person.id, supplier="camhs", at=at, sensitive=part)


def publish(
    values: SuppliedValues,
    *,
    child: int,
    supplier: str,
    at: datetime,
    is_new: bool = False,
    restricted: bool = False,
    authority: str = "383",
    sensitive: SensitivePart | None = None,
) -> None:
    """One row of a supplier, placed by hand; the reference is the child's."""
    row: dict[str, Any] = {
        "supplier": supplier,
        "reference": f"R{child}",
        "content": json.dumps(to_json(values)),
        "digest": bytes(16),
        "load_id": 1,
        "supplied_at": at,
        "child_id": child,
        "is_new": is_new,
        "authority": authority,
        "restricted": restricted,
        "sensitive": sensitive,
    }
    with transaction.atomic(using="match", durable=True), connections["match"].cursor() as cursor:
        publish_rows(cursor=cursor, rows=[PublishedRow(**row)], at=at)


def _sign_in(account: Account, at: datetime) -> str:
    from django.test import Client

    client = Client()
    client.force_login(account)
    session = client.session
    actor = Actor(account.pk, account.organisation_id, "web")
    session[TOKEN] = begin_session(account_id=account.pk, actor=actor, at=at, method="test")
    session.save()
    return str(session.session_key)
