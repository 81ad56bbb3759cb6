"""One event, one sequence of bytes: what digests, seals and offline checks work on (AUD-3).

JSON with sorted keys, no spaces, ASCII only, ids and never values.
`v` is the version of this form; it changes when a field is added.
"""

import hashlib
import json
from datetime import UTC, datetime

from contactpoint.audit.records import Actor

FORM = 1


def canonical_bytes(
    *,
    kind: str,
    at: datetime,
    actor: Actor,
    purpose: str,
    children: tuple[int, ...],
    facts: dict[str, str | int],
    refused: bool,
    sealed: bytes,
    rules: str,
) -> bytes:
    """What happened, as bytes. What was typed enters only as the digest of its sealed form."""
    body = {
        "v": FORM,
        "kind": kind,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "account": actor.account_id,
        "organisation": actor.organisation_id,
        "on_behalf_of": actor.on_behalf_of,
        "door": actor.door,
        "address": actor.address,
        "purpose": purpose,
        "children": list(children),
        "facts": facts,
        "refused": refused,
        "sealed": hashlib.sha256(sealed).hexdigest() if sealed else "",
        "rules": rules,
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def digest(body: bytes) -> bytes:
    """SHA-256 with the leaf prefix of RFC 9162, so that a Merkle tree can be built over old events."""
    return hashlib.sha256(b"\x00" + body).digest()
