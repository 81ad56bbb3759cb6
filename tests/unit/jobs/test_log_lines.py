"""The service's own log lines never hold a value."""

import logging
import sys

from contactpoint.log_lines import WithoutValues


def test_an_exception_is_written_without_its_text_and_without_that_of_its_cause() -> None:
    try:
        try:
            raise KeyError("Canary Khan")
        except KeyError as cause:
            raise ValueError("DETAIL: Key (family_name)=(Canary)") from cause
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, __file__, 1, "It failed", None, sys.exc_info())
    text = WithoutValues("%(levelname)s %(message)s").format(record)
    assert "Canary" not in text
    assert "builtins.ValueError" in text
    assert "builtins.KeyError" in text
    assert "test_log_lines.py" in text
