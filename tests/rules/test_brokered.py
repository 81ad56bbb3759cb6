"""SEN-3, SEN-4, SEN-5, SEN-7: who sees the line, who learns who it is, and what ends a brokered contact."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from contactpoint.access.actions import suspend_organisation
from contactpoint.access.actions.accounts import close_account
from contactpoint.access.models import Account, Organisation
from contactpoint.access.records import Viewer
from contactpoint.access.roles import ALLOWED, Action, Role, Sector
from contactpoint.audit.actions import record_event
from contactpoint.audit.kinds import EventKind
from contactpoint.casework import actions as officers
from contactpoint.casework.brokering.answering import (
    accept_contact,
    decline_contact,
    list_questions,
    read_question,
)
from contactpoint.casework.brokering.cases import (
    CannotBeAsked,
    MayNotBroker,
    ask_provider,
    close_case,
    list_cases,
    read_case,
    take_case,
)
from contactpoint.casework.brokering.records import Standing, State
from contactpoint.casework.brokering.requesting import (
    MayNotAskForContact,
    Shielded,
    list_own_requests,
    read_own_contact,
    request_contact,
)
from contactpoint.casework.door import NotAnOfficer, NotOfYours
from contactpoint.codes.child_number import ChildNumber, decode
from contactpoint.directory.keeping.archive import return_to_live
from contactpoint.directory.keeping.clock import run_clock
from contactpoint.directory.opening import open_record
from contactpoint.directory.publish import SensitivePart
from contactpoint.directory.records import Purpose
from contactpoint.directory.sensitive.actions import (
    end_sensitive_involvement,
    record_sensitive_involvement,
    withdraw_consent,
)
from contactpoint.directory.sensitive.records import Consent
from tests.children import AMINA, DATABASES, make_child
from tests.factories import make_founders, make_organisation, make_viewer
from tests.feeds import ask
from tests.reviews import WORKER, make_manager
from tests.rules.test_joining import AMINAH, join, undo

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)
CONSENT = Consent("child", "mental_health_practitioner", date(2026, 9, 20), date(2027, 3, 20))


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in it. `entry` is the clinic's, about `child`."""

    at: datetime
    child: ChildNumber
    entry: int
    clinic: Organisation
    noor: Viewer
    sam: Viewer
    bea: Viewer

    def asked(self) -> int:
        return request_contact(by=self.sam, child=self.child, text="Three lessons missed.", at=self.at)

    def asked_of_provider(self) -> tuple[int, int]:
        """The case and the question."""
        case = self.asked()
        take_case(by=self.bea, case=case, seen=None, at=self.at)
        (provider,) = read_case(by=self.bea, case=case, at=self.at).providers
        ask_provider(
            by=self.bea,
            case=case,
            organisation=provider.organisation,
            service=provider.service,
            at=self.at,
        )
        (question,) = list_questions(by=self.noor, at=self.at)
        return case, question.id

    def given(self) -> int:
        case, question = self.asked_of_provider()
        accept(self.noor, question, self.at)
        assert self.state() is State.CONTACT
        return case

    def state(self, at: datetime | None = None) -> State:
        (only,) = list_own_requests(by=self.sam, at=at or self.at).contacts
        return only.state


def accept(by: Viewer, question: int, at: datetime) -> None:
    accept_contact(by=by, question=question, ask_for="Duty desk", telephone="0121 496 0555", email="", at=at)


@pytest.fixture
def cast(now: datetime) -> Cast:
    return make_cast(now)


def make_cast(now: datetime, values: object = AMINA) -> Cast:
    clinic = make_organisation(
        at=now, name="Lantern House", sector=Sector.HEALTH, kind="team", sensitive_service="camhs"
    )
    noor = make_viewer(at=now, name="Noor Ahmed", organisation=clinic)
    child = make_child(values, at=now)  # type: ignore[arg-type]
    entry = record_sensitive_involvement(
        by=noor, child=child, role="mental_health_practitioner", started_on=date(2026, 9, 21),
        basis="consent", consent=CONSENT, at=now,
    )  # fmt: skip
    sam = make_viewer(at=now, name="Sam Okafor")
    bea = make_viewer(at=now, name="Bea Lind", roles=[Role.BROKER])
    return Cast(now, child, entry, clinic, noor, sam, bea)


