"""SEA-3 to SEA-7, SHI-2, SHI-3, SHI-10, RET-5: who is found by what, through the one door."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from contactpoint.access.records import AccountId, Viewer
from contactpoint.access.roles import Role, Sector
from contactpoint.audit.queries import find_events_of_account, find_events_of_child
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory.limits import ORDINARY, LimitReached, Look
from contactpoint.directory.queries import search_children
from contactpoint.directory.records import SearchOutcome, SearchQuery, SearchResult
from contactpoint.directory.search.reading import NumberNotForSector, TooLittle
from contactpoint.directory.searching import CAP, MayNotSearch
from contactpoint.directory.values import Address, FormerName, SuppliedValues
from tests.children import DATABASES, make_child

pytestmark = pytest.mark.django_db(databases=DATABASES)

AT = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)
HOME = (Address(lines=("12 Canal Street",), town="Birmingham", postcode="B1 1AA"),)
MOVED = (
    *HOME,
    Address(lines=("1 Old Road",), town="Leeds", postcode="LS6 2AB", valid_to="2024-01-31"),
)
CHILDREN = {
    "amina": SuppliedValues("Amina Rose", "Khan", (FormerName(family_name="Shahid", use="birth"),),
                            "2016-05-04", "F", "9434765919", "H801200001001", MOVED),
    "catherine": SuppliedValues("Catherine", "Featherstone-Haugh", birth_date="2012-11-30", gender="F",
                                addresses=HOME),
    "jose": SuppliedValues("José", "Núñez", birth_date="2014-07-15", gender="M", addresses=HOME),
    "single": SuppliedValues("", "Suharto", birth_date="2015-03-03", gender="M", addresses=HOME),
    "partial": SuppliedValues("Ezekiel", "Bamidele", birth_date="2013", gender="M", addresses=HOME),
    "shielded": SuppliedValues("Grace", "Hopperton", (FormerName(family_name="Yaxley", use="birth"),),
                               "2011-02-09", "F", "9000000009", "",
                               (Address(lines=("9 Hidden Row",), town="Birmingham", postcode="B29 7QW"),)),
    "closed": SuppliedValues("Ottoline", "Quibell", birth_date="2016-01-20", gender="F"),
    "grown": SuppliedValues("Barnaby", "Wetherell", birth_date="2008-10-06", gender="M"),
}  # fmt: skip


@pytest.fixture(scope="module")
def england(django_db_setup: None, django_db_blocker: object) -> Iterator[dict[str, ChildNumber]]:
    """A few children, published once for all tests of this file: reading changes nothing but the log."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        numbers = {
            name: make_child(
                values,
                at=AT,
                restricted=name == "shielded",
                authority="383" if name == "closed" else "330",
                is_open=name != "closed",
            )
            for name, values in CHILDREN.items()
        }
        crowd = SuppliedValues("Oliver", "Smithson", birth_date="2015-06-01", gender="M", addresses=HOME)
        for day in range(1, CAP + 2):
            make_child(replace(crowd, birth_date=f"2015-06-{day:02d}"), at=AT)
        yield numbers
        call_command("flush", database="owner", interactive=False, verbosity=0)


def make_viewer(*roles: Role, sector: Sector = Sector.SOCIAL_CARE, account_id: int = 7_000_001) -> Viewer:
    return Viewer(
        account_id=AccountId(account_id),
        name="Jo Bloggs",
        job_title="Social worker",
        organisation_id=1,
        organisation_code="TEAM",
        organisation_name="Family team",
        sector=sector,
        authority="330",
        roles=frozenset(roles or {Role.PRACTITIONER}),
        door="web",
        address="",
    )


def search(query: SearchQuery, viewer: Viewer | None = None, at: datetime = AT) -> SearchResult:
    return search_children(viewer=viewer or make_viewer(), query=query, at=at)


def numbers_of(result: SearchResult) -> list[ChildNumber]:
    return [found.number for found in result.found]


def asked(given: str, family: str, born: str, **more: str) -> SearchQuery:
    return SearchQuery(given_name=given, family_name=family, birth_date=born, **more)  # type: ignore[arg-type]


