"""From a row's stored form to what matching compares, and to the keys by which rows find their child.

Intake uses the same functions, so that a row matched alone meets the same children as in bulk.
"""

from collections.abc import Mapping
from typing import Any

from contactpoint.directory.search.keys import hash_key
from contactpoint.matching.candidates import blocking_keys
from contactpoint.matching.rows import MatchRow
from contactpoint.matching.standardise import standardise


def match_row(*, key: str, content: Mapping[str, Any]) -> MatchRow:
    """Standardised: the first former name and the first address are the ones compared."""
    former: Mapping[str, str] = (content.get("former_names") or ({},))[0]
    address: Mapping[str, Any] = (content.get("addresses") or ({},))[0]
    lines = address.get("lines") or ("",)
    return standardise(
        key=key,
        given_names=content.get("given_names", ""),
        family_name=content.get("family_name", ""),
        former_family_name=former.get("family_name", ""),
        birth_date=content.get("birth_date", ""),
        gender=content.get("gender", ""),
        postcode=address.get("postcode", ""),
        address=lines[0],
        nhs=content.get("nhs", ""),
        upn=content.get("upn", ""),
    )


def blocking_hashes(row: MatchRow) -> frozenset[int]:
    """The row's blocking keys as `hidden.blocking_key` has them."""
    return frozenset(hash_key(key) for key in blocking_keys(row))
