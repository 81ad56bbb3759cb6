"""People of a sensitive service at its pages: from basis to receipt, renewal, withdrawal (SEN-2 to SEN-7)."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from contactpoint.access.roles import Role, Sector
from tests.children import DATABASES, make_child
from tests.factories import make_organisation
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import REASON, Walker
from tests.sensitive_line import take_line_out

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
CLINIC = "Lantern House"


def day(name: str, iso: str) -> dict[str, str]:
    year, month, date = iso.split("-")
    return {f"{name}-day": date, f"{name}-month": month, f"{name}-year": year}


RECEIPT = {
    "obtained_by_role": "mental_health_practitioner",
    **day("obtained_on", "2026-09-20"),
    **day("review_on", "2027-03-20"),
}
WORK = {"role": "mental_health_practitioner", **day("started_on", "2026-09-21")}


@pytest.fixture
def noor(now: datetime, walk: MakeWalker) -> Walker:
    clinic = make_organisation(
        at=now, name=CLINIC, sector=Sector.HEALTH, kind="team", sensitive_service="camhs"
    )
    return walk(name="Noor Ahmed", organisation=clinic)


def answer(noor: Walker, token: str, **changes: Any) -> tuple[int, str]:
    """Goes through the questions; gives the answer to the last."""
    at = f"/record/{token}/our-part/"
    noor.post(at, {"basis": changes.get("basis", "consent")})
    if changes.get("basis", "consent") == "consent":
        noor.post(f"{at}giver/", {"given_by": "child"})
        noor.post(f"{at}receipt/", {**RECEIPT, **changes.get("receipt", {})})
    return noor.post(f"{at}role/", WORK)


def record_ours(noor: Walker, **changes: Any) -> tuple[str, str]:
    """The token of the record and the address of the entry."""
    token, _ = noor.open()
    status, page = answer(noor, token, **changes)
    assert (status, "Check your answers" in page) == (200, True), page
    status, page = noor.post(f"/record/{token}/our-part/check/")
    assert (status, "is recorded" in page) == (200, True), page
    (entry,) = re.findall(r'href="(/our-entries/\d+/)end/"', page)
    return token, entry


def test_from_the_record_through_the_questions_to_the_receipt(now: datetime, noor: Walker) -> None:
    make_child(at=now)
    token, page = noor.open()
    assert f'href="/record/{token}/our-part/"' in page
    assert "I work with this child" not in page
    assert "Record our involvement" not in noor.get("/")
    at = f"/record/{token}/our-part/"
    for question, words in (
        ("", "On what basis"),
        ("giver/", "Who gave consent?"),
        ("receipt/", "The consent receipt"),
        ("role/", "Your work with the child"),
    ):
        assert words in noor.get(at + question)
    assert "On what basis" in noor.get(f"{at}check/"), "nothing is answered yet"
    _, page = noor.post(at, {"basis": "consent"})
    assert "Who gave consent?" in page
    _, page = noor.post(f"{at}giver/", {"given_by": "child"})
    assert 'value="2027"' in page, "a review in half a year is offered"
    _, page = noor.post(f"{at}receipt/", RECEIPT)
    _, page = noor.post(f"{at}role/", WORK)
    for words in ("Check your answers", "The child or young person", "20 March 2027", "21 September 2026"):
        assert words in page
    assert "checked" in noor.get(at), "going back shows the answer"
    status, page = noor.post(f"{at}check/")
    assert status == 200
    for words in ("Consent receipt", "The child or young person", "20 September 2026", "Noor Ahmed"):
        assert words in page
    assert noor.kinds() == [
        "searched",
        "record-opened",
        "sensitive-recorded",
        "hidden-opened",
        "sensitive-listed",
    ]
    assert "On what basis" in noor.get(f"{at}check/"), "what is recorded is not kept to be sent again"


def test_significant_harm_asks_nothing_about_consent(now: datetime, noor: Walker) -> None:
    make_child(at=now)
    _, entry = record_ours(noor, basis="significant-harm")
    page = noor.get(entry)
    assert "Significant harm suspected" in page
    assert "Given by" not in page
    assert noor.post(f"{entry}renew/", {"given_by": "parent-or-carer", **RECEIPT})[0] == 200
    assert "A parent or carer" in noor.get(entry)


@pytest.mark.parametrize(
    ("question", "given", "said"),
    [
        ("", {}, "Choose on what basis"),
        ("", {"basis": "curiosity"}, "Choose one of the two shown"),
        ("giver/", {}, "Choose who gave consent"),
        ("receipt/", {**RECEIPT, "obtained_by_role": ""}, "Choose the role of whoever obtained"),
        ("receipt/", {**RECEIPT, **day("obtained_on", "2026-10-06")}, "must not be in the future"),
        ("receipt/", {**RECEIPT, **day("review_on", "2026-09-19")}, "must be after the date of consent"),
        ("receipt/", {**RECEIPT, **day("review_on", "2029-01-01")}, "within a year"),
        ("receipt/", {**RECEIPT, "obtained_on-day": "31", "obtained_on-month": "2"}, "must be a real date"),
        ("role/", {**WORK, **day("started_on", "2027-01-01")}, "must not be in the future"),
        ("role/", {**WORK, "role": "wizard"}, "Choose a role of the list"),
    ],
    ids=["no basis", "odd basis", "no giver", "nobody", "future", "review", "far", "unreal", "work", "role"],
)
def test_each_question_says_what_to_mend(
    now: datetime, noor: Walker, question: str, given: dict[str, str], said: str
) -> None:
    make_child(at=now)
    token, _ = noor.open()
    at = f"/record/{token}/our-part/"
    noor.post(at, {"basis": "consent"})
    noor.post(f"{at}giver/", {"given_by": "child"})
    status, page = noor.post(at + question, given)
    assert (status, said in page) == (400, True)
    assert noor.post(f"{at}check/")[0] == 200
    assert "sensitive-recorded" not in noor.kinds()


def test_an_answer_of_yesterday_that_no_longer_holds_is_refused_at_the_end(
    now: datetime, noor: Walker, stopped_clock: time_machine.Traveller
) -> None:
    make_child(at=now)
    token, _ = noor.open()
    answer(noor, token, receipt=day("review_on", "2026-10-06"))
    stopped_clock.move_to(now.replace(hour=22, minute=55))
    later = Walker(noor.account, at=now.replace(hour=22, minute=55))
    token, _ = later.open()
    answer(later, token, receipt=day("review_on", "2026-10-06"))
    stopped_clock.move_to(now.replace(hour=23, minute=5))  # midnight has passed in England
    status, page = later.post(f"/record/{token}/our-part/check/")
    assert (status, "must be in the future" in page) == (400, True)


def test_without_a_reason_in_force_the_reason_comes_first(
    now: datetime, noor: Walker, stopped_clock: time_machine.Traveller
) -> None:
    make_child(at=now)
    token = noor.choose()
    for page in ("our-part/", "our-part/check/", "what-others-see/"):
        assert "Why do you need to open this record?" in noor.get(f"/record/{token}/{page}")
    noor.post(f"/record/{token}/reason/", REASON)
    assert "On what basis" in noor.get(f"/record/{token}/our-part/")


def test_an_answer_about_one_child_is_not_one_about_another(now: datetime, noor: Walker) -> None:
    make_child(at=now)
    make_child(at=now)
    first, second = (noor.choose(at) for at in (0, 0))
    noor.post(f"/record/{first}/reason/", REASON)
    answer(noor, first)
    noor.search()
    second = noor.choose(1)
    noor.post(f"/record/{second}/reason/", REASON)
    assert "On what basis" in noor.get(f"/record/{second}/our-part/check/")


def test_the_session_keeps_no_answer_that_the_server_could_read(now: datetime, noor: Walker) -> None:
    make_child(at=now)
    token, _ = noor.open()
    answer(noor, token)
    kept = str(dict(noor.client.session.items()))
    assert "gAAAA" in kept
    assert not [word for word in ("consent", "mental", "2026-09-20", "camhs") if word in kept]


def test_consents_are_renewed_ended_and_withdrawn(
    now: datetime, noor: Walker, stopped_clock: time_machine.Traveller
) -> None:
    make_child(at=now)
    _, entry = record_ours(noor)
    for days in (60, 120, 150):  # an account that is not used for three months is suspended
        due = now + timedelta(days=days)
        stopped_clock.move_to(due)
        Walker(noor.account, at=due)
    noor = Walker(noor.account, at=due)
    page = noor.get("/our-entries/")
    assert "1 consent is due for review" in page
    assert "Review soon" in page
    fresh = {**RECEIPT, **day("obtained_on", "2027-03-01"), **day("review_on", "2027-09-01")}
    status, page = noor.post(f"{entry}renew/", {"given_by": "", **fresh})
    assert (status, "Choose who gave consent" in page) == (400, True)
    status, page = noor.post(
        f"{entry}renew/", {"given_by": "child", **fresh, **day("review_on", "2027-01-01")}
    )
    assert (status, "must be after the date of consent" in page) == (400, True)
    status, page = noor.post(f"{entry}renew/", {"given_by": "child", **fresh})
    assert (status, "1 September 2027" in page) == (200, True)
    assert "due for review" not in noor.get("/our-entries/")
    status, page = noor.post(f"{entry}end/", day("ended_on", "2026-01-01"))
    assert (status, "before the start" in page) == (400, True)
    assert noor.post(f"{entry}end/", day("ended_on", "2027-03-01"))[0] == 200
    assert noor.post(f"{entry}end/", day("ended_on", "2027-03-01"))[0] == 409
    assert "cannot be brought back" in noor.get(f"{entry}withdraw/")
    status, page = noor.post(f"{entry}withdraw/")
    assert (status, "The entry is deleted" in page) == (200, True)
    assert "There are none." in page
    status, page = noor.post(f"{entry}withdraw/")
    assert (status, "withdrawn already" in page) == (409, True)
    for address in (entry, f"{entry}renew/", f"{entry}end/", f"{entry}withdraw/"):
        assert noor.status(address) == 404, address
    changes = [kind for kind in noor.kinds() if kind not in ("hidden-opened", "sensitive-listed")]
    assert changes == [
        "change-refused refused",
        "sensitive-renewed",
        "change-refused refused",
        "sensitive-ended",
        "change-refused refused",
        "sensitive-withdrawn",
        "change-refused refused",
    ]


def test_charlie_is_told_that_this_is_not_for_him_and_the_log_has_each_try(
    now: datetime, noor: Walker, walk: MakeWalker
) -> None:
    make_child(at=now)
    _, entry = record_ours(noor)
    charlie = walk(name="Charlie")
    token, page = charlie.open()
    for words in ("/our-part/", "our-entries", "Record our involvement"):
        assert words not in page
    asked = [f"/record/{token}/our-part/{page}" for page in ("", "giver/", "receipt/", "role/", "check/")]
    asked += [f"/record/{token}/what-others-see/", "/our-entries/"]
    asked += [entry + page for page in ("", "renew/", "end/", "withdraw/")]
    for address in asked:
        assert charlie.status(address) == 403, address
    assert charlie.post(f"/record/{token}/our-part/check/")[0] == 403
    assert charlie.post(f"{entry}withdraw/")[0] == 403
    refused = charlie.kinds()[2:]
    assert refused.count("change-refused refused") == 8
    assert refused.count("sensitive-listed refused") == 5
    assert len(refused) == len(asked) + 2
    other = make_organisation(
        at=now, name="Other", sector=Sector.HEALTH, kind="team", sensitive_service="sexual_health"
    )
    rival = walk(name="Charlotte", organisation=other)
    assert {rival.status(entry + page) for page in ("", "renew/", "end/", "withdraw/")} == {404}
    assert rival.post(f"{entry}withdraw/")[0] == 404


def without_what_varies(page: str) -> str:
    """Without tokens, watermark and the security values of one request."""
    page = re.sub(r"/record/[\w-]+/", "/record/T/", page)
    return re.sub(r'(nonce|value|src)="[^"]{16,}"', r'\1="-"', page)


@pytest.mark.parametrize("restricted", [False, True], ids=["open", "shielded"])
def test_no_page_of_anybody_else_differs_by_a_letter(
    now: datetime, noor: Walker, walk: MakeWalker, restricted: bool
) -> None:
    """SEN-3: but for one line to those who may ask for contact, on a record that is open."""
    make_child(at=now, supplier="nhs_demographics", restricted=restricted)
    mel, sam = walk(name="Mel Stone", roles=[Role.CASE_MANAGEMENT_SYSTEM]), walk(name="Sam Okafor")

    def pages(sam: Walker = mel) -> list[str]:
        token, page = sam.open()
        shown = [page, sam.get("/results/"), sam.get("/my-involvements/")]
        return [without_what_varies(each) for each in [*shown, sam.get(f"/record/{token}/reason/")]]

    before, of_sam = pages(), pages(sam)
    _, entry = record_ours(noor)
    assert pages() == before
    assert take_line_out("".join(pages(sam))) == ("".join(of_sam), not restricted)
    assert noor.post(f"{entry}withdraw/")[0] == 200
    assert (pages(), pages(sam)) == (before, of_sam)
    assert CLINIC not in "".join(before)


def test_the_preview_shows_a_young_person_what_others_would_see(now: datetime, noor: Walker) -> None:
    make_child(at=now)
    token, entry = record_ours(noor)
    page = noor.get(f"/record/{token}/what-others-see/")
    main = page.split("<main")[1].split("</main>")[0]
    for words in (
        "Amina Rose Khan",
        "12 Canal Street, Birmingham, B1 1AA",
        "Sara Khan, mother",
        "We delete it",
    ):
        assert words in main
    for words in (CLINIC, "mental", "Noor", "consent", "0121"):
        assert words not in main
    assert noor.kinds()[-1] == "record-opened"
    assert noor.get(entry)


def test_the_preview_of_a_shielded_child_shows_what_a_shield_shows(now: datetime, noor: Walker) -> None:
    make_child(at=now, supplier="nhs_demographics", restricted=True)
    token, entry = record_ours(noor)
    assert "This child’s record is shielded" in noor.get(entry)
    assert f'href="/record/{token}/our-part/"' in noor.get(f"/record/{token}/")
    for page in (f"/record/{token}/what-others-see/", entry, "/our-entries/", f"/record/{token}/our-part/"):
        shown = noor.get(page)
        for words in ("Canal", "Sara", "Birmingham", "B1 1AA", "9434765919"):
            assert words not in shown, page
