"""ACC-2, ACC-3, SHI-10: two who decide at the same moment, and evidence that runs out between two clicks."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connections, transaction

from contactpoint.access import actions
from contactpoint.access.actions import Criteria
from contactpoint.access.actions.organisations import CriteriaNotMet
from contactpoint.access.models import Accreditation
from contactpoint.access.records import Viewer
from contactpoint.access.roles import Role
from contactpoint.audit.models import Event
from contactpoint.casework.opening.actions import drop_step, propose_reversal, sign_step
from contactpoint.casework.opening.policies import Step
from contactpoint.directory.models import Child, OpeningStep
from contactpoint.directory.opening_up import open_authorities
from contactpoint.directory.publish import new_child_ids, publish_rows
from contactpoint.errors import Conflict
from tests.children import AMINA, US, make_row, make_supplier
from tests.factories import (
    clear_account,
    make_account,
    make_founders,
    make_organisation,
    make_viewer,
)
from tests.journeys.conftest import MakeWalker
from tests.journeys.walker import Walker

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "match", "owner"])


def both(first: Callable[[], None], second: Callable[[], None]) -> list[str]:
    """Begun together; what became of each: 'done', or the name of the refusal."""
    start, said = threading.Barrier(2), []

    def run(act: Callable[[], None]) -> None:
        start.wait(10)
        try:
            act()
            said.append("done")
        except Conflict as refusal:
            said.append(type(refusal).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(said)


def test_of_two_approvers_at_once_one_is_told(now: datetime) -> None:
    home = make_organisation(at=now, name="ContactPoint team", kind="authority")
    one, two = (
        make_viewer(at=now, name=name, organisation=home, roles=(Role.ACCOUNT_MANAGER,))
        for name in ("Rowan", "Imogen")
    )
    newcomer = make_account(at=now, name="Jo Teacher", organisation=home)
    clear_account(newcomer, at=now, roles=())
    founder, _ = make_founders(at=now)
    actions.renew_factors(account_id=newcomer.pk, site="", by=founder, at=now)
    actions.record_identity_check(account_id=newcomer.pk, on=now.date(), by=founder, at=now)
    before = Event.objects.filter(kind="account-approved").count()

    def approve(by: Viewer) -> Callable[[], None]:
        return lambda: actions.approve_account(account_id=newcomer.pk, by=by, at=now)

    assert both(approve(one), approve(two)) == ["AlreadyDone", "done"]
    assert Event.objects.filter(kind="account-approved").count() == before + 1


def test_of_a_signature_and_a_second_thought_at_once_one_counts(now: datetime) -> None:
    home = make_organisation(at=now, name="ContactPoint team", kind="authority")
    one, two = (
        make_viewer(at=now, name=name, organisation=home, roles=(Role.ACCOUNT_MANAGER,))
        for name in ("Rowan", "Imogen")
    )
    open_authorities(codes=["330"], on=now.date(), by=US, at=now)
    propose_reversal(code="330", step=Step.OPEN, reason="A list of shields was found.", by=one, at=now)
    said = both(lambda: sign_step(code="330", by=two, at=now), lambda: drop_step(code="330", by=one, at=now))
    assert said == ["NothingWaits", "done"]
    row = OpeningStep.objects.get()
    assert (row.signed_at is None) != (row.dropped_at is None)


def test_a_child_published_while_its_authority_opens_is_found(now: datetime) -> None:
    """What was read as not open, and commits after the opening, would be found by nobody."""
    make_supplier()
    opening = threading.Thread(target=_open_now, args=(now,))
    with transaction.atomic(using="match", durable=True), connections["match"].cursor() as cursor:
        (number,) = new_child_ids(cursor=cursor, count=1)
        publish_rows(cursor=cursor, rows=[make_row(AMINA, child_id=number, at=now)], at=now)
        opening.start()
        _wait_until_it_waits(opening)
    opening.join(30)
    assert Child.objects.get(pk=number).searchable_from == now.date()


def _open_now(at: datetime) -> None:
    try:
        open_authorities(codes=["330"], on=at.date(), by=US, at=at)
    finally:
        connections.close_all()


def _wait_until_it_waits(thread: threading.Thread) -> None:
    """Until PostgreSQL says that somebody waits, or the thread has ended without waiting."""
    with connections["owner"].cursor() as cursor:
        for _ in range(600):
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
            )
            if cursor.fetchone()[0] or not thread.is_alive():
                return
            time.sleep(0.05)


def test_evidence_that_runs_out_stops_everybody_at_the_next_click(
    walk: MakeWalker, now: datetime, stopped_clock: time_machine.Traveller
) -> None:
    school = make_organisation(at=now, code="123456")
    priya = walk(name="Priya", organisation=school)
    last = Accreditation.objects.get(organisation=school, superseded_at=None).expires_on
    assert priya.status("/") == 200
    Accreditation.objects.filter(organisation=school).update(expires_on=now.date())
    stopped_clock.move_to(now + timedelta(days=1))
    priya = Walker(priya.account, at=now + timedelta(days=1))
    answer = priya.client.get("/")
    assert answer.status_code == 403, last
    assert priya.kinds()[-1] == "access-refused refused"


def test_a_certificate_out_of_date_accredits_nobody(now: datetime) -> None:
    founder, approver = make_founders(at=now)
    school = make_organisation(at=now, is_accredited=False)
    over = now.date() - timedelta(days=1)
    criteria = Criteria("Cyber Essentials Plus", over, True, "Head", ("bridgelane.example",))
    actions.enter_application(organisation_id=school.pk, criteria=criteria, by=founder, at=now)
    with pytest.raises(CriteriaNotMet):
        actions.accredit_organisation(
            organisation_id=school.pk, expires_on=now.date() + timedelta(days=9), by=approver, at=now
        )
    assert not Accreditation.objects.filter(organisation=school).exists()
