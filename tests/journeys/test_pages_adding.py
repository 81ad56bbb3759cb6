"""Adding a child who cannot be found, through the pages (SEA-7)."""

from datetime import datetime

import pytest

from contactpoint.access.roles import Role
from tests.children import DATABASES
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import AMINA_TYPED

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
ENTRY = {
    "given_names": "Amina",
    "family_name": "Kahn",
    "birth_date-day": "24",
    "birth_date-month": "5",
    "birth_date-year": "2016",
    "gender": "F",
    "postcode": "B1 1AA",
}


def test_after_a_search_a_child_is_received_and_only_its_author_sees_the_entry(walk: MakeWalker) -> None:
    sam, lee = walk(), walk(name="Lee")
    sam.search()
    form = sam.get("/add-child/")
    assert 'value="Kahn"' in form
    assert "There is a problem" not in form
    status, page = sam.post("/add-child/", ENTRY)
    assert (status, "Received" in page) == (200, True)
    assert "Amina Kahn" in sam.get("/children-i-added/")
    assert "Amina" not in lee.get("/children-i-added/")
    assert "No child found" in lee.search()
    assert sam.kinds() == ["searched", "child-added", "own-involvements-listed"]


def test_without_a_search_before_it_nothing_is_received_and_the_log_has_the_refusal(walk: MakeWalker) -> None:
    sam = walk()
    answer = sam.client.get("/add-child/")
    assert (answer.status_code, "Search first" in answer.content.decode()) == (403, True)
    status, page = sam.post("/add-child/", ENTRY)
    assert (status, "Search for the child first" in page) == (403, True)
    assert sam.kinds() == ["change-refused refused"]


def test_charlie_whose_role_does_not_add_is_refused(now: datetime, walk: MakeWalker) -> None:
    charlie = walk(name="Charlie", roles=[Role.DATA_MANAGER])
    assert "/add-child/" not in charlie.search()
    assert charlie.post("/add-child/", ENTRY)[0] == 403
    assert charlie.status("/children-i-added/") == 403
    assert charlie.kinds()[1:] == ["change-refused refused", "own-involvements-listed refused"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"given_names": "", "family_name": ""}, "Enter a given name or a family name"),
        ({"birth_date-year": "2031"}, "date of birth"),
        ({"birth_date-year": "1990"}, "date of birth"),
        ({"birth_date-day": "31", "birth_date-month": "2"}, "must be a real date"),
        ({"gender": "X"}, "Choose one of the genders shown"),
        ({"postcode": "nowhere"}, "postcode is not valid"),
        ({"town": "a\0b"}, "without control characters"),
        ({"family_name": "x" * 10_000}, "100 characters or fewer"),
    ],
    ids=["no name", "future", "grown", "31 February", "gender", "postcode", "nul", "long"],
)
def test_an_unusable_entry_says_what_to_mend(walk: MakeWalker, changes: dict[str, str], said: str) -> None:
    sam = walk()
    sam.search(**AMINA_TYPED)
    status, page = sam.post("/add-child/", {**ENTRY, **changes})
    assert status == 400
    assert said in page
    assert "child-added" not in sam.kinds()
