"""Finding a child through the pages: what is asked, shown, refused and logged (SEA, SHI-2)."""

from datetime import datetime

import pytest

from contactpoint.access.roles import Role, Sector
from contactpoint.codes.child_number import decode, format_child_number
from contactpoint.directory.records import PURPOSE_WORDS
from contactpoint.directory.values import SuppliedValues
from tests.children import DATABASES, make_child
from tests.factories import make_organisation
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import AMINA_TYPED, REASON

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)


def test_a_misspelt_name_finds_the_child_and_the_log_has_search_showing_and_opening(
    now: datetime, walk: MakeWalker
) -> None:
    child = make_child(at=now)
    sam = walk()
    results = sam.search()
    for said in (
        "Amina Rose Khan",
        "24 May 2016",
        "10 years old",
        "Female",
        "Birmingham, B1",
        "1 possible match",
    ):
        assert said in results
    assert "Canal Street" not in results
    assert format_child_number(child) not in results
    token, record = sam.open()
    assert "12 Canal Street" in record
    assert "Sara Khan" in record
    assert sam.kinds() == ["searched", "searched", "record-opened"]
    searched, _, opened = sam.log(typed=True)
    assert searched.children == (decode(child),)
    assert searched.typed is not None
    assert searched.typed["family_name"] == "Kahn"
    assert (opened.children, opened.purpose, opened.typed) == (
        (decode(child),),
        "coordinating",
        {"reference": "CASE-7"},
    )
    assert token not in str(child)


def test_no_address_on_the_way_says_whom_it_is_about(now: datetime, walk: MakeWalker) -> None:
    child = make_child(at=now)
    sam = walk()
    answer = sam.client.post("/", AMINA_TYPED)
    assert (answer.status_code, answer["Location"]) == (302, "/results/")
    _, page = sam.open()
    words = ("amina", "khan", "2016", child.lower(), str(decode(child)), "b1 1aa")
    links = [part.split('"')[0].lower() for part in page.split('href="')[1:] if not part.startswith("tel:")]
    assert not [link for link in links for word in words if word in link and "/static/" not in link]


def test_what_was_typed_lies_in_the_session_only_sealed(now: datetime, walk: MakeWalker) -> None:
    make_child(at=now)
    sam = walk()
    sam.open()
    kept = repr(dict(sam.client.session.items()))
    assert not [word for word in ("Amina", "Kahn", "Khan", "2016", "CASE-7") if word in kept]


def test_reloading_the_results_searches_again_says_so_and_is_logged(now: datetime, walk: MakeWalker) -> None:
    make_child(at=now)
    sam = walk()
    page = sam.search()
    assert "searches again and is logged again" in page
    assert sam.get("/results/").count("Amina Rose Khan") == page.count("Amina Rose Khan")
    assert sam.kinds() == ["searched", "searched"]


@pytest.mark.parametrize(
    ("typed", "said", "kept"),
    [
        ({"family_name": "Khan"}, "Add the date of birth", 'value="Khan"'),
        ({"given_name": "Amina", "birth_date-year": "2016"}, "Add the family name", 'value="2016"'),
        ({"family_name": "Khan", "postcode": "B1 1AA"}, "Add the date of birth", 'value="B1 1AA"'),
        ({"postcode": "B1 1AA"}, "Add a family name", 'value="B1 1AA"'),
        (
            {"given_name": "Amina", "family_name": "Khan", "age_from": "2", "age_to": "9"},
            "Narrow the ages",
            'value="9"',
        ),
    ],
    ids=["name alone", "given and year", "name and place", "place alone", "wide ages"],
)
def test_too_little_is_refused_with_what_to_add_and_the_refusal_is_in_the_log(
    walk: MakeWalker, typed: dict[str, str], said: str, kept: str
) -> None:
    sam = walk()
    status, page = sam.post("/", typed)
    assert status == 400
    assert "There is a problem" in page
    assert said in page
    assert kept in page
    assert sam.kinds() == ["search-refused refused"]


def test_too_many_shows_no_rows_and_what_to_add(now: datetime, walk: MakeWalker) -> None:
    for _ in range(12):
        make_child(SuppliedValues(given_names="Amy", family_name="Smith", birth_date="2016-05-24"), at=now)
    typed = {**AMINA_TYPED, "given_name": "", "family_name": "Smith"}
    page = walk().search(**typed)
    assert "Too many children match" in page
    assert "Amy" not in page
    assert "the given name" in page
    assert "/reason/" not in page


def test_nobody_found_proves_nothing_and_offers_to_add(walk: MakeWalker) -> None:
    page = walk().search()
    for said in ("No child found", "does not prove", 'href="/add-child/"'):
        assert said in page


