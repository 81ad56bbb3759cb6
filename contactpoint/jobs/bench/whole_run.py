"""The whole run: every stage in a process of its own, checkpointed: a stopped run goes on from there."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from contactpoint.jobs.bench.machine import busy, describe_machine
from contactpoint.jobs.bench.place import Place, get_place
from contactpoint.jobs.bench.plots import draw_plots
from contactpoint.jobs.bench.report import append_run, write_report
from contactpoint.jobs.bench.state import Result, run_stage

STAGES = ("fill", "search", "http")  # of every size, in this order
PROTECTION = ("timing", "shields")  # of the smallest size, each in a database of its own


def run_everything(
    *, sizes: Sequence[int], seed: int, again: bool, docs: Path, environment: Mapping[str, str]
) -> None:
    """Measure, keep each result as soon as it is there, and write the report. Raises ClickException."""
    docs.mkdir(parents=True, exist_ok=True)
    whole = [("log", get_place(name="log", environment=environment), 0)]
    whole += [
        (stage, get_place(name=str(size), environment=environment), size)
        for size in sizes
        for stage in STAGES
    ]
    smallest = min(sizes)
    whole += [
        (stage, get_place(name=str(smallest), environment=environment), smallest) for stage in PROTECTION
    ]
    for number, (stage, place, children) in enumerate(whole, 1):
        beside = busy()
        title = f"{stage}, {children:,} children" if children else stage
        place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        result, is_new = run_stage(
            path=place.state,
            stage=stage,
            settings={"seed": seed},
            work=_stage(stage, place, children, seed, environment, f"[{number} of {len(whole)}] {title}"),
            at=lambda: datetime.now(UTC),
            again=again and stage != "fill",
        )
        if is_new:
            append_run(
                docs=docs,
                stage=stage,
                children=children,
                machine={**describe_machine(), "busy": beside},
                result=result,
                at=datetime.now(UTC),
            )
            write_report(docs=docs, plots=draw_plots(docs=docs))
        else:
            click.echo(f"[{number} of {len(whole)}] {title}: measured before, kept (--again measures anew)")
    click.echo(f"The report is {docs / 'README.md'}.")


def _stage(
    stage: str, place: Place, children: int, seed: int, environment: Mapping[str, str], title: str
) -> Callable[[], Result]:
    """A process of its own, so that each stage begins alike and one that fails takes nothing with it."""

    def work() -> Result:
        click.echo(title)
        out = place.folder / f"{stage}.json"
        command = [str(Path(sys.executable).parent / "contactpoint"), "bench", stage, "--out", str(out)]
        if children:
            command += ["--children", str(children), "--seed", str(seed)]
        done = subprocess.run(command, env=dict(environment), check=False)
        if done.returncode != 0:
            raise click.ClickException(
                f"The stage `{title}` failed; what was measured before is kept. "
                "Run `contactpoint bench all` again to go on from here."
            )
        result: dict[str, Any] = json.loads(out.read_text())
        out.unlink()
        return result

    return work
