"""Whatever is typed into the search: a clear error or a plain "no child found", never a page that breaks."""

import pytest
from django.test import Client

from tests.children import DATABASES
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import AMINA_TYPED, Walker

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
TEXTS = {
    "emoji": "👩‍👧‍👦🏳️‍🌈",
    "nul": "Kh\0an",
    "long": "x" * 10_000,
    "sql": "'; DROP TABLE directory_child; --",
    "html": "<script>alert(1)</script>",
    "wildcards": "%_*?\\",
    "right-to-left": "\u202eخان",
    "unpaired surrogate": "\\ud800",
    "newlines": "Kh\r\nan",
    "blank": "   ",
    "zero-width": "\u200b\u200b",
    "combining": "a" + "\u0301" * 90,
    "format": "{0}%s{{7*7}}${7*7}",
    "path": "../../etc/passwd",
    "digits": "9" * 60,
}


def outcome(sam: Walker, typed: dict[str, str]) -> str:
    """Which of the permitted answers came; anything else fails."""
    status, page = sam.post("/", typed)
    if status == 400:
        assert "There is a problem" in page
        return "refused"
    assert status == 200
    assert "No child found" in page
    return "none"


def test_any_text_in_any_field_is_answered(walk: MakeWalker) -> None:
    sam = walk()
    for text in TEXTS.values():
        for field in ("given_name", "family_name", "postcode"):
            page = sam.post("/", {**AMINA_TYPED, field: text})[1]
            assert "<script>alert" not in page
            assert outcome(sam, {**AMINA_TYPED, field: text}) in ("refused", "none")
        if len(sam.kinds()) > 50:
            sam = walk()


@pytest.mark.parametrize("names", [list(TEXTS)[:8], list(TEXTS)[8:]], ids=["some", "others"])
def test_any_text_as_date_age_gender_or_number_is_refused(walk: MakeWalker, names: list[str]) -> None:
    sam = walk()
    for name in names:
        insist_refused(sam, name)


def insist_refused(sam: Walker, name: str) -> None:
    for field in ("birth_date-day", "birth_date-year", "age_from", "gender"):
        expected = "none" if name == "blank" and field in ("birth_date-day", "age_from") else "refused"
        assert outcome(sam, {**AMINA_TYPED, "gender": "", field: TEXTS[name]}) == expected, field
    assert sam.post("/", {"number_kind": "upn", "number": TEXTS[name]})[0] == 400
    assert sam.post("/", {"number_kind": TEXTS[name], "number": "1"})[0] == 400


def test_odd_requests_are_told_what_is_wrong(walk: MakeWalker) -> None:
    sam = walk()
    assert sam.status("/results/") == 200  # nothing was searched for yet: the form, which says so
    assert sam.client.put("/").status_code == 405
    assert sam.client.post("/results/").status_code == 405
    huge = sam.client.post("/", {"family_name": "x" * 300_000})
    assert (huge.status_code, b"could not read the request" in huge.content) == (400, True)
    many = sam.client.post("/", {f"field{number}": "x" for number in range(2_000)})
    assert many.status_code == 400
    garbled = sam.client.post(
        "/", b"\xff\xfe\x00", content_type="application/x-www-form-urlencoded", follow=True
    )
    assert garbled.status_code == 400
    assert sam.client.get("/?family_name=Khan&birth_date-year=2016").status_code == 200
    assert sam.kinds() == ["search-refused refused"]
    sam.client.enforce_csrf_checks = True
    sam.client.handler.enforce_csrf_checks = True
    assert sam.client.post("/", AMINA_TYPED).status_code == 403


def test_nobody_gets_in_without_signing_in(client: Client) -> None:
    for address in ("/", "/results/", "/change-search/", "/record/x/", "/my-involvements/", "/add-child/"):
        answer = client.get(address)
        assert answer.status_code == 302, address
        assert answer["Location"].startswith("/accounts/login/"), address
    for address in ("/help/", "/for-children/", "/privacy/", "/who-can-see-what/", "/accessibility/"):
        assert client.get(address).status_code == 200, address