def test_a_shielded_child_is_shown_with_nothing_more_than_everybody_may_see(
    now: datetime, walk: MakeWalker
) -> None:
    child = make_child(at=now, restricted=True)
    sam = walk()
    token, record = sam.open()
    results = sam.get("/results/")
    for page in (results, record):
        assert "This record is shielded: ask us to pass a message." in page
        assert format_child_number(child) in page
        hidden = (
            "Canal Street",
            "Birmingham",
            "B1 1AA",
            "Sara",
            "H801200001001",
            "Bridge Lane Primary School</",
        )
        assert not [value for value in hidden if value in page.split("<main")[1].split("</main>")[0]]
    assert "Lives in" not in results
    assert "I work with this child" not in record
    status, refused = sam.post(
        f"/record/{token}/involvement/",
        {
            "service": "school",
            "role": "teacher",
            "started_on-day": "1",
            "started_on-month": "9",
            "started_on-year": "2026",
            "team_telephone": "0121 496 0000",
        },
    )
    assert status == 403
    assert "shielded" in refused
    assert sam.kinds()[-1] == "change-refused refused"


def test_the_numbers_to_search_by_are_those_of_the_sector(now: datetime, walk: MakeWalker) -> None:
    make_child(at=now)
    teacher = walk()
    nurse = walk(organisation=make_organisation(at=now, sector=Sector.HEALTH))
    assert "NHS number" not in teacher.get("/")
    assert "NHS number" in nurse.get("/")
    typed = {"number_kind": "nhs", "number": "943 476 5919"}
    assert "Amina Rose Khan" in nurse.search(**typed)
    status, page = teacher.post("/", typed)
    assert (status, "Amina" in page) == (403, False)
    assert teacher.kinds() == ["search-refused refused"]
    status, page = nurse.post("/", {"number": "943 476 5919"})
    assert (status, "Choose which number you typed" in page) == (400, True)


def test_charlie_whose_role_does_not_search_is_refused_and_the_log_has_it(
    now: datetime, walk: MakeWalker
) -> None:
    make_child(at=now)
    charlie = walk(name="Charlie", roles=[Role.AUDITOR])
    assert "Your team’s work" in charlie.get("/")
    status, page = charlie.post("/", AMINA_TYPED)
    assert (status, "Amina" in page.split("<main")[1]) == (403, False)
    assert charlie.status("/results/") == 403
    assert charlie.kinds() == ["search-refused refused", "search-refused refused"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "family_name"),
        ({"family_name": "Khan"}, "birth_date"),
        ({"family_name": "Khan", "birth_date-year": "2016"}, "given_name"),
        ({"given_name": "Amina", "birth_date-year": "2016"}, "family_name"),
        ({"family_name": "Khan", "birth_date-year": "2090"}, "birth_date"),
        ({"given_name": "Amina", "family_name": "Khan", "age_from": "3", "age_to": "9"}, "age_from"),
        ({**AMINA_TYPED, "postcode": "nowhere"}, "postcode"),
        ({"number_kind": "contactpoint", "number": "123"}, "number"),
    ],
)
def test_a_refused_search_says_what_to_add_and_leads_to_the_field(
    walk: MakeWalker, typed: dict[str, str], field: str
) -> None:
    sam = walk()
    status, page = sam.post("/", typed)
    summary = page.split("govuk-error-summary__list")[1].split("</ul>")[0]
    assert (status, summary.count("<a ")) == (400, 1)
    assert f'href="#{field}"' in summary
    assert f'id="{field}"' in page
    assert f'id="{field}-error"' in page or f'id="{field}-group-error"' in page
    assert sam.kinds() == ["search-refused refused"]


def test_results_without_a_search_say_that_what_was_typed_is_forgotten(walk: MakeWalker) -> None:
    sam = walk()
    page = sam.get("/results/")
    assert "There are no results to show" in page
    assert "There is a problem" not in page
    assert sam.kinds() == []


def test_near_the_limit_the_person_is_told_and_at_it_stopped(now: datetime, walk: MakeWalker) -> None:
    sam = walk()
    pages = [sam.search() for _ in range(60)]
    assert "near the limit" not in pages[0]
    assert "near the limit of searches for your role: 0 left" in pages[-1]
    status, page = sam.post("/", AMINA_TYPED)
    assert status == 403
    assert "You have reached the most looks" in page


def test_a_record_opens_for_a_reason_of_the_list_only(now: datetime, walk: MakeWalker) -> None:
    make_child(at=now)
    sam = walk()
    token = sam.choose()
    assert sam.client.get(f"/record/{token}/")["Location"] == f"/record/{token}/reason/"
    question = sam.get(f"/record/{token}/reason/")
    assert all(words.replace("'", "&#39;") in question for words in PURPOSE_WORDS.values())
    for wrong in (
        {},
        {"purpose": "curiosity"},
        {**REASON, "reference": "x" * 61},
        {**REASON, "reference": "a\0b"},
    ):
        status, page = sam.post(f"/record/{token}/reason/", wrong)
        assert (status, "There is a problem" in page) == (400, True), wrong
    assert "record-opened" not in sam.kinds()
