"""`contactpoint worker`: does what pages leave to be done.

Takes jobs as the role `app`; what a job does with hidden values it does as `match` (SHI-9).
"""

import click

from contactpoint.jobs.database import database

HELP = "Match and publish what practitioners enter; runs until stopped."


@click.command(help=HELP)
@click.option("--once", is_flag=True, help="Do what waits now, then end.")
def command(*, once: bool) -> None:
    with database():
        from procrastinate.contrib.django import app

        with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
            working.run_worker(wait=not once, concurrency=1, name="contactpoint")