FOUND_BY = {
    "as written": ("amina", asked("Amina", "Khan", "2016-05-04")),
    "family name and birth date alone": ("amina", asked("", "Khan", "2016-05-04")),
    "one slip in each name": ("amina", asked("Amnia", "Kahn", "2016-05-04")),
    "a letter missing": ("catherine", asked("Cathrine", "Featherstone-Haugh", "2012-11-30")),
    "sounds alike": ("catherine", asked("Katheryn", "Fetherston-Haugh", "2012-11-30")),
    "nickname": ("catherine", asked("Kate", "Featherstone-Haugh", "2012-11-30")),
    "names in each other's boxes": ("amina", asked("Khan", "Amina", "2016-05-04")),
    "long names in each other's boxes": ("catherine", asked("Featherstone Haugh", "Catherine", "2012-11-30")),
    "former family name": ("amina", asked("Amina", "Shahid", "2016-05-04")),
    "former family name, misspelt": ("amina", asked("Amina", "Shaheed", "2016-05-04")),
    "middle name used as first": ("amina", asked("Rose", "Khan", "2016-05-04")),
    "one part of a double-barrelled name": ("catherine", asked("Catherine", "Haugh", "2012-11-30")),
    "double-barrelled in one word": ("catherine", asked("Catherine", "Featherstonehaugh", "2012-11-30")),
    "a second family name added": ("amina", asked("Amina", "Khan-Davies", "2016-05-04")),
    "without accents": ("jose", asked("Jose", "Nunez", "2014-07-15")),
    "with accents": ("jose", asked("JOSÉ", "NÚÑEZ", "2014-07-15")),
    "day and month swapped": ("amina", asked("Amina", "Khan", "2016-04-05")),
    "a day off": ("amina", asked("Amina", "Khan", "2016-05-03")),
    "a day off across the month's end": ("catherine", asked("Catherine", "Featherstone-Haugh", "2012-12-01")),
    "one figure of the day wrong": ("amina", asked("Amina", "Khan", "2016-05-14")),
    "the year off by one": ("amina", asked("Amina", "Khan", "2015-05-04")),
    "year alone, with both names": ("amina", asked("Amina", "Khan", "2016")),
    "year alone, with a slip": ("amina", asked("Amina", "Kahn", "2016")),
    "month": ("amina", asked("Amina", "Khan", "2016-05")),
    "age": ("amina", SearchQuery(given_name="Amina", family_name="Khan", age_from=10, age_to=10)),
    "three ages": ("amina", SearchQuery(given_name="Amina", family_name="Khan", age_from=9, age_to=11)),
    "given name, birth date and postcode": ("amina", asked("Amina", "", "2016-05-04", postcode="b11aa")),
    "given name, birth date and old postcode": (
        "amina",
        asked("Amina", "", "2016-05-04", postcode="LS6 2AB"),
    ),
    "moved house": ("amina", asked("Amina", "Khan", "2016-05-04", postcode="M1 1AE")),
    "another gender (SEA-7)": ("amina", asked("Amina", "Khan", "2016-05-04", gender="M")),
    "single name": ("single", asked("", "Suharto", "2015-03-03")),
    "single name in the other box": ("single", asked("Suharto", "Suharto", "2015-03-03")),
    "a partial date by the whole one": ("partial", asked("Ezekiel", "Bamidele", "2013-08-17")),
    "a partial date by the year": ("partial", asked("Ezekiel", "Bamidele", "2013")),
    "nickname, and a day off, and moved": (
        "catherine",
        asked("Cathy", "Featherstone-Haugh", "2012-11-29", postcode="M1 1AE"),
    ),
    "swapped names and swapped date": ("amina", asked("Khan", "Amina", "2016-04-05")),
    "shielded, by what everybody may see (SHI-2)": ("shielded", asked("Grace", "Hopperton", "2011-02-09")),
    "shielded, with a slip": ("shielded", asked("Grace", "Hoperton", "2011-02-09")),
}


@pytest.mark.parametrize("case", FOUND_BY)
def test_found_by(case: str, england: dict[str, ChildNumber]) -> None:
    """SEA-3."""
    name, query = FOUND_BY[case]
    result = search(query)
    assert result.outcome is SearchOutcome.FOUND
    assert numbers_of(result) == [england[name]]
    assert result.found[0].why


NOT_FOUND_BY = {
    "nobody of that name": asked("Zebedee", "Xylander", "2016-05-04"),
    "nobody of that day": asked("Amina", "Khan", "2011-12-25"),
    "another given name and another day": asked("Bertram", "Khan", "2016-05-05"),
    "a wildcard": asked("A%", "K_an", "2009-05-04"),
    "given name and birth date with a strange postcode": asked("Amina", "", "2016-05-04", postcode="M1 1AE"),
    "shielded, by a former name (SHI-3)": asked("Grace", "Yaxley", "2011-02-09"),
    "shielded, by given name, birth date and postcode (SHI-3)": asked(
        "Grace", "", "2011-02-09", postcode="B29 7QW"
    ),
    "shielded, with its own postcode (SHI-3)": asked("Grace", "Hopperton", "2011-02-09", postcode="B29 7QW"),
    "shielded, with another postcode (SHI-3)": asked("Grace", "Hopperton", "2011-02-09", postcode="M1 1AE"),
    "of an authority that has not opened (SHI-10)": asked("Ottoline", "Quibell", "2016-01-20"),
}


@pytest.mark.parametrize("case", NOT_FOUND_BY)
def test_not_found_by(case: str, england: dict[str, ChildNumber]) -> None:
    """SEA-6, SHI-3."""
    result = search(NOT_FOUND_BY[case])
    assert (result.outcome, result.found) == (SearchOutcome.NONE, ())


def test_a_shielded_result_shows_only_what_everybody_may_see(england: dict[str, ChildNumber]) -> None:
    """SHI-2."""
    (found,) = search(asked("Grace", "Hopperton", "2011-02-09")).found
    assert found.shielded
    assert (found.given_names, found.family_name, found.birth_date) == ("Grace", "Hopperton", "2011-02-09")
    assert (found.town, found.outward) == ("", "")


