"""The whole run's steps are commands that exist, each with the options that it is given."""

import json
import subprocess
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from contactpoint.jobs.bench import whole_run
from contactpoint.jobs.bench.whole_run import (
    PLANS,
    SEED_STAGES,
    Step,
    list_steps,
    plan_for,
    run_everything,
)
from contactpoint.jobs.commands.bench import command


@pytest.mark.parametrize("name", PLANS)
def test_every_step_is_a_command_with_its_options(name: str) -> None:
    for step in list_steps(PLANS[name]):
        options = {option for one in command.commands[step.stage].params for option in one.opts}  # type: ignore[attr-defined]
        wanted = {"--out", step.option} - {""}
        wanted |= set() if step.stage in SEED_STAGES else {"--seed"}
        wanted |= {"--organisations"} if step.stage == "people" else set()
        wanted |= {one for one in PLANS[name].options.get(step.stage, ()) if one.startswith("--")}
        assert wanted <= options, step


def test_no_two_steps_keep_their_result_under_one_name() -> None:
    for plan in PLANS.values():
        names = [(step.stage, step.size) for step in list_steps(plan)]
        assert len(names) == len(set(names))


def test_other_sizes_change_only_the_children() -> None:
    steps = list_steps(plan_for([123]))
    assert Step("search", 123, "123") in steps
    assert {step.stage for step in steps} == {step.stage for step in list_steps(PLANS["small"])}


def test_a_killed_run_goes_on_at_the_stage_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was done is kept at once and done once; the stage that was killed is run from its beginning."""
    run: list[str] = []
    killed_in = ["message"]

    real = subprocess.run  # which asks git for the revision

    def measure(command: list[str], **given: Any) -> CompletedProcess[str]:
        if command[0] == "git":
            return real(command, **given)
        stage = command[2]
        run.append(stage)
        if stage in killed_in:
            raise KeyboardInterrupt
        Path(command[command.index("--out") + 1]).write_text("{}")
        return CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", measure)
    monkeypatch.setattr(whole_run, "write_report", lambda **_: None)
    monkeypatch.setattr(whole_run, "draw_plots", lambda **_: [])
    docs, environment = tmp_path / "docs", {"CONTACTPOINT_DATA": str(tmp_path / "data")}

    def everything() -> None:
        run_everything(plan=plan_for([123]), seed=1, again=False, docs=docs, environment=environment)

    with pytest.raises(KeyboardInterrupt):
        everything()
    before = list(run)
    killed_in.clear()
    everything()
    stages = [step.stage for step in list_steps(plan_for([123]))]
    assert before == stages[: stages.index("message") + 1]
    assert run[len(before) :] == stages[stages.index("message") :]
    assert all(len(json.loads((docs / f"{stage}.json").read_text())) == 1 for stage in stages)
