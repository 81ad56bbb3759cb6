"""The whole run's steps are commands that exist, each with the options that it is given."""

import pytest

from contactpoint.jobs.bench.whole_run import PLANS, SEED_STAGES, Step, list_steps, plan_for
from contactpoint.jobs.commands.bench import command


@pytest.mark.parametrize("name", PLANS)
def test_every_step_is_a_command_with_its_options(name: str) -> None:
    for step in list_steps(PLANS[name]):
        options = {option for one in command.commands[step.stage].params for option in one.opts}  # type: ignore[attr-defined]
        wanted = {"--out", step.option} - {""}
        wanted |= set() if step.stage in SEED_STAGES else {"--seed"}
        wanted |= {"--organisations"} if step.stage == "people" else set()
        assert wanted <= options, step


def test_no_two_steps_keep_their_result_under_one_name() -> None:
    for plan in PLANS.values():
        names = [(step.stage, step.size) for step in list_steps(plan)]
        assert len(names) == len(set(names))


def test_other_sizes_change_only_the_children() -> None:
    steps = list_steps(plan_for([123]))
    assert Step("search", 123, "123") in steps
    assert {step.stage for step in steps} == {step.stage for step in list_steps(PLANS["small"])}
