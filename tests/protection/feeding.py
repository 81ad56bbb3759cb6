"""What suppliers send in the two worlds: files whose hidden columns differ, and the same file into both.

Rows near a shielded child are published sooner or later, which is the one declared exception (SHI-5):
they are taken back at once, after everything else about their load has been observed.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connections, transaction

from contactpoint.directory.publish import remove_rows
from contactpoint.directory.values import Address, FormerName, SuppliedValues
from contactpoint.intake.entries import process_entry
from contactpoint.intake.receipts import get_receipts
from contactpoint.intake.receiving import receive_entry
from tests.feeds import US, load_rows
from tests.protection.observing import observe_call
from tests.protection.population import (
    OPEN,
    SHIELDED,
    VARIANTS,
    Hidden,
    Person,
    hidden_values,
    sensitive_child,
)
from tests.protection.worlds import World

PLAIN = (
    *OPEN[1:4],
    Person(0, "Ida", "Quill", "2009-12-01", "F", "Exeter", "EX1 4NT", "1 Quay Road"),
    Person(0, "Omar", "Vance", "2018-06-30", "F", "Exeter", "EX2 4NT", "2 Quay Road"),
    Person(0, "Ruth", "Lindqvist", "2020-02-29", "F", "Exeter", "EX3 4NT", "3 Quay Road"),
)
# What only a sensitive service knows of a family, other than any shielded child's.
SENSITIVE = (
    Hidden("9990000034", "", "Marlowe", "31 Dock Street", "Hull", "HU2 8JX", "",
           "Kim Marlowe", "01482 496 001", "TEAM-N", "810", 0),
    Hidden("9990000042", "", "Ferreira", "6 Castle Square", "York", "YO1 9RT", "",
           "Ana Ferreira", "01904 496 002", "TEAM-S", "816", 0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sent:
    """One row near a child: what of it is as everybody knows it, and what only the hidden side has."""

    person: Person
    hidden: Hidden
    family_is_former: bool
    has_number: bool
    has_address: bool
    has_day: bool


def supply_hidden(world: World, chosen: tuple[tuple[int, ...], tuple[int, ...]]) -> Any:
    """NHS demographics sends its restricted children again; in each world they live elsewhere."""
    rows = [
        nhs_row(person, VARIANTS[variant], serial=world.step)
        for person, variant in zip(SHIELDED, chosen[world.side], strict=True)
    ]
    outcome, *told, receipts = load_and_look(world, rows, "nhs_demographics")
    # Which columns were left empty is told to who left them empty: here the files themselves differ.
    return outcome, told, [line[:-1] for line in csv.reader(str(receipts).splitlines())]


def supply_sensitive(world: World, chosen: tuple[tuple[int, int], tuple[int, int]]) -> Any:
    """A sensitive service tells of one child in one world, and of another in the other."""
    child, variant = chosen[world.side]
    sensitive_child(OPEN[1 + child], SENSITIVE[variant], at=world.at)


def supply_plain(world: World, rows: Sequence[tuple[int, int, bool]], supplier: str) -> Any:
    """Children whom nobody shields; some now live where only a sensitive service knows of."""
    return load_and_look(world, plain_sent(world, rows, supplier), supplier)


def plain_sent(world: World, rows: Sequence[tuple[int, int, bool]], supplier: str) -> list[dict[str, str]]:
    """Those rows as that supplier writes them."""
    sent = []
    for place, (which, moved, has_number) in enumerate(rows):
        person, hidden = PLAIN[which], SENSITIVE[moved % 2]
        if moved > 1:
            person = replace(person, street=hidden.street, town=hidden.town, postcode=hidden.postcode)
        number = hidden.nhs if has_number else ""
        sent.append(_row_of(supplier, person, number, reference=f"P{world.step}-{place}"))
    return sent


def supply_near(world: World, sent: Sequence[Sent], supplier: str) -> Any:
    """The same file into both worlds, near a shield in one or both; taken back once it has been looked at."""
    rows = [_near_row(each, supplier, f"N{world.step}-{place}") for place, each in enumerate(sent)]
    seen = load_and_look(world, rows, supplier)
    _take_back(world, supplier, [f"N{world.step}-{place}" for place in range(len(rows))])
    return seen


def add_child(world: World, viewer: int, sent: Sent) -> Any:
    """A practitioner enters a child, and the worker takes the entry; then it is taken back."""
    values = _near_values(sent)
    seen = observe_call(lambda: receive_entry(by=world.viewers[viewer], values=values, at=world.at))
    if seen[0] == "gave":
        process_entry(entry_id=seen[1], by=US, at=world.at)
        _take_back(world, "practitioners", [f"entry-{seen[1]}"])
    return seen


def load_and_look(world: World, rows: list[dict[str, str]], supplier: str) -> Any:
    """Load one file; gives what its supplier is told."""
    world.folder.mkdir(parents=True, exist_ok=True)
    outcome, report = observe_call(lambda: load_rows(world.folder, rows, at=world.at, supplier=supplier))
    if outcome != "gave":
        return outcome, report
    told = report.load_id, report.rows, report.received, report.refused, report.problems
    return told, report.dropped_columns, get_receipts(load_id=report.load_id).read_text()


def _take_back(world: World, supplier: str, references: list[str]) -> None:
    keys = [(supplier, reference) for reference in references]
    with transaction.atomic(using="match", durable=True), connections["match"].cursor() as cursor:
        remove_rows(cursor=cursor, keys=keys, load_id=0, at=world.at)
        cursor.execute(
            "DELETE FROM hidden.waiting_row WHERE supplier_id = %s AND reference = ANY(%s)",
            [supplier, references],
        )


def _near_values(sent: Sent) -> SuppliedValues:
    values = hidden_values(sent.person, sent.hidden)
    return replace(
        values,
        family_name=_family(sent),
        former_names=(FormerName(family_name=sent.person.family),) if sent.family_is_former else (),
        birth_date=sent.person.born if sent.has_day else sent.person.born[:4],
        nhs=values.nhs if sent.has_number else "",
        upn="",
        addresses=values.addresses[:1] if sent.has_address else (Address(town="Leeds"),),
        school=None,
        practice=None,
        involvement=None,
    )


def _family(sent: Sent) -> str:
    return sent.hidden.former or sent.person.family if sent.family_is_former else sent.person.family


def _near_row(sent: Sent, supplier: str, reference: str) -> dict[str, str]:
    person = replace(sent.person, family=_family(sent), street="", town="", postcode="")
    if sent.has_address:
        hidden = sent.hidden
        person = replace(person, street=hidden.street, town=hidden.town, postcode=hidden.postcode)
    if not sent.has_day:
        person = replace(person, born=person.born[:4])
    return _row_of(
        supplier, person, sent.hidden.nhs if sent.has_number else "", reference=reference,
        former=sent.person.family if sent.family_is_former else "",
    )  # fmt: skip


def nhs_row(person: Person, hidden: Hidden, *, serial: int, marker: str = "R") -> dict[str, str]:
    return {
        "RECORD_ID": f"R{person.id}",
        "NHS_NUMBER": hidden.nhs,
        "GIVEN_NAMES": person.given,
        "FAMILY_NAME": person.family,
        "PREVIOUS_FAMILY_NAME": hidden.former,
        "BIRTH_DATE": person.born,
        "GENDER": {"F": "2", "M": "1"}[person.gender],
        "ADDRESS_1": hidden.street,
        "TOWN": hidden.town,
        "POSTCODE": hidden.postcode,
        "GP_PRACTICE": f"GP{serial}",
        "CONFIDENTIALITY": marker,
    }


def _row_of(
    supplier: str, person: Person, number: str, *, reference: str, former: str = ""
) -> dict[str, str]:
    """One row as this supplier writes it."""
    day = "/".join(reversed(person.born.split("-")))
    if supplier == "school_census":
        return {
            "PupilRef": reference, "Forename": person.given, "Surname": person.family,
            "FormerSurname": former, "DOB": day, "Sex": person.gender, "Address1": person.street,
            "Town": person.town, "Postcode": person.postcode,
        }  # fmt: skip
    if supplier == "child_benefit":
        return {
            "CB_REF": reference, "CHILD_FORENAMES": person.given.upper(),
            "CHILD_SURNAME": person.family.upper(), "CHILD_DOB": day, "CHILD_SEX": person.gender,
            "ADDR_LINE_1": person.street, "POST_TOWN": person.town, "POSTCODE": person.postcode,
        }  # fmt: skip
    return {
        "LocalRef": reference, "NHSNumber": number, "FirstName": person.given, "LastName": person.family,
        "DateOfBirth": person.born, "Gender": person.gender, "AddressLine1": person.street,
        "Town": person.town, "Postcode": person.postcode, "LA": "383",
    }  # fmt: skip
