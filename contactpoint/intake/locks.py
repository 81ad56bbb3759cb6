"""Who may load what at the same time, held by the database for as long as the connection lives (SUP-9).

One load a supplier; one load at a time matches and publishes, so that a child who stands in two files
that arrive together makes one record. A killed load lets go of both by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from contactpoint.directory.locks import directory_to_ourselves, holding
from contactpoint.errors import Conflict

__all__ = ["LoadUnderWay", "directory_to_ourselves", "one_load_of"]
_SUPPLIER = 0x6C6F6164  # any fixed number, another than the directory's


class LoadUnderWay(Conflict):
    """Another load of the same supplier is under way; nothing was changed."""


@contextmanager
def one_load_of(*, supplier: str) -> Iterator[None]:
    """Raises LoadUnderWay at once where another holds it."""
    with holding(_SUPPLIER, supplier) as got:
        if not got:
            raise LoadUnderWay(
                "Another load of this supplier is under way. Nothing was changed; wait until it has ended, "
                "then run the same command again."
            )
        yield
