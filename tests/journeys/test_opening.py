"""SHI-10: an authority opens step by step, by two people; its children are found by nobody before."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction

from contactpoint.access.models import Organisation
from contactpoint.access.roles import Role
from contactpoint.casework.opening.policies import STEPS
from contactpoint.directory.models import Child, OpeningStep
from contactpoint.directory.opening_up import open_authorities
from tests.children import AMINA, US, make_child
from tests.factories import make_cleared_account, make_organisation
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import AMINA_TYPED, Walker

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "match", "owner"])
FOUND = 'href="/record/'


@pytest.fixture
def team(now: datetime, stopped_clock: time_machine.Traveller) -> Organisation:
    """Everybody whom the first step needs, but for those who walk."""
    home = make_organisation(at=now, name="ContactPoint team", kind="authority")
    for role in (Role.DATA_MANAGER, Role.BROKER, Role.INVESTIGATOR, Role.AUDITOR, Role.SHIELDING_OFFICER):
        make_cleared_account(at=now, name=f"The {role}", organisation=home, roles=(role,))
    return home


def step(first: Walker, second: Walker, step: str) -> str:
    """Proposed by the one, signed by the other; the page in the end."""
    first.post("/openings/330/propose/", {"step": step})
    return second.post("/openings/330/sign/")[1]


def test_from_nothing_to_open_and_back(
    team: Organisation, walk: MakeWalker, now: datetime, stopped_clock: time_machine.Traveller
) -> None:
    rowan = walk(name="Rowan", organisation=team, roles=(Role.ACCOUNT_MANAGER,))
    imogen = walk(name="Imogen", organisation=team, roles=(Role.ACCOUNT_MANAGER,))
    page = rowan.get("/openings/330/")
    assert "Shielding officer: 1 cleared, 2 needed." in page
    _, page = rowan.post("/openings/330/propose/", {"step": "team"})
    assert "This step is not reached yet" in page
    sol = walk(name="Sol", organisation=team, roles=(Role.SHIELDING_OFFICER,))
    _, page = rowan.post("/openings/330/propose/", {"step": "shielding"})
    assert "not the next step" in page

    assert rowan.post("/openings/330/propose/", {"step": "team"})[0] == 200
    assert rowan.post("/openings/330/sign/")[0] == 403  # nobody signs what they proposed
    assert "action-refused refused" in rowan.kinds()
    assert "Signed. It counts" in imogen.post("/openings/330/sign/")[1]
    assert "Nothing waits" in imogen.post("/openings/330/sign/")[1]

    make_child(AMINA, at=now, is_open=False)
    ann = walk(name="Ann", organisation=team)
    assert FOUND not in ann.search(**AMINA_TYPED)
    assert "Signed. It counts" in step(rowan, imogen, "children")
    page = rowan.get("/openings/330/")
    assert "The window lasts 28 days" in page
    assert "This step is not reached yet" in rowan.post("/openings/330/propose/", {"step": "shielding"})[1]

    later = now + timedelta(days=28)
    stopped_clock.move_to(later)
    rowan, imogen, sol, ann = (Walker(each.account, at=later) for each in (rowan, imogen, sol, ann))
    assert "Signed. It counts" in step(sol, imogen, "shielding")
    assert "Signed. It counts" in step(rowan, sol, "practitioners")
    assert FOUND not in ann.search(**AMINA_TYPED)
    assert "Signed. It counts" in step(rowan, sol, "open")
    assert "Open since" in rowan.get("/openings/330/")
    assert FOUND in ann.search(**AMINA_TYPED)
    assert "authority-opened" in sol.kinds()

    status, page = rowan.post("/openings/330/back/", {"step": "open"})
    assert (status, "Enter the reason" in page) == (400, True)
    rowan.post("/openings/330/back/", {"step": "shielding", "reason": "A list of shields was found."})
    assert FOUND in ann.search(**AMINA_TYPED)  # one person alone takes nothing back
    assert rowan.post("/openings/330/sign/")[0] == 403
    assert "A list of shields was found." in imogen.get("/openings/330/")
    imogen.post("/openings/330/sign/")
    assert FOUND not in ann.search(**AMINA_TYPED)
    assert imogen.kinds()[-2:] == ["opening-step-signed", "authority-closed"]
    assert list(OpeningStep.objects.filter(is_reversal=True).values_list("step", "back_why")) == [
        ("shielding", "A list of shields was found.")
    ]


def test_who_is_refused(team: Organisation, walk: MakeWalker, now: datetime) -> None:
    practitioner = walk(name="Ann", organisation=team)
    assert practitioner.status("/openings/") == 403
    assert practitioner.post("/openings/330/sign/")[0] == 403
    elsewhere = make_organisation(at=now, name="Another team", kind="authority", authority="331")
    other = walk(name="Otto", organisation=elsewhere, roles=(Role.ACCOUNT_MANAGER,))
    assert other.status("/openings/") == 200
    assert other.status("/openings/330/") == 403
    assert other.post("/openings/330/propose/", {"step": "team"})[0] == 403
    assert practitioner.kinds() == ["action-refused refused"] * 2
    assert other.kinds() == ["action-refused refused"] * 2
    assert other.status("/openings/999/") == 404


def test_a_signature_that_comes_too_late_checks_again(
    team: Organisation, walk: MakeWalker, now: datetime
) -> None:
    from contactpoint.access import actions
    from tests.factories import make_founders

    rowan = walk(name="Rowan", organisation=team, roles=(Role.ACCOUNT_MANAGER,))
    imogen = walk(name="Imogen", organisation=team, roles=(Role.ACCOUNT_MANAGER,))
    sol = walk(name="Sol", organisation=team, roles=(Role.SHIELDING_OFFICER,))
    rowan.post("/openings/330/propose/", {"step": "team"})
    actions.suspend_account(account_id=sol.account.pk, by=make_founders(at=now)[0], at=now)
    _, page = imogen.post("/openings/330/sign/")
    assert "Shielding officer: 1 cleared, 2 needed." in page
    assert not OpeningStep.objects.filter(signed_at__isnull=False).exists()
    assert "Dropped." in imogen.post("/openings/330/drop/")[1]


def test_the_database_holds_two_people_and_what_was_signed(now: datetime) -> None:
    one, two = make_cleared_account(at=now), make_cleared_account(at=now)
    made = OpeningStep.objects.create(authority="330", step=STEPS[0].value, proposed_by=one, proposed_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        OpeningStep.objects.filter(pk=made.pk).update(signed_by=one, signed_at=now)
    OpeningStep.objects.filter(pk=made.pk).update(signed_by=two, signed_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        OpeningStep.objects.filter(pk=made.pk).update(step="open")


def test_no_writer_makes_a_child_searchable_before_its_authority(now: datetime) -> None:
    """SHI-10: whoever moves or makes a child, and however."""
    child = make_child(AMINA, at=now)  # 330 is open, 331 is not
    Child.objects.update(authority="331")
    assert Child.objects.get().searchable_from is None
    Child.objects.update(searchable_from=now.date())
    assert Child.objects.get().searchable_from is None
    open_authorities(codes=["331"], on=now.date(), by=US, at=now)
    assert Child.objects.get().searchable_from == now.date(), child
    Child.objects.update(searchable_from=now.date() - timedelta(days=9))
    assert Child.objects.get().searchable_from == now.date()
    with pytest.raises(IntegrityError), transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO directory_child SELECT (jsonb_populate_record(c, jsonb_build_object("
            "'id', c.id + 1, 'authority', '332'))).* FROM directory_child c"
        )


def test_an_officer_finds_by_name_whom_nobody_else_can_yet(
    team: Organisation, walk: MakeWalker, now: datetime
) -> None:
    """SHI-10: the shielding window is for shielding; whoever else looks finds nobody."""
    make_child(AMINA, at=now, is_open=False)
    away = replace(AMINA.addresses[0], town="Liverpool", postcode="L1 1AA")
    make_child(replace(AMINA, nhs="", upn="", addresses=(away,)), at=now, is_open=False, authority="341")
    sol = walk(name="Sol", organisation=team, roles=(Role.SHIELDING_OFFICER,))
    ann = walk(name="Ann", organisation=team)
    status, page = sol.post("/shielding/find/", AMINA_TYPED)
    assert (status, page.count("Shield this child")) == (200, 1)
    (address,) = set(re.findall(r"/shielding/apply/[^/]+/", page))
    assert "Amina Rose Khan" in sol.get(address)
    assert FOUND not in sol.search(**AMINA_TYPED)  # the ordinary search shows what everybody's shows
    assert FOUND not in ann.search(**AMINA_TYPED)
    assert ann.post("/shielding/find/", AMINA_TYPED)[0] == 403
    assert "search-refused refused" in ann.kinds()
    status, page = sol.post("/shielding/find/", {"family_name": "Khan"})
    assert (status, FOUND in page, "There is a problem" in page) == (400, False, True)
