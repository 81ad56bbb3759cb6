"""`contactpoint worker`: does what pages leave to be done.

Takes jobs as the role `app`; what a job does with hidden values it does as `match` (SHI-9).
"""

import asyncio
import signal
import time
from contextlib import suppress

import click

from contactpoint.jobs.database import database
from contactpoint.lanes import Lane

PAUSE = 5  # seconds between two tries for a database that has stopped
HELP = "Match and publish what practitioners enter; runs until stopped."


@click.command(help=HELP)
@click.option("--once", is_flag=True, help="Do what waits now, then end.")
def command(*, once: bool) -> None:
    with database():
        from procrastinate.exceptions import ConnectorException

        while True:
            with suppress(ConnectorException):
                if asyncio.run(_work(once=once)):
                    return
            if once:
                raise click.ClickException("The database stopped answering; what was done is kept.")
            click.echo(f"The worker has lost the database; it tries again in {PAUSE} s.", err=True)
            time.sleep(PAUSE)


async def _work(*, once: bool) -> bool:
    """Whether the work has ended because it should; procrastinate ends as well when it loses the database."""
    from procrastinate.contrib.django import app

    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector) as working:
        async with working.open_async():
            every = [lane.value for lane in Lane]
            lanes = [
                asyncio.ensure_future(
                    working.run_worker_async(
                        wait=not once,
                        queues=queues,
                        concurrency=1,
                        name=f"contactpoint-{queues[0]}",
                        install_signal_handlers=False,
                    )
                )
                for queues in ([every] if once else [[lane] for lane in every])
            ]
            asked = asyncio.Event()
            for polite in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(polite, asked.set)
            waiting = asyncio.ensure_future(asked.wait())
            await asyncio.wait([waiting, *lanes], return_when=asyncio.FIRST_COMPLETED)
            for each in (waiting, *lanes):  # the jobs at hand are done to their end
                each.cancel()
            for ended in await asyncio.gather(*lanes, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended
            return once or asked.is_set()