def sees_line(viewer: Viewer, child: ChildNumber, at: datetime) -> bool:
    purpose = Purpose.COORDINATING
    return open_record(viewer=viewer, child=child, purpose=purpose, reference="", at=at).sensitive_involved


@pytest.mark.parametrize("role", [role for role in Role if Action.OPEN_RECORD in ALLOWED[role]], ids=str)
def test_the_line_is_for_exactly_the_roles_that_may_ask(cast: Cast, role: Role) -> None:
    """SEN-3: and the database's own list of them is the same."""
    viewer = make_viewer(at=cast.at, roles=[role])
    may_ask = Action.ASK_FOR_BROKERED_CONTACT in ALLOWED[role]
    assert sees_line(viewer, cast.child, cast.at) is may_ask
    with transaction.atomic(), connection.cursor() as cursor:
        number = decode(cast.child) or 0
        event = record_event(kind=EventKind.RECORD_OPENED, actor=viewer.actor, at=cast.at, children=[number])
        question = "SELECT directory_shows_sensitive(%s, %s, %s)"
        if may_ask:
            cursor.execute(question, [event, cast.at, number])
            assert cursor.fetchone() == (True,)
        else:
            with pytest.raises(DatabaseError, match="this door opens"):
                cursor.execute(question, [event, cast.at, number])
        transaction.set_rollback(True)


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_only_those_whose_role_allows_it_ask_or_broker(cast: Cast, role: Role) -> None:
    """SEN-5, ACC-8."""
    case = cast.asked()
    viewer = make_viewer(at=cast.at, roles=[role])
    if Action.ASK_FOR_BROKERED_CONTACT not in ALLOWED[role]:
        with pytest.raises(MayNotAskForContact):
            request_contact(by=viewer, child=cast.child, text="Why.", at=cast.at)
    if Action.BROKER in ALLOWED[role]:
        assert read_case(by=viewer, case=case, at=cast.at).providers[0].name == "Lantern House"
        return
    tries: tuple[Callable[[], object], ...] = (
        lambda: list_cases(by=viewer, at=cast.at),
        lambda: read_case(by=viewer, case=case, at=cast.at),
        lambda: take_case(by=viewer, case=case, seen=None, at=cast.at),
        lambda: close_case(by=viewer, case=case, at=cast.at),
    )
    for attempt in tries:
        with pytest.raises(MayNotBroker):
            attempt()


def test_the_line_goes_when_the_involvement_ends_or_consent_is_withdrawn(cast: Cast) -> None:
    """SEN-3, SEN-7: at once, and says no more than that there is one."""
    assert sees_line(cast.sam, cast.child, cast.at)
    second = record_sensitive_involvement(
        by=make_viewer(at=cast.at, organisation=cast.clinic), child=cast.child,
        role="mental_health_practitioner", started_on=date(2026, 9, 21), basis="significant-harm",
        consent=None, at=cast.at,
    )  # fmt: skip
    withdraw_consent(by=cast.noor, entry=cast.entry, at=cast.at)
    assert sees_line(cast.sam, cast.child, cast.at)
    end_sensitive_involvement(by=cast.noor, entry=second, ended_on=cast.at.date(), at=cast.at)
    assert not sees_line(cast.sam, cast.child, cast.at)


def test_a_withdrawal_takes_question_and_contact_at_once(cast: Cast) -> None:
    """SEN-7: no trace of who it was stays in the case."""
    case, question = cast.asked_of_provider()
    withdraw_consent(by=cast.noor, entry=cast.entry, at=cast.at)
    assert list_questions(by=cast.noor, at=cast.at) == ()
    with pytest.raises(NotOfYours):
        accept(cast.noor, question, cast.at)
    assert cast.state() is State.WAITING
    assert read_case(by=cast.bea, case=case, at=cast.at).providers == ()
    assert ask("SELECT count(*) FROM hidden.contact_question") == [(0,)]
    rows = str(ask("SELECT to_jsonb(r)::text FROM hidden.contact_request r"))
    assert cast.clinic.code not in rows
    close_case(by=cast.bea, case=case, at=cast.at)
    assert cast.state() is State.NONE


