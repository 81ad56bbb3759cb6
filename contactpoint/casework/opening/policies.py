"""Which step comes next, what each still lacks, and who may sign it. Pure: no database, no clock (SHI-10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from contactpoint.access.records import Decision
from contactpoint.access.roles import Role


class Step(StrEnum):
    """In their order. Values are stored: add, never rename."""

    TEAM = "team"
    CHILDREN = "children"
    SHIELDING = "shielding"
    PRACTITIONERS = "practitioners"
    OPEN = "open"


STEPS = tuple(Step)
# How many cleared people of each role a team needs: two where one proposes and another signs or approves.
TEAM = (
    (Role.ACCOUNT_MANAGER, 2),
    (Role.SHIELDING_OFFICER, 2),
    (Role.DATA_MANAGER, 1),
    (Role.BROKER, 1),
    (Role.INVESTIGATOR, 1),
    (Role.AUDITOR, 1),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is there, counted now. `cleared` counts people whose clearance is in date, training included."""

    cleared: dict[Role, int]
    children: int
    unfinished_loads: int
    is_shielding_queue_empty: bool
    practitioners: int
    trained: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Settings of the operator."""

    window: timedelta
    trained_percent: int


@dataclass(frozen=True, slots=True)
class Signed:
    """A step that was signed, in the order of signing."""

    step: Step
    is_reversal: bool
    at: datetime


def find_done(signed: Iterable[Signed]) -> dict[Step, datetime]:
    """The steps that stand, and since when. Taking one back takes back those after it."""
    done: dict[Step, datetime] = {}
    for each in signed:
        if each.is_reversal:
            first = STEPS.index(each.step)
            done = {step: at for step, at in done.items() if STEPS.index(step) < first}
        else:
            done[each.step] = each.at
    return done


def find_next(done: Iterable[Step]) -> Step | None:
    """The step to take now; None where all are."""
    return next((step for step in STEPS if step not in set(done)), None)


def find_missing(
    *, step: Step, facts: Facts, done: dict[Step, datetime], limits: Limits, at: datetime
) -> tuple[str, ...]:
    """Everything that this step still lacks, in words; the steps before it must stand as well."""
    before = STEPS[: STEPS.index(step)]
    unsigned = [each for each in before if each not in done]
    missing = [f"“{TITLES[unsigned[0]]}” comes first and is not signed."] if unsigned else []
    if step is Step.OPEN:  # what was true when it was signed must be true when the children are shown
        for each in before:
            missing += _find_own(each, facts, done, limits, at)
        return tuple(missing)
    return (*missing, *_find_own(step, facts, done, limits, at))


TITLES = {
    Step.TEAM: "Team in place and trained",
    Step.CHILDREN: "Children loaded, seen by nobody else",
    Step.SHIELDING: "Shielding window closed",
    Step.PRACTITIONERS: "Practitioners trained",
    Step.OPEN: "Open",
}


def _find_own(
    step: Step, facts: Facts, done: dict[Step, datetime], limits: Limits, at: datetime
) -> tuple[str, ...]:
    if step is Step.TEAM:
        return _missing_in_team(facts)
    if step is Step.CHILDREN:
        return _missing_children(facts)
    if step is Step.SHIELDING:
        return _missing_in_window(facts, done.get(Step.CHILDREN), limits, at)
    return _missing_practitioners(facts, limits)


def _missing_in_team(facts: Facts) -> tuple[str, ...]:
    return tuple(
        f"{role.value.replace('-', ' ').capitalize()}: {facts.cleared.get(role, 0)} cleared, {needed} needed."
        for role, needed in TEAM
        if facts.cleared.get(role, 0) < needed
    )


def _missing_children(facts: Facts) -> tuple[str, ...]:
    missing: tuple[str, ...] = () if facts.children else ("No child of this authority is loaded.",)
    if facts.unfinished_loads:
        missing += (f"Loads of its suppliers not finished: {facts.unfinished_loads}.",)
    return missing


def _missing_in_window(facts: Facts, since: datetime | None, limits: Limits, at: datetime) -> tuple[str, ...]:
    missing: tuple[str, ...] = ()
    if since is not None and at < since + limits.window:
        ends = since + limits.window
        missing += (
            f"The window lasts {limits.window.days} days: until {ends.day} {ends:%B %Y} at {ends:%H:%M} UTC.",
        )
    if not facts.is_shielding_queue_empty:
        missing += ("Something still waits in the shielding queue.",)
    return missing


def _missing_practitioners(facts: Facts, limits: Limits) -> tuple[str, ...]:
    if not facts.practitioners:
        return ("No practitioner has an account.",)
    needed = ceil(facts.practitioners * limits.trained_percent / 100)
    if facts.trained >= needed:
        return ()
    return (
        f"Practitioners with training in date: {facts.trained} of {facts.practitioners}; {needed} needed.",
    )


def judge_signing(*, proposed_by: int, signed_by: int) -> Decision:
    """Two people for each step, forward or back."""
    if proposed_by == signed_by:
        return Decision(False, ("You proposed this step: somebody else has to sign it.",), ("second-person",))
    return Decision(True)
