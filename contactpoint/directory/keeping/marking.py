"""Keyed digests by which something is known again that the database must not say (RET-4, SHI-5, SHI-7).

The key lies outside the database: without it nobody can try references, numbers or names one after another.
"""

import hashlib
from dataclasses import dataclass

from contactpoint.directory.keeping.child_keys import ensure_secret

SECRET = "marks"  # noqa: S105  its name in the store of keys
SIZE = 16
_BETWEEN = "\x1f"


@dataclass(frozen=True, slots=True)
class Marker:
    """Makes marks; get one with `read_marker`, once for many marks."""

    key: bytes

    def mark_reference(self, *, supplier: str, reference: str) -> bytes:
        """Of a supplier's row, whatever it says."""
        return self._mark("reference", supplier, reference)

    def mark_number(self, *, kind: str, value: str) -> bytes:
        """Of an NHS number, UPN, or the service's own number of a record ('child')."""
        return self._mark("number", kind, value)

    def mark_row(self, *, supplier: str, reference: str, digest: bytes) -> bytes:
        """Of one version of a supplier's row."""
        return self._mark("row", supplier, reference, digest.hex())

    def mark_person(self, *, given: str, family: str, birth_date: str) -> bytes:
        """Of a standardised name with a full date of birth."""
        return self._mark("person", given, family, birth_date)

    def _mark(self, *parts: str) -> bytes:
        return hashlib.blake2b(_BETWEEN.join(parts).encode(), key=self.key, digest_size=SIZE).digest()


def read_marker() -> Marker:
    """Raises MasterKeyLost."""
    return Marker(ensure_secret(name=SECRET))
