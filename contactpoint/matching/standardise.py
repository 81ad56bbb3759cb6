"""Fold supplied values to the one form that is compared (REC-11).

Owns folding and what counts as missing; never touches what is stored or shown.
Both executors compare this form only: on raw Unicode they would differ, because DuckDB compares bytes.
"""

import re
from collections.abc import Callable

import polars as pl
from anyascii import anyascii

from contactpoint.matching.rows import FIELDS, MatchRow

# What stands in a name field when nobody knew the name.
_PLACEHOLDER_WORDS = frozenset(
    {
        "ANON",
        "ANONYMOUS",
        "BABY",
        "INFANT",
        "NEONATE",
        "NEWBORN",
        "PLACEHOLDER",
        "QUADRUPLET",
        "TBA",
        "TBC",
        "TEST",
        "TRIPLET",
        "TWIN",
        "UNBORN",
        "UNKNOWN",
        "UNNAMED",
    }
)
_PLACEHOLDERS = _PLACEHOLDER_WORDS | frozenset(
    {
        "BOY",
        "CHILD",
        "FEMALE",
        "GIRL",
        "MALE",
        "MISSING",
        "N A",
        "N K",
        "NEW BORN",
        "NK",
        "NO NAME",
        "NONAME",
        "NONE",
        "NOT AVAILABLE",
        "NOT GIVEN",
        "NOT KNOWN",
        "NOT NAMED",
        "NOT PROVIDED",
        "NOT RECORDED",
        "NOT SPECIFIED",
        "NOT STATED",
        "NOT SUPPLIED",
        "NOTKNOWN",
        "NULL",
        "TO BE CONFIRMED",
        "UNSPECIFIED",
    }
)
_FILLERS = _PLACEHOLDER_WORDS | frozenset(
    {
        "A",
        "AND",
        "B",
        "BOY",
        "C",
        "CHILD",
        "FEMALE",
        "GIRL",
        "I",
        "II",
        "III",
        "MALE",
        "OF",
        "ONE",
        "THREE",
        "TWO",
    }
)

_NO_ADDRESS = frozenset(
    {
        "ADDRESS NOT KNOWN",
        "ADDRESS UNKNOWN",
        "N A",
        "NFA",
        "NO FIXED ABODE",
        "NONE",
        "NOT KNOWN",
        "NULL",
        "UNKNOWN",
    }
)
_STREET_WORDS = {
    "AV": "AVENUE",
    "AVE": "AVENUE",
    "CL": "CLOSE",
    "CRES": "CRESCENT",
    "CT": "COURT",
    "DR": "DRIVE",
    "GDNS": "GARDENS",
    "GRN": "GREEN",
    "GR": "GROVE",
    "LN": "LANE",
    "PK": "PARK",
    "PL": "PLACE",
    "RD": "ROAD",
    "SQ": "SQUARE",
    "ST": "STREET",
    "TCE": "TERRACE",
    "TERR": "TERRACE",
}

FEW = 200  # rows
SUPPLIED = (
    "given_names",
    "family_name",
    "former_family_name",
    "birth_date",
    "gender",
    "postcode",
    "address",
    "nhs",
    "upn",
)
_NOT_LETTERS = re.compile(r"[^A-Z]+")
_NOT_LETTERS_OR_DIGITS = re.compile(r"[^A-Z0-9]+")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)


def fold_name(text: str) -> str:
    """Transliterate to capitals A-Z and single spaces; folding twice changes nothing."""
    plain = _plain(text)
    return plain if plain.isalpha() and plain.isascii() else _NOT_LETTERS.sub(" ", plain).strip()


def is_placeholder(folded: str) -> bool:
    """Whether a folded name says that nobody knew the name ("BABY", "TWIN 1", "NOT KNOWN")."""
    if folded in _PLACEHOLDERS:
        return True
    words = folded.split()
    return bool(words) and words[0] in _PLACEHOLDER_WORDS and ("OF" in words or set(words) <= _FILLERS)


def fold_address(text: str) -> str:
    """Fold a first address line; the commonest abbreviation in last place is written out."""
    words = _NOT_LETTERS_OR_DIGITS.sub(" ", _plain(text)).split()
    folded = " ".join(words)
    if folded in _NO_ADDRESS:
        return ""
    if len(words) > 1:
        words[-1] = _STREET_WORDS.get(words[-1], words[-1])
    return " ".join(words)


def fold_postcode(text: str) -> str:
    """No space, capitals; '' where it cannot be a postcode or stands for no fixed abode (ZZ99)."""
    folded = _NOT_LETTERS_OR_DIGITS.sub("", _plain(text))
    if not 4 <= len(folded) <= 8 or folded.isalpha() or folded.startswith("ZZ99"):
        return ""
    return folded


def fold_date(text: str) -> str:
    """An ISO date as precise as it is; '' where it is none, or the filler 1900-01-01."""
    text = text.strip()
    return text if _DATE.fullmatch(text) and not text.startswith(("1900", "1901")) else ""


def fold_gender(text: str) -> str:
    """'M', 'F' or 'O'; everything else says nothing."""
    text = text.strip().upper()
    return text if text in {"M", "F", "O"} else ""


