"""How the service's own log lines are written: never with a value in them.

An exception's text may quote a child's row (PostgreSQL's DETAIL does): its type and its places are enough
to find the fault, and nothing else is written.
"""

import logging
import traceback
from types import TracebackType


class WithoutValues(logging.Formatter):
    """Formats exceptions as type and places, without their messages and without local values."""

    def formatException(  # noqa: N802
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        error = ei[1]
        lines: list[str] = []
        while error is not None:
            lines += [
                f"  {frame.filename}:{frame.lineno} in {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ]
            lines.append(f"{type(error).__module__}.{type(error).__qualname__} (its text is left out)")
            error = error.__cause__
        return "\n".join(lines)
