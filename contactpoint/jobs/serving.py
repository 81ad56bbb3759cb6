"""Runs the web server and the worker as processes of their own, and ends them together.

Both connect as `app`; what the worker does with hidden rows goes through the connection `match` (SHI-9).
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import click
from django.conf import settings

from contactpoint.database.embedded import ensure_up

PATIENCE = 30  # seconds until the first page must come
THREADS = 4


def insist_port_free(port: int) -> None:
    """Raise a sentence where somebody else listens already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} is taken. Stop what listens there, or: `make demo PORT={port + 1}`."
            ) from error


@contextmanager
def serving(*, port: int, workers: int = 2) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Web server and worker, up for the block, the first page already answered. Raises ClickException."""
    insist_port_free(port)
    beside = Path(sys.executable).parent
    web: list[str | Path] = [
        beside / "gunicorn",
        "contactpoint.wsgi:application",
        "--bind",
        f"127.0.0.1:{port}",
    ]
    web += ["--workers", str(workers), "--worker-class", "gthread", "--threads", str(THREADS)]
    web += ["--no-control-socket", "--log-level", "warning", "--graceful-timeout", "5", "--preload"]
    environment = {**os.environ, "CONTACTPOINT_POOL": str(THREADS)}
    with ExitStack() as ends:
        processes = [
            ends.enter_context(_process(web, environment)),
            ends.enter_context(_process([beside / "contactpoint", "worker"], dict(os.environ))),
        ]
        _wait_for_page(port, processes)
        yield processes


def wait_until_stopped(processes: list[subprocess.Popen[bytes]]) -> None:
    """Until Ctrl-C or SIGTERM, or until one of the processes ends by itself (raises ClickException).

    An embedded database that ends meanwhile is started again (raises DatabaseTrouble where that fails).
    """
    try:
        while True:
            ensure_up(settings.DATABASE, say=partial(click.echo, err=True))
            for process in processes:
                if process.poll() is not None:
                    raise click.ClickException(
                        f"A part of the service ended (status {process.returncode}); its last words are "
                        "above. All is stopped, and what was entered is kept: start again."
                    )
            time.sleep(0.2)
    except KeyboardInterrupt:  # SIGTERM comes as one too
        return


@contextmanager
def _process(command: list[str | Path], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A child in a process group of its own, so that Ctrl-C reaches us first and we end it in order."""
    process = subprocess.Popen(_ends_with_us(command), env=environment, start_new_session=True)
    try:
        yield process
    finally:
        _end(process)


def _ends_with_us(command: list[str | Path]) -> list[str]:
    """Should we be killed outright, the kernel ends the child too: nothing stays on the port."""
    setpriv = shutil.which("setpriv")
    before = [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
    return [*before, *(str(part) for part in command)]


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for_page(port: int, processes: list[subprocess.Popen[bytes]]) -> None:
    started = time.monotonic()
    while time.monotonic() - started < PATIENCE:
        for process in processes:
            if process.poll() is not None:
                raise click.ClickException("The service stopped as it started; its last words are above.")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise click.ClickException(f"No page came within {PATIENCE} s.")
