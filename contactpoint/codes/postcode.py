"""Postcodes: BS 7666 form, capitals, one space before the last three (IDN).

Owns the form, one at a time and for whole polars columns; `authorities` knows what they mean.
Exceptions kept as they are: GIR 0AA, BFPO numbers, and the NHS's ZZ99 codes (ZZ99 3VZ: no fixed abode).
"""

import re

import polars as pl

NO_FIXED_ABODE = "ZZ99 3VZ"

_OUTWARD = r"[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9]{1,2}|[A-HK-Y][0-9][ABEHMNPRVWXY]|[0-9][ABCDEFGHJKPSTUW])"
_INWARD = r"[0-9][ABD-HJLNP-UW-Z]{2}"
_WHOLE = rf"(?:{_OUTWARD}{_INWARD}|GIR0AA|ZZ99[0-9][A-Z]{{2}})"
_BFPO = r"BFPO([0-9]{1,4})"
_NOISE = r"[\s.,\-]+"


def parse_postcode(text: str) -> str | None:
    """'m11ae' -> 'M1 1AE'; None where it is not a postcode.

    O and I typed for 0 and 1 after the gap are mended.
    """
    compact = re.sub(_NOISE, "", text).upper()
    if not compact.isascii():
        return None
    if bfpo := re.fullmatch(_BFPO, compact):
        return f"BFPO {bfpo[1]}"
    compact = re.sub("I(?=[A-Z]{2}$)", "1", re.sub("O(?=[A-Z]{2}$)", "0", compact))
    return f"{compact[:-3]} {compact[-3:]}" if re.fullmatch(_WHOLE, compact) else None


def outward(postcode: str) -> str:
    """The first half, which a result may show (SEA-4)."""
    return postcode.split(" ", 1)[0]


def normalise_postcode(expr: pl.Expr) -> pl.Expr:
    """`parse_postcode` for a column: null where it is not a postcode."""
    compact = expr.str.replace_all(_NOISE, "").str.to_uppercase()
    split = compact.str.len_chars() - 3
    head = compact.str.head(-3)
    first = compact.str.slice(split, 1).replace({"O": "0", "I": "1"})
    tail = pl.when(compact.str.contains(r"[OI][A-Z]{2}$")).then(first + compact.str.tail(2))
    mended = pl.when(tail.is_not_null()).then(head + tail).otherwise(compact)
    spaced = mended.str.head(-3) + pl.lit(" ") + mended.str.tail(3)
    return (
        pl.when(compact.str.contains(rf"^{_BFPO}$"))
        .then(pl.lit("BFPO ") + compact.str.slice(4))
        .when(mended.str.contains(rf"^{_WHOLE}$"))
        .then(spaced)
    )
