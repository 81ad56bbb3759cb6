"""Break-glass from the warning to the closed case (SHI-6, AUD-6, ACC-8)."""

import re
from dataclasses import replace
from datetime import datetime

import pytest
from django.core import mail
from django.db import IntegrityError, connections, transaction

from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.directory import actions as directory
from tests.children import AMINA, DATABASES, make_child
from tests.factories import make_organisation, make_viewer
from tests.feeds import ask
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import Walker

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
WHY = {"purpose": "safeguarding", "text": "She rang and hung up.", "understood": "yes"}


@pytest.fixture
def dara(walk: MakeWalker) -> Walker:
    """Duty social worker, who may override."""
    return walk(name="Dara Quinn", roles=[Role.PRACTITIONER, Role.SHIELD_OVERRIDE])


@pytest.fixture
def ines(walk: MakeWalker) -> Walker:
    return walk(name="Ines Romero", roles=[Role.INVESTIGATOR])


@pytest.fixture
def sam(walk: MakeWalker) -> Walker:
    """A practitioner without the permission: always refused."""
    return walk(name="Sam Okafor")


def shielded(now: datetime) -> None:
    """One child with an involvement, shielded afterwards by a supplier's mark."""
    child = make_child(at=now)
    who: Viewer = make_viewer(at=now, name="Ruth Evans")
    directory.record_involvement(
        by=who,
        child=child,
        service="early_help",
        role="family_support_worker",
        started_on=now.date(),
        team_telephone="0121 496 0300",
        team_email="",
        at=now,
    )
    ((number,),) = ask("SELECT id FROM directory_child")
    make_child(at=now, supplier="nhs_demographics", child_id=number, restricted=True)


def test_the_record_opens_once_and_stays_shielded_for_everybody(
    now: datetime, dara: Walker, sam: Walker
) -> None:
    shielded(now)
    token, page = dara.open()
    assert "open the shielded record" in page
    assert "12 Canal Street" not in page
    page = dara.get(f"/record/{token}/override/")
    assert "An investigation begins the moment you open it" in page
    status, page = dara.post(f"/record/{token}/override/", WHY)
    assert status == 200
    for words in ("12 Canal Street", "Sara Khan", "Ruth Evans", "Investigation 1 has begun"):
        assert words in re.sub(r"Investigation \d+", "Investigation 1", page), words
    assert "12 Canal Street" not in dara.get(f"/record/{token}/")  # once
    token, page = sam.open()
    assert "12 Canal Street" not in page
    assert "open the shielded record" not in page
    assert dara.kinds().count("shield-overridden") == 1
    dara.post(f"/record/{token}/override/", WHY)
    assert ask("SELECT count(*) FROM hidden.investigation") == [(1,)]  # another session's address


def test_each_time_is_a_case_of_its_own_and_the_authority_is_told(now: datetime, dara: Walker) -> None:
    investigator = make_viewer(at=now, name="Ines", roles=[Role.INVESTIGATOR])
    shielded(now)
    token, _ = dara.open()
    dara.post(f"/record/{token}/override/", WHY)
    dara.post(f"/record/{token}/override/", WHY)
    assert ask("SELECT count(*), count(DISTINCT investigation_id) FROM hidden.override") == [(2, 2)]
    told = [each for each in mail.outbox if "investigation" in each.subject.lower()]
    assert len(told) == 2
    for word in ("Khan", "Amina", "Dara"):
        assert word not in told[0].body
    assert investigator.account_id


def test_without_the_permission_or_a_reason_nothing_opens(now: datetime, dara: Walker, sam: Walker) -> None:
    shielded(now)
    token, _ = sam.open()
    status, page = sam.post(f"/record/{token}/override/", WHY)
    assert (status, "12 Canal Street" in page) == (403, False)
    assert sam.kinds()[-1] == "hidden-opened refused"
    token, _ = dara.open()
    for missing in ("purpose", "text", "understood"):
        status, page = dara.post(f"/record/{token}/override/", {**WHY, missing: ""})
        assert (status, "12 Canal Street" in page) == (400, False)
    assert ask("SELECT count(*) FROM hidden.override") == [(0,)]


def test_an_open_record_needs_no_override(now: datetime, dara: Walker) -> None:
    make_child(at=now)
    token, _ = dara.open()
    assert dara.post(f"/record/{token}/override/", WHY)[0] == 409


def test_somebody_else_investigates_suspends_and_closes(
    now: datetime, dara: Walker, ines: Walker, sam: Walker
) -> None:
    """AUD-6."""
    shielded(now)
    token, _ = dara.open()
    dara.post(f"/record/{token}/override/", WHY)
    (case,) = set(re.findall(r'href="(/investigations/\d+/)"', ines.get("/investigations/")))
    page = ines.get(case)
    for words in ("She rang and hung up.", "Dara Quinn", "Amina Rose Khan"):
        assert words in page
    assert "12 Canal Street" not in page
    assert "is told" in ines.post(f"{case}tell-manager/")[1]
    assert ines.post(f"{case}tell-manager/")[0] == 409
    assert "suspended" in ines.post(f"{case}suspend/")[1]
    assert dara.status("/") != 200
    status, page = ines.post(f"{case}close/", {"outcome": "misuse"})
    assert (status, "The investigation is closed." in page) == (200, True)
    assert ines.post(f"{case}close/", {"outcome": "justified"})[0] == 409
    assert "investigation-closed" in ines.kinds()
    for address in ("/investigations/", case):
        assert sam.status(address) == 403
    assert sam.kinds()[-1] == "hidden-opened refused"


def test_another_authoritys_investigator_finds_nothing(now: datetime, dara: Walker, walk: MakeWalker) -> None:
    elsewhere = make_organisation(at=now, authority="201", kind="authority", name="City of London")
    far = walk(name="Far", roles=[Role.INVESTIGATOR], organisation=elsewhere)
    shielded(now)
    token, _ = dara.open()
    dara.post(f"/record/{token}/override/", WHY)
    ((case,),) = ask("SELECT id FROM hidden.investigation")
    assert "None waits" in far.get("/investigations/")
    assert far.status(f"/investigations/{case}/") == 404


def test_who_met_many_shielded_children_is_worked_out_afterwards(
    now: datetime, ines: Walker, sam: Walker
) -> None:
    """AUD-5: from the log, never in a search."""
    for _ in range(3):
        make_child(replace(AMINA, nhs="", upn=""), at=now, restricted=True)
    assert "Nobody met three or more" in ines.get("/investigations/")
    sam.search()
    page = ines.get("/investigations/")
    assert "Sam Okafor" in page


def test_the_database_refuses_an_override_without_a_case_and_closing_ones_own(now: datetime) -> None:
    """SHI-6, ACC-8."""
    child = make_child(at=now)
    who = make_viewer(at=now)
    ((number,),) = ask("SELECT id FROM directory_child")
    refused = (
        (
            "INSERT INTO hidden.override (child_id, account_id, organisation_id, purpose, sealed, opened_at)"
            " VALUES (%s, %s, %s, 'safeguarding', '', now())",
            [number, who.account_id, who.organisation_id],
        ),
        (
            "INSERT INTO hidden.investigation"
            " (child_id, authority, about, opened_at, closed_at, closed_by, outcome)"
            " VALUES (%s, '330', %s, now(), now(), %s, 'justified')",
            [number, who.account_id, who.account_id],
        ),
    )
    for statement, given in refused:
        with (
            pytest.raises(IntegrityError),
            transaction.atomic(using="match"),
            connections["match"].cursor() as cursor,
        ):
            cursor.execute(statement, given)
    assert child
