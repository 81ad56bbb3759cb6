"""`contactpoint demo`: the main job on made-up children, from suppliers' files to a served page."""

import os
from functools import partial

import click

HELP = "A made-up England on http://localhost: generate, load, serve."


@click.command(help=HELP)
@click.option("--children", default=20_000, show_default=True, help="How many children to make up.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--seed",
    default=2026,
    show_default=True,
    type=click.IntRange(0, 2**32 - 1),
    help="The same seed makes the same England.",
)
def command(children: int, port: int, seed: int) -> None:
    os.environ["CONTACTPOINT_DEMO"] = "1"
    from django.conf import settings

    from contactpoint.jobs.database import database
    from contactpoint.jobs.progress_bar import progress_bar
    from contactpoint.jobs.serving import insist_port_free, serving, wait_until_stopped
    from contactpoint.jobs.turns import our_turn

    insist_port_free(port)
    with database(migrate=True):
        from contactpoint.jobs.demo import prepare_demo, print_welcome

        waiting = "Another demo is being made in this data folder; waiting for it"
        ours = our_turn(settings.DATA_DIR / "demo.making", say=partial(click.echo, err=True), waiting=waiting)
        with ours, progress_bar() as progress:
            prepare_demo(children=children, seed=seed, progress=progress)
        with serving(port=port) as processes:
            print_welcome(port=port)
            wait_until_stopped(processes)
    click.echo("Stopped. The demo's data stays in the data folder; `make demo` starts it again.")