def test_an_ordinary_result_shows_town_and_first_half_of_the_postcode(
    england: dict[str, ChildNumber],
) -> None:
    """SEA-4."""
    (found,) = search(asked("Amina", "Khan", "2016-05-04")).found
    assert (found.town, found.outward, found.gender) == ("Birmingham", "B1", "F")
    assert not any("Khan" in words or "2016" in words for words in found.why)


def test_on_the_eighteenth_birthday_the_record_leaves_search_by_itself(
    england: dict[str, ChildNumber],
) -> None:
    """RET-1, RET-5."""
    query = asked("Barnaby", "Wetherell", "2008-10-06")
    assert numbers_of(search(query)) == [england["grown"]]
    assert search(query, at=AT + timedelta(days=1)).outcome is SearchOutcome.NONE


NUMBERS = [
    ("nhs", "943 476 5919", Sector.HEALTH, "amina"),
    ("upn", "H801200001001", Sector.EDUCATION, "amina"),
    ("nhs", "9000000009", Sector.HEALTH, ""),  # a shielded child's
    ("nhs", "9990000018", Sector.HEALTH, ""),  # nobody's
]


@pytest.mark.parametrize(("kind", "number", "sector", "who"), NUMBERS)
def test_by_number(kind: str, number: str, sector: Sector, who: str, england: dict[str, ChildNumber]) -> None:
    result = search(SearchQuery(number_kind=kind, number=number), make_viewer(sector=sector))
    assert numbers_of(result) == ([england[who]] if who else [])


@pytest.mark.parametrize("name", ["amina", "shielded"])
def test_by_contactpoint_number(name: str, england: dict[str, ChildNumber]) -> None:
    query = SearchQuery(number_kind="contactpoint", number=england[name].lower())
    assert numbers_of(search(query)) == [england[name]]


def test_above_the_cap_there_are_no_rows(england: dict[str, ChildNumber]) -> None:
    """SEA-4."""
    query = asked("Oliver", "Smithson", "2015")
    result = search(query)
    assert (result.outcome, result.found) == (SearchOutcome.TOO_MANY, ())
    more = search(query, make_viewer(Role.DATA_MANAGER, account_id=7_000_002))
    assert len(more.found) == CAP + 1
    exact = search(asked("Oliver", "Smithson", "2015-06-04"))
    assert exact.outcome is SearchOutcome.FOUND
    assert exact.found[0].birth_date == "2015-06-04"


def test_the_log_has_the_search_and_whom_it_showed(england: dict[str, ChildNumber]) -> None:
    """SEA-5."""
    viewer = make_viewer(account_id=7_000_003)
    search(asked("Amnia", "Khan", "2016-05-04"), viewer)
    search(asked("Oliver", "Smithson", "2015"), viewer)
    since = AT - timedelta(hours=1)
    many, one = find_events_of_account(account_id=viewer.account_id, since=since, typed=True)
    assert (one.kind, one.children, one.facts) == (
        "searched",
        (decode(england["amina"]),),
        {"outcome": "found"},
    )
    assert one.typed == {"given_name": "Amnia", "family_name": "Khan", "birth_date": "2016-05-04"}
    assert (many.children, many.facts) == ((), {"outcome": "too-many"})
    seen = find_events_of_child(child_id=decode(england["amina"]) or 0, since=since)
    assert viewer.account_id in [event.actor.account_id for event in seen]


REFUSED = [
    (make_viewer(Role.AUDITOR, account_id=7_000_011), asked("Amina", "Khan", "2016"), MayNotSearch, "ACC-8"),
    (make_viewer(account_id=7_000_012), SearchQuery(family_name="Khan"), TooLittle, "SEA-2"),
    (make_viewer(sector=Sector.EDUCATION, account_id=7_000_013),
     SearchQuery(number_kind="nhs", number="9434765919"), NumberNotForSector, "ACC-9"),
]  # fmt: skip


@pytest.mark.parametrize(("viewer", "query", "error", "rule"), REFUSED)
def test_a_refusal_is_logged_and_then_raised(
    viewer: Viewer, query: SearchQuery, error: type[Exception], rule: str
) -> None:
    """SEA-5."""
    with pytest.raises(error):
        search(query, viewer)
    (event,) = find_events_of_account(account_id=viewer.account_id, since=AT - timedelta(hours=1))
    assert (event.kind, event.refused, event.facts, event.children) == (
        "search-refused",
        True,
        {"rule": rule},
        (),
    )


def test_near_the_limit_the_user_is_told_and_at_it_stopped() -> None:
    """SEA-8."""
    viewer = make_viewer(account_id=7_000_020)
    hour = ORDINARY[Look.SEARCH][0]
    left = [search(asked("", "Nobody", "2016-05-04"), viewer).searches_left for _ in range(hour.most)]
    assert left[: hour.warn] == [None] * hour.warn
    assert left[hour.warn :] == list(range(hour.most - hour.warn - 1, -1, -1))
    with pytest.raises(LimitReached):
        search(asked("", "Nobody", "2016-05-04"), viewer)
    assert search(asked("", "Nobody", "2016-05-04"), viewer, AT + timedelta(hours=2)).searches_left is None
