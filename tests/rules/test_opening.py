"""SHI-10: what each step of an authority's opening lacks, which comes next, and who signs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contactpoint.access.roles import Role
from contactpoint.casework.opening.policies import (
    STEPS,
    TEAM,
    Facts,
    Limits,
    Signed,
    Step,
    find_done,
    find_missing,
    find_next,
    judge_signing,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LIMITS = Limits(window=timedelta(days=28), trained_percent=90)
ALL = Facts(cleared=dict(TEAM), children=500, unfinished_loads=0, is_shielding_queue_empty=True, practitioners=10, trained=9)  # fmt: skip
LONG_AGO = AT - timedelta(days=28)
ONE_OFFICER = {**dict(TEAM), Role.SHIELDING_OFFICER: 1}

LACKING = [
    ("team: everybody is there", Step.TEAM, ALL, LONG_AGO, 0),
    ("team: one shielding officer only, or one whose training lapsed", Step.TEAM, replace(ALL, cleared=ONE_OFFICER), LONG_AGO, 1),
    ("team: nobody yet", Step.TEAM, replace(ALL, cleared={}), LONG_AGO, len(TEAM)),
    ("children: none loaded", Step.CHILDREN, replace(ALL, children=0), LONG_AGO, 1),
    ("children: a load waits at the gate", Step.CHILDREN, replace(ALL, unfinished_loads=1), LONG_AGO, 1),
    ("children: loaded", Step.CHILDREN, ALL, LONG_AGO, 0),
    ("shielding: the window has lasted to the minute", Step.SHIELDING, ALL, LONG_AGO, 0),
    ("shielding: a minute is left of the window", Step.SHIELDING, ALL, LONG_AGO + timedelta(minutes=1), 1),
    ("shielding: something waits for the officers", Step.SHIELDING, replace(ALL, is_shielding_queue_empty=False), LONG_AGO, 1),
    ("practitioners: nobody has an account", Step.PRACTITIONERS, replace(ALL, practitioners=0, trained=0), LONG_AGO, 1),
    ("practitioners: nine of ten trained", Step.PRACTITIONERS, ALL, LONG_AGO, 0),
    ("practitioners: eight of ten trained", Step.PRACTITIONERS, replace(ALL, trained=8), LONG_AGO, 1),
    ("open: all stands", Step.OPEN, ALL, LONG_AGO, 0),
    ("open: a shield was requested after the window was signed", Step.OPEN, replace(ALL, is_shielding_queue_empty=False), LONG_AGO, 1),
    ("open: the team lost an officer since", Step.OPEN, replace(ALL, cleared=ONE_OFFICER), LONG_AGO, 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "step", "facts", "since", "count"), LACKING, ids=[case for case, *_ in LACKING]
)
def test_what_a_step_lacks(case: str, step: Step, facts: Facts, since: datetime, count: int) -> None:
    """SHI-10."""
    done = dict.fromkeys(STEPS[: STEPS.index(step)], since)
    missing = find_missing(step=step, facts=facts, done=done, limits=LIMITS, at=AT)
    assert len(missing) == count, (case, missing)


@pytest.mark.parametrize("step", STEPS[1:], ids=str)
def test_no_step_before_those_before_it(step: Step) -> None:
    """SHI-10."""
    done = {each: LONG_AGO for each in STEPS if each not in (step, STEPS[STEPS.index(step) - 1])}
    assert find_missing(step=step, facts=ALL, done=done, limits=LIMITS, at=AT)


TAKEN_BACK = [
    ("nothing signed", [], Step.TEAM),
    ("two steps", ["team", "children"], Step.SHIELDING),
    ("all", [step.value for step in STEPS], None),
    ("the last taken back", [*[step.value for step in STEPS], "-open"], Step.OPEN),
    ("an early one taken back takes the later ones with it", [*[step.value for step in STEPS], "-children"], Step.CHILDREN),
    ("taken back and reached again", ["team", "children", "-children", "children"], Step.SHIELDING),
]  # fmt: skip


@pytest.mark.parametrize(("case", "signed", "expected"), TAKEN_BACK, ids=[case for case, *_ in TAKEN_BACK])
def test_which_step_comes_next(case: str, signed: list[str], expected: Step | None) -> None:
    """SHI-10."""
    rows = [Signed(Step(each.lstrip("-")), each.startswith("-"), AT) for each in signed]
    assert find_next(find_done(rows)) is expected, case


def test_a_step_takes_two_people() -> None:
    """SHI-10, ACC-8."""
    assert not judge_signing(proposed_by=1, signed_by=1).allowed
    assert judge_signing(proposed_by=1, signed_by=2).allowed
