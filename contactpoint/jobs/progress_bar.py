"""Shows the progress of long work: stage, bar, rate and time left on a terminal; a line a stage elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from contactpoint.progress import Progress as Report


class Rate(ProgressColumn):
    """Things a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="cyan")


@contextmanager
def progress_bar() -> Iterator[Report]:
    """A `Progress` to hand down to the work."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, object] = {}

        def report(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]

        yield report


class _Lines:
    """For logs and CI: a line when a stage begins, and one each ten seconds while it goes on."""

    def __init__(self) -> None:
        self.stage = ""
        self.already = 0  # done by a run before this one
        self.began = self.told = time.monotonic()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if stage != self.stage:
            self.stage, self.already, self.began, self.told = stage, done, now, now
            sys.stderr.write(f"{stage}\n")
        elif now - self.told >= 10:
            self.told = now
            rate = (done - self.already) / (now - self.began)
            left = f", {(total - done) / rate:,.0f} s left" if total and rate else ""
            sys.stderr.write(f"{stage}: {done:,}{f' of {total:,}' if total else ''}, {rate:,.0f}/s{left}\n")