def test_a_withdrawal_after_the_contact_was_given_ends_it_at_once(cast: Cast) -> None:
    """SEN-7."""
    case = cast.given()
    withdraw_consent(by=cast.noor, entry=cast.entry, at=cast.at)
    assert cast.state() is State.OVER
    assert read_own_contact(by=cast.sam, request=case, at=cast.at).contacts == ()
    assert ask("SELECT count(*) FROM hidden.contact_given") == [(0,)]
    ((closed_by, broker),) = ask("SELECT closed_by, claimed_by FROM hidden.contact_request")
    assert closed_by == broker


def test_an_involvement_that_ends_ends_the_contact(cast: Cast) -> None:
    """SEN-5."""
    cast.given()
    end_sensitive_involvement(by=cast.noor, entry=cast.entry, ended_on=cast.at.date(), at=cast.at)
    assert cast.state() is State.OVER


def test_a_feed_that_says_the_same_again_disturbs_no_question(cast: Cast) -> None:
    """SEN-5, SUP-3: rows are taken away and written anew within one load."""
    part = SensitivePart("sexual_health", cast.clinic.code, "significant-harm")
    values = replace(AMINA, involvement=None)
    number = decode(cast.child)
    make_child(values, at=cast.at, supplier="camhs", child_id=number, sensitive=part, reference="F1")
    case = cast.asked()
    take_case(by=cast.bea, case=case, seen=None, at=cast.at)
    for each in read_case(by=cast.bea, case=case, at=cast.at).providers:
        ask_provider(by=cast.bea, case=case, organisation=each.organisation, service=each.service, at=cast.at)
    assert len(list_questions(by=cast.noor, at=cast.at)) == 2
    changed = replace(values, given_names="Amina R")
    make_child(changed, at=cast.at, supplier="camhs", child_id=number, sensitive=part, reference="F1")
    first, second = list_questions(by=cast.noor, at=cast.at)
    accept(cast.noor, first.id, cast.at)
    assert cast.state() is State.CONTACT
    assert ask("SELECT outcome FROM hidden.contact_request") == [(None,)], "the other may still answer"
    decline_contact(by=cast.noor, question=second.id, at=cast.at)
    close_case(by=cast.bea, case=case, at=cast.at)
    assert cast.state() is State.CONTACT


def test_a_provider_that_has_left_or_lost_accreditation_cannot_be_asked_and_its_contact_ends(
    cast: Cast,
) -> None:
    """SEN-5, ACC-2."""
    case = cast.asked()
    take_case(by=cast.bea, case=case, seen=None, at=cast.at)
    founder, _ = make_founders(at=cast.at)
    account = Account.objects.get(pk=cast.noor.account_id)
    close_account(account_id=account.pk, by=founder, at=cast.at)
    assert cast.clinic.code == standing(cast, case, Standing.NOBODY_THERE)
    again = make_viewer(at=cast.at, organisation=cast.clinic)
    assert standing(cast, case, Standing.READY, is_asked=True)
    (question,) = list_questions(by=again, at=cast.at)
    accept(again, question.id, cast.at)
    assert cast.state() is State.CONTACT
    suspend_organisation(organisation_id=cast.clinic.pk, by=founder, at=cast.at)
    assert cast.state() is State.OVER
    part = SensitivePart("sexual_health", "UNKNOWN-7", "significant-harm")
    values = replace(AMINA, involvement=None)
    make_child(values, at=cast.at, supplier="camhs", child_id=decode(cast.child), sensitive=part)
    second = make_viewer(at=cast.at, name="Priya Shah")
    case = request_contact(by=second, child=cast.child, text="Why.", at=cast.at)
    take_case(by=cast.bea, case=case, seen=None, at=cast.at)
    found = read_case(by=cast.bea, case=case, at=cast.at).providers
    assert {each.standing for each in found} == {Standing.NOT_ACCREDITED, Standing.NOT_REGISTERED}
    for each in found:
        with pytest.raises(CannotBeAsked):
            ask_provider(
                by=cast.bea, case=case, organisation=each.organisation, service=each.service, at=cast.at
            )


def standing(cast: Cast, case: int, wanted: Standing, *, is_asked: bool = False) -> str:
    (provider,) = read_case(by=cast.bea, case=case, at=cast.at).providers
    assert provider.standing is wanted
    given = {"organisation": provider.organisation, "service": provider.service}
    if is_asked:
        ask_provider(by=cast.bea, case=case, at=cast.at, **given)
    else:
        with pytest.raises(CannotBeAsked):
            ask_provider(by=cast.bea, case=case, at=cast.at, **given)
    return provider.organisation


