"""`contactpoint serve`: the web pages and the worker, on a database that is ready."""

import click

BEHIND = """\
It answers there only a web server of yours that speaks TLS and says so (X-Forwarded-Proto: https).
To try it out on this machine without one: CONTACTPOINT_SECURE=0 contactpoint serve"""
HELP = "Serve the pages on http://localhost, with the worker beside them."


@click.command(help=HELP)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers",
    default=2,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Web processes, each with four threads.",
)
def command(port: int, workers: int) -> None:
    from django.conf import settings

    from contactpoint.jobs.database import database
    from contactpoint.jobs.serving import insist_port_free, serving, wait_until_stopped

    insist_port_free(port)
    with database(migrate=True), serving(port=port, workers=workers) as processes:
        click.echo(f"ContactPoint is on http://localhost:{port}. Ctrl-C stops it.")
        if settings.SECURE:
            click.echo(BEHIND)
        wait_until_stopped(processes)