def split_given(given_names: str) -> tuple[str, str]:
    """The first given name and the rest, folded; words that stand for "no name yet" go."""
    folded = fold_name(given_names)
    if is_placeholder(folded):
        return "", ""
    words = folded.split()
    while words and words[0] in _PLACEHOLDER_WORDS:
        words = words[1:]
    return (words[0], " ".join(words[1:])) if words else ("", "")


def standardise(
    *,
    key: str,
    given_names: str,
    family_name: str,
    former_family_name: str = "",
    birth_date: str = "",
    gender: str = "",
    postcode: str = "",
    address: str = "",
    nhs: str = "",
    upn: str = "",
) -> MatchRow:
    """Fold one supplied row; `address` is its first line, `birth_date` ISO and possibly partial."""
    given, middle = split_given(given_names)
    return MatchRow(
        key=key,
        given=given,
        middle=middle,
        family=_fold_family(family_name),
        former_family=_fold_family(former_family_name),
        birth_date=fold_date(birth_date),
        gender=fold_gender(gender),
        postcode=fold_postcode(postcode),
        address=fold_address(address),
        nhs=_fold_number(nhs, 10),
        upn=_fold_number(upn, 13),
    )


def standardise_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """The same for a whole frame: input columns named as `standardise`'s arguments, absent ones empty.

    Only distinct values are folded, so that tens of millions of rows pass in seconds.
    A few rows are folded one by one: taking columns apart costs more than they do.
    """
    if frame.height <= FEW:
        names = ["key", *(name for name in SUPPLIED if name in frame.columns)]
        given = zip(*(frame[name].cast(pl.String).to_list() for name in names), strict=True)
        rows = [{name: value or "" for name, value in zip(names, row, strict=True)} for row in given]
        return rows_to_frame([standardise(**row) for row in rows])
    return standardise_columns(frame)


def standardise_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """The same for many rows."""
    columns = [
        frame["key"].cast(pl.String),
        *_fold_given_names(_text_column(frame, "given_names")),
        _fold_distinct(_text_column(frame, "family_name"), _fold_family).alias("family"),
        _fold_distinct(_text_column(frame, "former_family_name"), _fold_family).alias("former_family"),
        _fold_distinct(_text_column(frame, "birth_date"), fold_date),
        _fold_distinct(_text_column(frame, "gender"), fold_gender),
        _fold_distinct(_text_column(frame, "postcode"), fold_postcode),
        _fold_distinct(_text_column(frame, "address"), fold_address),
        _number_column(_text_column(frame, "nhs"), 10),
        _number_column(_text_column(frame, "upn"), 13),
    ]
    return pl.DataFrame(columns).select(FIELDS)


def rows_to_frame(rows: list[MatchRow]) -> pl.DataFrame:
    """Rows as the frame that `bulk` and `train` take."""
    return pl.DataFrame([pl.Series(name, [getattr(row, name) for row in rows], pl.String) for name in FIELDS])


def frame_to_rows(frame: pl.DataFrame) -> list[MatchRow]:
    """The reverse of `rows_to_frame`."""
    return [MatchRow(*values) for values in frame[list(FIELDS)].iter_rows()]


def _plain(text: str) -> str:
    # Most text is ASCII already, and transliterating is slow.
    latin = text if text.isascii() else anyascii(text)
    return latin.upper().replace("'", "").replace("`", "")


def _fold_family(text: str) -> str:
    folded = fold_name(text)
    return "" if is_placeholder(folded) else folded


def _fold_number(text: str, length: int) -> str:
    # ASCII letters and digits only, then capitals: the same in Python and in polars.
    folded = re.sub(r"[^0-9A-Za-z]", "", text).upper()
    return folded if len(folded) == length else ""


def _number_column(column: pl.Series, length: int) -> pl.Series:
    # Nearly every number is distinct, so these are folded by expression and not one by one.
    folded = column.str.replace_all(r"[^0-9A-Za-z]", "").str.to_uppercase()
    return (
        folded.to_frame("n")
        .select(pl.when(pl.col("n").str.len_bytes() == length).then(pl.col("n")).otherwise(pl.lit("")))["n"]
        .alias(column.name)
    )


def _text_column(frame: pl.DataFrame, name: str) -> pl.Series:
    if name not in frame.columns:
        return pl.repeat("", frame.height, dtype=pl.String, eager=True).alias(name)
    return frame[name].cast(pl.String).fill_null("")


def _fold_distinct(column: pl.Series, fold: Callable[[str], str]) -> pl.Series:
    distinct = column.unique()
    table = pl.DataFrame(
        {"old": distinct, "new": pl.Series([fold(value) for value in distinct], dtype=pl.String)}
    )
    joined = column.to_frame("old").join(table, on="old", how="left", maintain_order="left")
    return joined["new"].alias(column.name)


def _fold_given_names(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    distinct = column.unique()
    pairs = [split_given(value) for value in distinct]
    table = pl.DataFrame(
        {
            "old": distinct,
            "given": pl.Series([given for given, _ in pairs], dtype=pl.String),
            "middle": pl.Series([middle for _, middle in pairs], dtype=pl.String),
        }
    )
    joined = column.to_frame("old").join(table, on="old", how="left", maintain_order="left")
    return joined["given"], joined["middle"]