def test_of_a_shielded_child_nothing_is_asked_brokered_or_shown(cast: Cast) -> None:
    """SHI-2: where a service is tells where the child is; the answer is the same with a service and without."""
    case = cast.given()
    officer = make_viewer(at=cast.at, roles=[Role.SHIELDING_OFFICER])
    review = cast.at.date() + timedelta(days=90)
    other = make_child(replace(AMINA, nhs="", upn=""), at=cast.at)
    for child in (cast.child, other):
        officers.apply_shield(by=officer, child=child, ground="refuge", review_on=review, at=cast.at)
    said = set()
    for child in (cast.child, other):
        assert not sees_line(cast.sam, child, cast.at)
        with pytest.raises(Shielded) as refusal:
            request_contact(by=cast.sam, child=child, text="Why.", at=cast.at)
        said.add(str(refusal.value))
    assert len(said) == 1
    assert cast.state() is State.SHIELDED
    assert read_own_contact(by=cast.sam, request=case, at=cast.at).contacts == ()
    assert list_cases(by=cast.bea, at=cast.at).waiting == ()


def test_a_case_stands_still_while_its_child_is_shielded(cast: Cast) -> None:
    """SHI-2, SEN-5."""
    case, question = cast.asked_of_provider()
    make_child(AMINA, at=cast.at, supplier="nhs_demographics", child_id=decode(cast.child), restricted=True)
    assert cast.state() is State.SHIELDED
    assert list_questions(by=cast.noor, at=cast.at) == ()
    for attempt in (
        lambda: read_case(by=cast.bea, case=case, at=cast.at),
        lambda: close_case(by=cast.bea, case=case, at=cast.at),
        lambda: accept(cast.noor, question, cast.at),
    ):
        with pytest.raises(NotOfYours):
            attempt()


def test_a_request_follows_a_joined_record_and_is_given_back(cast: Cast) -> None:
    """REC-4: what was asked about one number is asked about the record that it leads to."""
    at = cast.at
    dana = make_manager(at=at, authority="330")
    survivor = make_child(AMINAH, at=at)
    case = cast.given()
    twice = request_contact(by=cast.sam, child=survivor, text="Why.", at=at)
    change = join(dana, survivor, cast.child, at)
    first, second = list_own_requests(by=cast.sam, at=at).contacts
    assert {first.child.number, second.child.number} == {survivor}
    assert {first.state, second.state} == {State.WAITING, State.CONTACT}
    assert read_own_contact(by=cast.sam, request=case, at=at).contacts[0].ask_for == "Duty desk"
    assert read_case(by=cast.bea, case=twice, at=at).providers[0].name == "Lantern House"
    undo(dana, change, at)
    shown = {
        each.id: (each.child.number, each.state) for each in list_own_requests(by=cast.sam, at=at).contacts
    }
    assert shown == {case: (cast.child, State.CONTACT), twice: (survivor, State.WAITING)}
    assert read_case(by=cast.bea, case=twice, at=at).providers == ()


def test_of_two_open_requests_of_one_person_the_joined_record_has_one(cast: Cast) -> None:
    """REC-4."""
    at = cast.at
    dana = make_manager(at=at, authority="330")
    survivor = make_child(AMINAH, at=at)
    asked = request_contact(by=cast.sam, child=survivor, text="Why.", at=at)
    also = cast.asked()
    change = join(dana, survivor, cast.child, at)
    assert [each.id for each in list_own_requests(by=cast.sam, at=at).contacts] == [asked]
    assert [each.id for each in list_cases(by=cast.bea, at=at).waiting] == [asked]
    undo(dana, change, at)
    assert {each.id for each in list_cases(by=cast.bea, at=at).waiting} == {asked, also}


