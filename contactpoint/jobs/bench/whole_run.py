"""The whole run: every stage in a process of its own, checkpointed: a stopped run goes on from there."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from contactpoint.jobs.bench.machine import busy, describe_machine
from contactpoint.jobs.bench.place import Place, find_root, get_place
from contactpoint.jobs.bench.plots import draw_plots
from contactpoint.jobs.bench.report import append_run, write_report
from contactpoint.jobs.bench.state import Result, run_stage

MILLIONS = 5_000_000
_PEERS = ("--peer-questions", "100")  # a trigram search takes seconds there
IN_FILLED = ("fill", "search", "message", "delta", "feed", "http")  # one after another in one database
SEED_STAGES = frozenset({"log", "people"})  # that know no seed, or no children


@dataclass(frozen=True, slots=True)
class Step:
    """One measurement: `size` of what the stage counts, children unless `option` says otherwise."""

    stage: str
    size: int
    place: str
    option: str = "--children"

    @property
    def title(self) -> str:
        counted = {"--accounts": "accounts", "--events": "events", "": ""}.get(self.option, "children")
        return f"{self.stage}, {self.size:,} {counted}" if counted else self.stage


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured at which sizes; `protection` and `clock` have databases of their own."""

    children: tuple[int, ...]
    loaded: tuple[int, ...]
    protection: int
    clock: tuple[int, ...]
    accounts: int
    organisations: int
    events: tuple[int, ...]
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of a stage, where minutes count


SMALL = Plan(
    children=(50_000,),
    loaded=(20_000,),
    protection=50_000,  # fewer shielded children have too few former names between them
    clock=(20_000,),
    accounts=5_000,
    organisations=300,
    events=(200_000,),
    options={
        "log": ("--seconds", "1", "--rounds", "3"),
        "people": ("--events", "100000", "--times", "5", "--nights", "2"),
        "http": ("--seconds", "10"),
        "timing": ("--tries", "1000"),
        "message": ("--messages", "100"),
    },
)
NATIONAL = Plan(
    children=(100_000, 1_000_000, 5_000_000, 11_000_000),
    loaded=(100_000, 1_000_000, 5_000_000, 11_000_000),
    protection=1_000_000,
    clock=(100_000, 1_000_000, 11_000_000),
    accounts=330_000,
    organisations=20_000,
    events=(1_000_000, 10_000_000, 100_000_000),
)
PLANS = {"small": SMALL, "national": NATIONAL}


def plan_for(sizes: Sequence[int]) -> Plan:
    """The small plan at these numbers of children instead of its own."""
    return replace(SMALL, children=tuple(sizes))


def list_steps(plan: Plan) -> list[Step]:
    """In the order in which they are run: what takes minutes before what takes hours."""
    steps = [Step("log", 0, "log", "")]
    steps += [Step("people", plan.accounts, f"people-{plan.accounts}", "--accounts")]
    steps += [Step("seen", size, f"seen-{size}", "--events") for size in plan.events]
    for size in plan.children:
        steps += [
            Step(stage, size, str(size)) for stage in ("fill", "search", "message", "delta", "feed", "http")
        ]
    steps += [Step("timing", plan.protection, f"{plan.protection}-shielded")]
    steps += [Step("shields", min(plan.protection, 20_000), f"{min(plan.protection, 20_000)}-supplied")]
    # Where every child is filled anyway none need be copied, which takes as much disk again.
    filled = set(plan.children)
    steps += [Step("clock", size, str(size) if size in filled else f"clock-{size}") for size in plan.clock]
    return steps + [Step("load", size, f"load-{size}") for size in plan.loaded]


def run_everything(*, plan: Plan, seed: int, again: bool, docs: Path, environment: Mapping[str, str]) -> None:
    """Measure, keep each result as soon as it is there, and write the report. Raises ClickException."""
    docs.mkdir(parents=True, exist_ok=True)
    state = find_root(environment) / "whole.json"
    state.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    steps = list_steps(plan)
    for number, step in enumerate(steps, 1):
        beside = busy()
        said = f"[{number} of {len(steps)}] {step.title}"
        place = get_place(name=step.place, environment=environment)
        place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        result, is_new = run_stage(
            path=state,
            stage=f"{step.stage}-{step.size}",
            settings={"seed": seed},
            work=_work(step, place, plan, seed, environment, said),
            at=lambda: datetime.now(UTC),
            again=again and step.stage != "fill",
        )
        if is_new:
            append_run(
                docs=docs,
                stage=step.stage,
                children=step.size,
                machine={**describe_machine(), "busy": beside},
                result=result,
                at=datetime.now(UTC),
            )
            write_report(docs=docs, plots=draw_plots(docs=docs))
        else:
            click.echo(f"{said}: measured before, kept (--again measures anew)")
    click.echo(f"The report is {docs / 'README.md'}.")


def _work(
    step: Step, place: Place, plan: Plan, seed: int, environment: Mapping[str, str], said: str
) -> Callable[[], Result]:
    """A process of its own, so that each stage begins alike and one that fails takes nothing with it."""

    def work() -> Result:
        click.echo(said)
        out = place.folder.parent / f"{step.place}-{step.stage}.json"  # a load empties its own folder
        command = [str(Path(sys.executable).parent / "contactpoint"), "bench", step.stage, "--out", str(out)]
        command += [step.option, str(step.size)] if step.option else []
        command += [] if step.stage in SEED_STAGES else ["--seed", str(seed)]
        command += ["--organisations", str(plan.organisations)] if step.stage == "people" else []
        command += plan.options.get(step.stage, ())
        command += _PEERS if step.stage == "search" and step.size >= MILLIONS else ()
        command += ["--rows", str(min(100_000, step.size // 20))] if step.stage == "delta" else []
        command += ["--filled"] if step.stage == "clock" and step.place == str(step.size) else []
        done = subprocess.run(command, env=dict(environment), check=False)
        if done.returncode != 0:
            raise click.ClickException(
                f"The stage `{step.title}` failed; what was measured before is kept. "
                "Run the same command again to go on from here."
            )
        result: dict[str, Any] = json.loads(out.read_text())
        out.unlink()
        return result

    return work
