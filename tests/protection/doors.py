"""The doors that the machine goes through: a new page, command or action is one more function here.

Each says what is drawn for it, does one thing in one world, and gives all that can be observed of it.
The machine does the same in both worlds and compares.
Pages that can be read need no line: `walk` goes to every address of the service, with a token of the session or a
small number where one stands in it (`walking.py` says which it leaves out, and why).
What changes something does: an export, a move or a subject access report each want a function here or in
`doors_changing.py` and, where they can leak in a way of their own, a leak in `leaks.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from hypothesis import strategies as st

from contactpoint.audit.queries import find_events_of_account
from contactpoint.casework import asking as shielding
from contactpoint.casework.brokering import cases as brokering
from contactpoint.casework.brokering import requesting as brokered
from contactpoint.casework.review import actions as reviewing
from contactpoint.casework.review import changing
from contactpoint.casework.review import queries as reviews
from contactpoint.casework.review import values as origins
from contactpoint.casework.review.records import Answer
from contactpoint.codes.child_number import ChildNumber
from contactpoint.directory import actions
from contactpoint.directory.queries import list_own_involvements, open_record, search_children
from contactpoint.directory.records import Purpose, SearchQuery
from contactpoint.intake.queries import list_own_entries
from tests.protection import feeding, walking
from tests.protection.asking import numbers, open_numbers, people, queries, typed_form, variants
from tests.protection.observing import as_declared, observe_call, observe_page, observe_record
from tests.protection.population import Person
from tests.protection.worlds import World

suppliers = st.sampled_from(["school_census", "local_services", "child_benefit"])
whoever = st.integers(0, 4)
DANA, BEA = 4, 5  # the data manager of the open children's authority; its broker, who may see more
worker = st.integers(0, 2)  # those who may record an involvement
four_variants = st.tuples(*[st.integers(0, 3)] * 4)
near_rows = st.builds(
    feeding.Sent,
    person=people,
    hidden=variants,
    family_is_former=st.booleans(),
    has_number=st.booleans(),
    has_address=st.booleans(),
    has_day=st.booleans(),
)
plain_rows = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 3), st.booleans()),
    min_size=1,
    max_size=3,
    unique_by=lambda row: row[0],
)
Act = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Door:
    """`needs_token`: only once somebody has found a child."""

    name: str
    act: Act
    drawn: dict[str, st.SearchStrategy[Any]]
    needs_token: bool


DOORS: list[Door] = []


def door(*, needs_token: bool = False, **drawn: st.SearchStrategy[Any]) -> Callable[[Act], Act]:
    def add(act: Act) -> Act:
        DOORS.append(Door(act.__name__, act, drawn, needs_token))
        return act

    return add


def find_record(world: World, who: int, person: Person) -> str:
    """The address of that child's record, found as everybody finds it; of the first where there are several."""
    year, month, day = [*person.born.split("-"), ""][:3]
    born = {"birth_date-year": year, "birth_date-month": month, "birth_date-day": day}
    typed = {"given_name": person.given, "family_name": person.family, **born}
    world.clients[who].post("/", typed)
    world.tokens[who] = walking.find_tokens(world.clients[who].get("/results/"))
    return f"/record/{world.token(who, 0)}/"


# Looking


@door(who=whoever, query=queries())
def search(world: World, who: int, query: SearchQuery) -> Any:
    return observe_call(lambda: search_children(viewer=world.viewers[who], query=query, at=world.at))


@door(who=whoever, query=queries())
def search_by_page(world: World, who: int, query: SearchQuery) -> Any:
    first = world.clients[who].post("/", typed_form(query))
    then = world.clients[who].get("/results/")
    world.tokens[who] = walking.find_tokens(then)
    return observe_page(first), observe_page(then)


@door(who=whoever, person=people)
def open_by_page(world: World, who: int, person: Person) -> Any:
    address = find_record(world, who, person)
    reason = {"purpose": "coordinating", "reference": "CASE-7"}
    first = observe_page(world.clients[who].post(address + "reason/", reason))
    line = world.has_line(who, world.child(who, 0))
    return first, observe_record(world.clients[who].get(address), has_line=line)


@door(who=whoever, which=st.integers(0, 9), address=st.sampled_from(walking.ADDRESSES))
def walk(world: World, who: int, which: int, address: str) -> Any:
    """Any page of the service, by anybody, with or without having come there properly."""
    page = world.clients[who].get(walking.fill(address, token=world.token(who, which), number=which))
    if address == walking.RECORD:
        return observe_record(page, has_line=world.has_line(who, world.child(who, which)))
    return observe_page(page)


