"""`contactpoint clock`: what the night does to records whose day has come, and what a year will bring (RET).

Exit status 0: done, also where nothing was due; 1: it could not be done, the sentence says why.
"""

import json
import time
from dataclasses import asdict
from datetime import UTC, datetime

import click

from contactpoint.jobs.database import database

HELP = "Archive, end histories and destroy what is due; or forecast the next 12 months."
BAR = 40  # characters of the longest bar


@click.group(help=HELP)
def command() -> None: ...


@command.command()
def run() -> None:
    """Do what is due today. Safe to stop and to run again; the worker does it every night."""
    with database():
        from contactpoint.audit.records import Actor
        from contactpoint.directory.keeping.clock import run_clock
        from contactpoint.jobs.progress_bar import progress_bar

        started = time.monotonic()
        with progress_bar() as progress:
            night = run_clock(by=Actor(None, None, "command"), at=datetime.now(UTC), progress=progress)
        click.echo(
            f"Archived {night.archived:,}, histories ended {night.histories_ended:,}, "
            f"destroyed {night.destroyed:,}, months of the log dropped {night.log_months:,} "
            f"in {time.monotonic() - started:.1f} s."
        )


@command.command()
@click.option("--json", "as_json", is_flag=True, help="One line of JSON instead of the table.")
def forecast(*, as_json: bool) -> None:
    """Say what the next 12 months will bring; changes nothing."""
    with database():
        from contactpoint.directory.keeping.clock import forecast as look_ahead

        found = look_ahead(at=datetime.now(UTC))
    if as_json:
        click.echo(json.dumps(asdict(found), default=str))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("Month", "To archive", "", "Histories end", "To destroy", "Log months end")
    most = max((month.archived for month in found.months), default=0) or 1
    rows = [("Waits now", found.overdue), *((f"{month.first:%B %Y}", month) for month in found.months)]
    for words, month in rows:
        bar = "█" * round(BAR * month.archived / most) if month is not found.overdue else ""
        counts = (month.histories_ended, month.destroyed, month.log_months)
        table.add_row(words, f"{month.archived:,}", bar, *(f"{count:,}" for count in counts))
    Console().print(table)
