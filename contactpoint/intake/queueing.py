"""Handing loads to the worker: the number of the load is all that a job carries (SHI-9).

A load waits in the queue at most once, however often it is asked for.
"""

from contextlib import suppress

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def defer_load(load_id: int) -> None:
    """Load a kept file, or go on with it."""
    _defer("contactpoint.intake.tasks.load_kept", load_id)


def defer_withdrawal(load_id: int) -> None:
    """Undo what one load did."""
    _defer("contactpoint.intake.tasks.withdraw_kept", load_id)


def defer_rehearsal(rehearsal_id: int) -> None:
    """Rehearse a kept file."""
    app.configure_task("contactpoint.intake.tasks.rehearse_kept").defer(rehearsal_id=rehearsal_id)


def _defer(task: str, load_id: int) -> None:
    # Asked first, because the refusal of a second job would end the caller's transaction.
    lock = f"{task}-{load_id}"
    if not list(app.job_manager.list_jobs(queueing_lock=lock, status="todo")):
        with suppress(AlreadyEnqueued):
            app.configure_task(task, queueing_lock=lock).defer(load_id=load_id)