@door(who=whoever, child=numbers)
def open_by_number(world: World, who: int, child: ChildNumber) -> Any:
    outcome, record = observe_call(
        lambda: open_record(
            viewer=world.viewers[who], child=child, purpose=Purpose.ASSESSMENT, reference="", at=world.at
        )
    )
    if outcome != "gave":
        return outcome, record
    line = as_declared(record.sensitive_involved, world.has_line(who, child))
    return outcome, replace(record, sensitive_involved=False), line


@door(who=whoever)
def list_own(world: World, who: int) -> Any:
    viewer, at = world.viewers[who], world.at
    own = observe_call(lambda: list_own_involvements(viewer=viewer, at=at))
    entries = observe_call(lambda: list_own_entries(viewer=viewer, at=at))
    world.entries = [entry.id for entry in own[1]] if own[0] == "gave" else []
    return own, entries, observe_page(world.clients[who].get("/my-involvements/"))


@door(who=whoever)
def read_own_log(world: World, who: int) -> Any:
    account = world.viewers[who].account_id
    events = find_events_of_account(account_id=account, since=world.began_at, typed=True)
    return [(event.kind, event.refused, event.children, event.facts, event.typed) for event in events]


# Writing on records


@door(who=worker, person=people)
def record_by_page(world: World, who: int, person: Person) -> Any:
    form = {
        "service": "school_nursing", "role": "school_nurse", "started_on-day": "1", "started_on-month": "9",
        "started_on-year": "2026", "team_telephone": "0113 496 0000", "team_email": "",
    }  # fmt: skip
    return observe_page(world.clients[who].post(f"{find_record(world, who, person)}involvement/", form))


@door(who=worker, child=numbers, service=st.sampled_from(["school_nursing", "gp", "camhs"]))
def record_involvement(world: World, who: int, child: ChildNumber, service: str) -> Any:
    return observe_call(
        lambda: actions.record_involvement(
            by=world.viewers[who],
            child=child,
            service=service,
            role="school_nurse",
            at=world.at,
            started_on=date(2026, 9, 1),
            team_telephone="0113 496 0000",
            team_email="",
        )
    )


@door(who=worker, which=st.integers(0, 12), what=st.sampled_from(["lead", "stop", "end", "confirm", "back"]))
def change_own(world: World, who: int, which: int, what: str) -> Any:
    viewer, at = world.viewers[who], world.at
    entry = (world.entries + list(range(1, 14)))[which]
    change: dict[str, Callable[[], Any]] = {
        "lead": lambda: actions.become_lead(by=viewer, involvement=entry, at=at),
        "stop": lambda: actions.stop_being_lead(by=viewer, involvement=entry, at=at),
        "end": lambda: actions.end_involvement(by=viewer, involvement=entry, ended_on=at.date(), at=at),
        "confirm": lambda: actions.confirm_involvement(by=viewer, involvement=entry, at=at),
        "back": lambda: actions.take_back_involvement(by=viewer, involvement=entry, at=at),
    }
    return observe_call(change[what])


@door(who=worker, child=numbers)
def record_assessment(world: World, who: int, child: ChildNumber) -> Any:
    return observe_call(
        lambda: actions.record_assessment(
            by=world.viewers[who], child=child, kind="early_help", opened_on=date(2026, 9, 1), at=world.at
        )
    )


@door(who=worker, which=st.integers(1, 12), back=st.booleans())
def change_assessment(world: World, who: int, which: int, back: bool) -> Any:
    viewer, at = world.viewers[who], world.at
    if back:
        return observe_call(lambda: actions.take_back_assessment(by=viewer, assessment=which, at=at))
    return observe_call(
        lambda: actions.close_assessment(by=viewer, assessment=which, closed_on=at.date(), at=at)
    )


@door(who=whoever, sent=near_rows)
def add_child(world: World, who: int, sent: feeding.Sent) -> Any:
    return feeding.add_child(world, who, sent)


@door(who=whoever, child=open_numbers, urgent=st.booleans())
def request_shield(world: World, who: int, child: ChildNumber, urgent: bool) -> Any:
    """Nobody learns from the answer whose decision it is, or who asked before."""
    return observe_call(
        lambda: shielding.request_shield(
            by=world.viewers[who],
            child=child,
            ground="refuge",
            text="They moved.",
            urgent=urgent,
            at=world.at,
        )
    )


@door(who=whoever, child=numbers)
def pass_message(world: World, who: int, child: ChildNumber) -> Any:
    return observe_call(
        lambda: shielding.pass_message(
            by=world.viewers[who], child=child, text="Please ring.", reply_to="0113 496 0000", at=world.at
        )
    )


