"""How long work tells the door that started it how far it is.

The work calls `progress(stage, done, total)`; the door shows rate and time left.
`total` is None where it is not known yet.
"""

from collections.abc import Callable

Progress = Callable[[str, int, "int | None"], None]


def no_progress(stage: str, done: int, total: int | None) -> None:
    """For callers that show nothing."""
