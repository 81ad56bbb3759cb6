"""Who may load what at the same time, held by the database for as long as the connection lives (SUP-9).

One load a supplier; one load at a time matches and publishes, so that a child who stands in two files
that arrive together makes one record; single messages go beside one another while no load does.
A killed load lets go of both by itself.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from contactpoint.directory.locks import WAIT, directory_to_ourselves, holding, one_message
from contactpoint.errors import Conflict

__all__ = ["LoadUnderWay", "directory_to_ourselves", "one_load_of", "one_message"]
_SUPPLIER = 0x6C6F6164  # any fixed number, another than the directory's
_LOOKS = 15  # with WAIT between: so long the database may take to notice that a load was killed


class LoadUnderWay(Conflict):
    """Another load of the same supplier is under way; nothing was changed."""


@contextmanager
def one_load_of(*, supplier: str) -> Iterator[None]:
    """Raises LoadUnderWay where another holds it, and still does some seconds later."""
    for _ in range(_LOOKS):
        with holding(_SUPPLIER, supplier) as got:
            if got:
                yield
                return
        time.sleep(WAIT)
    raise LoadUnderWay(
        "Another load of this supplier is under way. Nothing was changed; wait until it has ended, "
        "then run the same command again."
    )