# Brokered contact: asking is received whether or not there is anything, and no answer tells


@door(who=whoever, child=numbers)
def ask_contact(world: World, who: int, child: ChildNumber) -> Any:
    return observe_call(
        lambda: brokered.request_contact(by=world.viewers[who], child=child, text="Why.", at=world.at)
    )


@door(who=whoever, person=people, text=st.sampled_from(["Why.", "Why.", ""]))
def ask_contact_by_page(world: World, who: int, person: Person, text: str) -> Any:
    address = f"{find_record(world, who, person)}ask-contact/"
    return observe_page(world.clients[who].post(address, {"text": text}))


@door(who=whoever)
def follow_requests(world: World, who: int) -> Any:
    viewer, at = world.viewers[who], world.at
    own = observe_call(lambda: brokered.list_own_requests(by=viewer, at=at))
    each = own[1].contacts if own[0] == "gave" else ()
    return own, [
        observe_call(lambda request=one.id: brokered.read_own_contact(by=viewer, request=request, at=at))
        for one in each
    ]


@door()
def close_contact_case(world: World) -> Any:
    """The broker, who sees what there is, closes the oldest case: who asked may not see why."""
    bea, at = world.viewers[BEA], world.at
    waiting = [each for each in brokering.list_cases(by=bea, at=at).waiting if not each.is_own]
    if waiting:
        brokering.take_case(by=bea, case=waiting[0].id, seen=waiting[0].claimed_by, at=at)
        brokering.close_case(by=bea, case=waiting[0].id, at=at)
    return len(waiting)


# Supplying


@door(chosen=st.tuples(four_variants, four_variants))
def supply_hidden(world: World, chosen: tuple[tuple[int, ...], tuple[int, ...]]) -> Any:
    return feeding.supply_hidden(world, chosen)


@door(chosen=st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 1))] * 2))
def supply_sensitive(world: World, chosen: tuple[tuple[int, int], tuple[int, int]]) -> Any:
    return feeding.supply_sensitive(world, chosen)


@door(rows=plain_rows, supplier=suppliers)
def supply_plain(world: World, rows: list[tuple[int, int, bool]], supplier: str) -> Any:
    return feeding.supply_plain(world, rows, supplier)


@door(sent=st.lists(near_rows, min_size=1, max_size=3), supplier=suppliers)
def supply_near(world: World, sent: list[feeding.Sent], supplier: str) -> Any:
    return feeding.supply_near(world, sent, supplier)


# A data manager's own


def _reviewed(world: World, answer: str) -> Any:
    """The question that waits longest, without its number, and what the data manager makes of it."""
    dana, at = world.viewers[DANA], world.at
    row = reviews.find_next_review(by=dana, at=at)
    if row is None:
        return None
    review = reviews.read_review(by=dana, review=row, at=at)
    if review.comparison is None or answer == "leave":
        reviewing.leave_review(by=dana, review=row, at=at)
    else:
        child = review.comparison.number
        reviewing.decide_match(by=dana, review=row, child=child, answer=Answer(answer), at=at)
    return replace(review, id=0)


@door(answer=st.sampled_from(["same", "different", "leave"]))
def review_match(world: World, answer: str) -> Any:
    return observe_call(lambda: _reviewed(world, answer))


@door(who=whoever)
def count_matches(world: World, who: int) -> Any:
    return observe_call(lambda: reviews.count_reviews(by=world.viewers[who], at=world.at))


@door(who=whoever, child=numbers)
def read_history(world: World, who: int, child: ChildNumber) -> Any:
    return observe_call(lambda: origins.read_history(by=world.viewers[who], child=child, at=world.at))


@door(who=whoever, child=numbers)
def list_values(world: World, who: int, child: ChildNumber) -> Any:
    def listed() -> Any:
        said = origins.list_said(by=world.viewers[who], child=child, at=world.at)
        return [replace(each, row=0) for each in said]

    return observe_call(listed)


@door(who=whoever, first=numbers, second=numbers)
def compare_two(world: World, who: int, first: ChildNumber, second: ChildNumber) -> Any:
    return observe_call(
        lambda: changing.read_two(by=world.viewers[who], first=first, second=second, at=world.at)
    )


@door(who=whoever, first=numbers, second=numbers)
def propose_join(world: World, who: int, first: ChildNumber, second: ChildNumber) -> Any:
    return observe_call(
        lambda: changing.propose_join(
            by=world.viewers[who], survivor=first, other=second, reason="checked", at=world.at
        )
    )
