"""What a record shows and leaves out (REC, INV, SEN-3, ACC-9): the pure part, case by case."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from contactpoint.directory.composition import Composed, Looking, OwnAssessment, OwnEntry, Said, compose
from contactpoint.directory.records import Contact
from contactpoint.directory.values import (
    Address,
    AssessmentEntry,
    Carer,
    FormerName,
    Place,
    ServiceEntry,
    SuppliedValues,
)

ON = date(2026, 10, 5)
NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)
LOOKING = Looking(account_id=1, numbers=frozenset({"nhs", "upn"}), supplier="")
TEAM = Contact("Family team", "team", "0121 496 0001", "team@example.org", "1 High Street")


def said(
    values: SuppliedValues, *, supplier: str = "census", precedence: int = 50, age_days: int = 10
) -> Said:
    at = NOW - timedelta(days=age_days)
    return Said(values, supplier, supplier.title(), precedence, f"{supplier}-1", at, at)


def look(
    *rows: Said,
    entries: tuple[OwnEntry, ...] = (),
    assessments: tuple[OwnAssessment, ...] = (),
    looking: Looking = LOOKING,
) -> Composed:
    return compose(
        shown_name=("Amina", "Khan"),
        rows=rows,
        entries=entries,
        assessments=assessments,
        organisations={"100001": TEAM},
        looking=looking,
        on=ON,
    )


def entry(**changes: object) -> OwnEntry:
    usual = OwnEntry(
        id=9,
        account_id=1,
        practitioner="Jo Field",
        service="social_care",
        role="social_worker",
        organisation=TEAM,
        team_telephone="0121 496 0002",
        team_email="",
        started_on=date(2026, 1, 5),
        ended_on=None,
        lead_from=None,
        recorded_at=NOW - timedelta(days=30),
        confirmed_at=NOW - timedelta(days=30),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


HOME = Address(lines=("1 High Street",), town="Leeds", postcode="LS1 1AA")


@pytest.mark.parametrize(
    ("case", "addresses", "expected"),
    [
        ("REC-2 several may be current", [HOME, replace(HOME, lines=("2 Low Road",))], [("1 High Street", "current"), ("2 Low Road", "current")]),
        ("REC-2 the same from two sources is one", [HOME, replace(HOME, lines=("1 HIGH STREET",))], [("1 High Street", "current")]),
        ("REC-2 the same house, its street shortened, is one", [HOME, replace(HOME, lines=("1 High St",))], [("1 High Street", "current")]),
        ("REC-2 another house in the street is another", [HOME, replace(HOME, lines=("1A High Street",))], [("1 High Street", "current"), ("1A High Street", "current")]),
        ("REC-2 a past one gives way to a current one", [replace(HOME, lines=("Old",), valid_to="2020-01-01"), HOME], [("1 High Street", "current")]),
        ("REC-2 else the last known", [replace(HOME, lines=("Older",), valid_to="2019"), replace(HOME, lines=("Old",), valid_to="2020-01-01")], [("Old", "last-known")]),
        ("REC-2 never just blank: an empty one does not count", [Address()], []),
    ],
)  # fmt: skip
def test_addresses(case: str, addresses: list[Address], expected: list[tuple[str, str]]) -> None:
    rows = [said(SuppliedValues(addresses=(a,)), supplier=f"s{n}") for n, a in enumerate(addresses)]
    assert [(a.lines[0], a.standing) for a in look(*rows).addresses] == expected, case


@pytest.mark.parametrize(
    ("case", "service", "shown"),
    [
        ("INV-7 additional", "social_care", True),
        ("INV-7 universal", "health_visiting", True),
        ("SEN-3 mental health is left out", "camhs", False),
        ("SEN-3 sexual health is left out", "sexual_health", False),
        ("SEN-3 substance misuse is left out", "substance_misuse", False),
        ("a service no code list knows is left out", "astrology", False),
    ],
)
def test_sensitive_services_never_show(case: str, service: str, *, shown: bool) -> None:
    fed = look(said(SuppliedValues(involvement=ServiceEntry(service=service, organisation="100001"))))
    own = look(entries=(entry(service=service),))
    assert bool(fed.involvements) is shown, case
    assert bool(own.involvements) is shown, case


@pytest.mark.parametrize(
    ("case", "ended_on", "current", "past"),
    [
        ("INV-1 open end", "", 1, 0),
        ("INV-1 ends today: still current", "2026-10-05", 1, 0),
        ("INV-4 ended yesterday: history", "2026-10-04", 0, 1),
        ("INV-4 ended a year ago: history", "2025-10-05", 0, 1),
        ("INV-4 ended longer ago: gone", "2025-10-04", 0, 0),
        ("REC-10 ended in a month not over", "2026-10", 1, 0),
    ],
)
def test_history(case: str, ended_on: str, current: int, past: int) -> None:
    service = ServiceEntry(service="youth_justice", organisation="100001", ended_on=ended_on)
    record = look(said(SuppliedValues(involvement=service)))
    assert (len(record.involvements), len(record.past_involvements)) == (current, past), case


@pytest.mark.parametrize(
    ("case", "numbers", "shown"),
    [
        ("ACC-9 education sees the UPN", {"upn"}, ["upn"]),
        ("ACC-9 health sees the NHS number", {"nhs"}, ["nhs"]),
        ("ACC-9 others see neither", set(), []),
    ],
)
def test_numbers_by_sector(case: str, numbers: set[str], shown: list[str]) -> None:
    row = said(SuppliedValues(nhs="9434765919", upn="H801200001001"))
    record = look(row, looking=replace(LOOKING, numbers=frozenset(numbers)))
    assert [number.kind for number in record.numbers] == shown, case


@pytest.mark.parametrize(("supplier", "seen"), [("census", "census-1"), ("", ""), ("another", "")])
def test_a_suppliers_own_reference_goes_to_that_supplier_only(supplier: str, seen: str) -> None:
    """ACC-9."""
    record = look(said(SuppliedValues(addresses=(HOME,))), looking=replace(LOOKING, supplier=supplier))
    assert record.addresses[0].sources[0].reference == seen


@pytest.mark.parametrize(("age_days", "stale"), [(0, False), (365, False), (366, True)])
def test_staleness_is_computed(age_days: int, *, stale: bool) -> None:
    """INV-3."""
    record = look(said(SuppliedValues(addresses=(HOME,)), age_days=age_days))
    assert record.addresses[0].sources[0].stale is stale


def test_responsibility_and_relationship_are_separate_facts_and_unknown_is_not_no() -> None:
    """REC-8."""
    first = Carer(name="Sara Khan", relationship="mother")
    second = Carer(name="SARA KHAN", responsibility=False, telephone="0113 496 0003")
    (carer,) = look(
        said(SuppliedValues(carers=(first,)), supplier="a", precedence=1),
        said(SuppliedValues(carers=(second,)), supplier="b", precedence=2),
    ).carers
    assert (carer.name, carer.relationship, carer.responsibility) == ("Sara Khan", "mother", False)
    assert look(said(SuppliedValues(carers=(first,)))).carers[0].responsibility is None
    assert len(carer.sources) == 2


def test_the_believed_supplier_comes_first_and_both_sources_are_named() -> None:
    """REC-5."""
    school = Place(code="100001", started_on="2024-09-01")
    record = look(
        said(
            SuppliedValues(given_names="Amina", family_name="Khan", school=school),
            supplier="low",
            precedence=90,
        ),
        said(
            SuppliedValues(given_names="AMINA", family_name="KHAN", school=school),
            supplier="high",
            precedence=10,
        ),
    )
    assert [source.name for source in record.name_sources] == ["High", "Low"]
    assert [source.name for source in record.schools[0].sources] == ["High", "Low"]
    assert record.schools[0].contact == TEAM


def test_other_spellings_and_former_names_are_kept_with_their_use() -> None:
    """REC-2."""
    values = SuppliedValues(
        given_names="Aminah", family_name="Khan", former_names=(FormerName(family_name="Malik", use="birth"),)
    )
    names = look(said(values)).other_names
    assert [(n.given_names, n.family_name, n.use) for n in names] == [
        ("Aminah", "Khan", "also supplied as"),
        ("Aminah", "Malik", "birth"),
    ]


def test_an_organisation_that_reference_data_does_not_know_shows_its_code() -> None:
    record = look(said(SuppliedValues(practice=Place(code="Y99999"))))
    assert record.practices[0].contact.name == "Y99999"


def test_only_the_authors_own_entry_carries_its_id_and_today_s_words_say_the_old_one() -> None:
    """INV-6."""
    mine, theirs = entry(service="youth_justice"), entry(id=10, account_id=2)
    record = look(entries=(mine, theirs))
    assert sorted(item.own_id is None for item in record.involvements) == [False, True]
    youth = next(item for item in record.involvements if item.own_id == 9)
    assert (youth.service, youth.service_was) == ("Youth justice service", "Youth offending team")
    assert youth.contact.telephone == "0121 496 0002"


def test_the_lead_comes_first_and_leaves_with_their_involvement() -> None:
    lead = entry(id=11, account_id=3, lead_from=date(2026, 2, 1))
    record = look(entries=(entry(), lead))
    assert record.lead is not None
    assert record.involvements[0] == record.lead
    assert look(entries=(replace(lead, ended_on=date(2026, 9, 1)),)).lead is None


def test_assessments_open_ones_first_and_long_closed_ones_gone() -> None:
    fed = said(SuppliedValues(assessment=AssessmentEntry("early_help", "100001", "2020-01-01", "2021-01-01")))
    own = OwnAssessment(5, 1, "family_help", TEAM, date(2026, 5, 1), None, NOW)
    closed = replace(own, id=6, closed_on=date(2026, 6, 1))
    record = look(fed, assessments=(closed, own))
    assert [item.own_id for item in record.assessments] == [5, 6]