def test_a_join_that_shields_ends_what_was_given(cast: Cast) -> None:
    """SHI-5, SEN-5."""
    at = cast.at
    dana = make_manager(at=at, authority="330")
    cast.given()
    hidden = make_child(AMINAH, at=at)
    officer = make_viewer(at=at, roles=[Role.SHIELDING_OFFICER])
    review = at.date() + timedelta(days=90)
    officers.apply_shield(by=officer, child=hidden, ground="refuge", review_on=review, at=at)
    from contactpoint.casework.review import changing
    from tests.rules.test_joining import last_change, work

    changing.propose_join(by=dana, survivor=hidden, other=cast.child, reason="checked", at=at)
    changing.answer_change(by=officer, change=last_change(), agrees=True, at=at)
    work(at)
    assert cast.state() is State.SHIELDED


def test_a_case_goes_with_its_record_into_the_archive_and_comes_back(now: datetime) -> None:
    """RET-1, RET-4: and is destroyed with it."""
    cast = make_cast(now, replace(AMINA, birth_date="2008-10-20"))
    case = cast.given()
    grown = datetime(2026, 10, 20, 2, tzinfo=now.tzinfo)
    later = now + timedelta(minutes=1)
    assert run_clock(by=WORKER, at=grown).archived == 1
    assert list_own_requests(by=cast.sam, at=later).contacts == ()
    for table in ("contact_request", "contact_question", "contact_given"):
        assert ask(f"SELECT count(*) FROM hidden.{table}") == [(0,)], table
    return_to_live(child=decode(cast.child) or 0, by=WORKER, at=later)
    assert cast.state(later) is State.CONTACT
    assert read_own_contact(by=cast.sam, request=case, at=later).contacts
    run_clock(by=WORKER, at=grown)
    assert run_clock(by=WORKER, at=grown.replace(year=2032)).destroyed == 1
    assert ask("SELECT count(*) FROM hidden.contact_request") == [(0,)]


def test_nobody_brokers_their_own_request(now: datetime) -> None:
    """SEN-5, ACC-8."""
    cast = make_cast(now)
    both = make_viewer(at=now, roles=[Role.PRACTITIONER, Role.BROKER])
    case = request_contact(by=both, child=cast.child, text="Why.", at=now)
    assert list_cases(by=both, at=now).waiting[0].is_own
    with pytest.raises(NotAnOfficer):
        take_case(by=both, case=case, seen=None, at=now)


def test_the_provider_reads_no_more_of_the_child_than_everybody(cast: Cast) -> None:
    """SEN-4, SHI-2."""
    _, question = cast.asked_of_provider()
    shown = read_question(by=cast.noor, question=question, at=cast.at)
    assert "Canal" not in repr(shown)
    assert shown.text == "Three lessons missed."


# What the database itself refuses, whatever the code above it forgets.
GIVEN = "INSERT INTO hidden.contact_given (question_id, child_id, {more} sealed, given_at, until) VALUES ({question}, {child}, {value} '', now(), now() + interval '{time}')"
REFUSED = [
    ("SEN-5 a contact given before any answer", "", "", "14 days"),
    ("SEN-5 a contact given on another answer", "outcome,", "'declined',", "14 days"),
    ("SEN-5 a contact given for ever", "", "", "400 days"),
]


@pytest.mark.parametrize(("case", "more", "value", "time"), REFUSED, ids=[each[0] for each in REFUSED])
def test_the_database_refuses(cast: Cast, case: str, more: str, value: str, time: str) -> None:
    _, question = cast.asked_of_provider()
    if "declined" in value:
        decline_contact(by=cast.noor, question=question, at=cast.at)
    child = decode(cast.child)
    statement = GIVEN.format(more=more, value=value, question=question, child=child, time=time)
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(using="match"),
        connections["match"].cursor() as cursor,
    ):
        cursor.execute(statement)
    assert ask("SELECT count(*) FROM hidden.contact_given") == [(0,)], case


def test_the_doors_of_the_database_open_for_nothing_but_an_event_of_the_transaction(cast: Cast) -> None:
    """AUD-2, SEN-4: neither without one, nor for an older one."""
    case = cast.asked()
    calls = (
        "casework_read_contact_case({event}, now(), {case})",
        "casework_list_contact_cases({event}, now(), 5)",
        "casework_read_own_contact({event}, now(), {case})",
        "casework_take_contact_case({event}, now(), {case}, NULL)",
        "casework_read_questions({event}, now(), NULL, 5)",
    )
    ((event,),) = ask("SELECT max(id) FROM audit_event")
    for call in calls:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT " + call.format(event=event, case=case))
