"""`contactpoint serve`: the web pages and the worker, on a database that is ready."""

import click

HELP = "Serve the pages on http://localhost, with the worker beside them."


@click.command(help=HELP)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True, help="Web processes, each with four threads.")
def command(port: int, workers: int) -> None:
    from contactpoint.jobs.database import database
    from contactpoint.jobs.serving import insist_port_free, serving, wait_until_stopped

    insist_port_free(port)
    with database(migrate=True), serving(port=port, workers=workers) as processes:
        click.echo(f"ContactPoint is on http://localhost:{port}. Ctrl-C stops it.")
        wait_until_stopped(processes)
