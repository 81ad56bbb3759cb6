"""A practitioner's own entries through the pages: involvements, lead, assessments (INV-2, INV-3, INV-5)."""

import re
from datetime import datetime, timedelta

import pytest

from contactpoint.access.roles import Role
from contactpoint.directory.models import Involvement
from tests.children import DATABASES, make_child
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import Walker

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
DAY = {"started_on-day": "1", "started_on-month": "9", "started_on-year": "2026"}
MINE = {
    "service": "early_help",
    "role": "early_help_worker",
    "team_telephone": "0121 496 0100",
    "team_email": "",
    **DAY,
}


def ended(day: str, month: str = "10", year: str = "2026") -> dict[str, str]:
    return {"ended_on-day": day, "ended_on-month": month, "ended_on-year": year}


def record_mine(sam: Walker, **changes: str) -> tuple[str, str]:
    """The token of the record, and the address of the new entry."""
    token, _ = sam.open()
    status, page = sam.post(f"/record/{token}/involvement/", {**MINE, **changes})
    assert status == 200, page
    assert "Your involvement is recorded" in page
    (entry,) = re.findall(r'href="(/my-involvements/\d+/)"', page)
    return token, entry


def test_my_involvement_from_recording_to_its_end_and_what_a_colleague_sees(
    now: datetime, walk: MakeWalker
) -> None:
    make_child(at=now)
    sam, lee = walk(name="Sam Okafor"), walk(name="Lee Marsh")
    token, entry = record_mine(sam)
    assert "Sam Okafor, Early help worker" in lee.open()[1]
    assert sam.post(f"{entry}lead/")[0] == 200
    page = lee.open()[1]
    assert "Lead practitioner" in page.split('id="ring-first"')[1][:300]
    assert "Manage" not in page
    assert sam.post(f"{entry}stop-lead/")[0] == 200
    assert sam.post(f"{entry}confirm/")[0] == 200
    status, page = sam.post(f"{entry}end/", ended("31", "2"))
    assert (status, "must be a real date" in page) == (400, True)
    status, page = sam.post(f"{entry}end/", ended("1", "8"))
    assert (status, "before the start" in page) == (400, True)
    status, page = sam.post(f"{entry}end/", ended("4"))
    assert (status, "4 October 2026" in page) == (200, True)
    assert sam.post(f"{entry}confirm/")[0] == 409
    page = sam.get(f"/record/{token}/")
    assert "1 that ended in the last 12 months" in page
    assert sam.post(f"{entry}take-back/")[0] == 200
    assert "1 that ended" not in sam.get(f"/record/{token}/")
    changes = [kind for kind in sam.kinds() if kind.split("-")[0] in ("involvement", "lead", "change")]
    assert changes == [
        "involvement-recorded",
        "lead-recorded",
        "lead-taken-back",
        "involvement-confirmed",
        "change-refused refused",
        "involvement-ended",
        "change-refused refused",
        "involvement-taken-back",
    ]


def test_anothers_entry_is_not_there_for_charlie_and_each_try_is_in_the_log(
    now: datetime, walk: MakeWalker
) -> None:
    make_child(at=now)
    _, entry = record_mine(walk())
    charlie = walk(name="Charlie")
    for act in ("confirm/", "take-back/", "lead/", "stop-lead/"):
        assert charlie.post(entry + act)[0] == 404, act
    for page in ("", "end/", "take-back/", "lead/", "stop-lead/"):
        assert charlie.status(entry + page) == 404, page
    assert charlie.status(f"{entry}confirm/") == 405
    assert charlie.kinds().count("change-refused refused") == 4


def test_charlie_whose_role_records_nothing_is_refused(now: datetime, walk: MakeWalker) -> None:
    make_child(at=now)
    charlie = walk(name="Charlie", roles=[Role.DATA_MANAGER])
    token, page = charlie.open()
    assert "I work with this child" not in page
    assert charlie.post(f"/record/{token}/involvement/", MINE)[0] == 403
    assert charlie.status("/my-involvements/") == 403
    assert charlie.kinds()[-2:] == ["change-refused refused", "own-involvements-listed refused"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"team_telephone": ""}, "telephone number or secure e-mail"),
        ({"service": "camhs"}, "Choose a service of the list"),
        ({"role": ""}, "Choose your role"),
        ({"started_on-year": "2027"}, "must not be in the future"),
        ({"started_on-day": ""}, "must include a day, a month and a year"),
        ({"team_email": "a\0b"}, "without control characters"),
    ],
    ids=["no contact", "sensitive", "no role", "future", "no day", "nul"],
)
def test_an_unusable_involvement_says_what_to_mend_and_keeps_the_rest(
    now: datetime, walk: MakeWalker, changes: dict[str, str], said: str
) -> None:
    make_child(at=now)
    sam = walk()
    token, _ = sam.open()
    assert "office@bridgelane.example" in sam.get(f"/record/{token}/involvement/")
    status, page = sam.post(f"/record/{token}/involvement/", {**MINE, **changes})
    assert (status, said in page) == (400, True)
    assert '<option value="early_help" selected>' in page or "service" in changes
    assert "involvement-recorded" not in sam.kinds()


def test_what_goes_stale_comes_first_and_says_so(now: datetime, walk: MakeWalker) -> None:
    make_child(at=now)
    sam = walk()
    record_mine(sam)
    assert "Confirm soon" not in sam.get("/my-involvements/")
    for days in (320, 364):
        Involvement.objects.update(confirmed_at=now - timedelta(days=days))
        page = sam.get("/my-involvements/")
        assert "Confirm soon" in page
        assert "1 of your involvements needs confirming" in page
    assert sam.kinds()[-2:] == ["own-involvements-listed"] * 2


def test_an_assessment_is_recorded_closed_and_taken_back(now: datetime, walk: MakeWalker) -> None:
    make_child(at=now)
    sam, charlie = walk(), walk(name="Charlie")
    token, _ = sam.open()
    opened = {"opened_on-day": "3", "opened_on-month": "9", "opened_on-year": "2026"}
    assert "Common assessment (CAF)</label>" not in sam.get(f"/record/{token}/assessment/")
    assert sam.post(f"/record/{token}/assessment/", opened)[0] == 400
    status, page = sam.post(f"/record/{token}/assessment/", {"kind": "family_help", **opened})
    assert (status, "Family help assessment" in page) == (200, True)
    (close,) = re.findall(r'href="(/record/[\w-]+/assessment/\d+/close/)"', page)
    theirs, _ = charlie.open()
    assert charlie.post(close.replace(token, theirs), ended("4"))[0] == 404
    assert charlie.kinds()[-1] == "change-refused refused"
    assert sam.post(close, ended("1"))[0] == 200
    assert sam.post(close, ended("1"))[0] == 409
    assert sam.post(close.replace("close", "take-back"))[0] == 200
    assert "Family help assessment" not in sam.get(f"/record/{token}/")
    assert [kind for kind in sam.kinds() if kind.startswith("assessment")] == [
        "assessment-recorded",
        "assessment-closed",
        "assessment-taken-back",
    ]
