"""From judged columns to the stored form of a row: JSON text, its digest, and what matching compares (REC-5).

The text is built by whole columns; reading it back gives `SuppliedValues`.
Its order of members is that of `SuppliedValues`, so the same values always have the same digest.
"""

import hashlib
from collections.abc import Iterable

import polars as pl

from contactpoint.directory.publish.reported import REPORTED
from contactpoint.intake.fields import (
    AUTHORITY,
    BASIS_FIELDS,
    ENDED,
    MARKER,
    REFERENCE,
    ROW_FIELDS,
    ordered_fields,
)
from contactpoint.intake.profiles import Profile

DIGEST_SIZE = 16
MATCHED = (
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
_NEEDED = {
    "former_names": {"given_names", "family_name"},
    "involvement": {"service"},
    "assessment": {"kind"},
    "addresses": {"lines", "town", "postcode", "uprn"},
    "carers": {"name"},
    "school": {"code"},
    "practice": {"code"},
}
_APART = ("basis.", "involvement.")  # of a sensitive row: never in its content
_FLAGS = frozenset({"responsibility", "same_address", "lead"})


def build_content(*, profile: Profile, values: pl.DataFrame) -> pl.DataFrame:
    """Rows ready to be kept: row, reference, content, sensitive, marker, authority, digest, and MATCHED."""
    paths = [path for path in ordered_fields() if path in values.columns and path not in ROW_FIELDS]
    if "died_on" in paths and not profile.registers_deaths:
        values = values.rename({"died_on": REPORTED})
        paths = [REPORTED if path == "died_on" else path for path in paths]
    if profile.sensitive:
        paths = [path for path in paths if not path.startswith(_APART)]
    constant = {path for path, _ in profile.constants} - {mapped.path for mapped in profile.mapped}
    built = values.select(
        "row",
        REFERENCE,
        _object(paths, "", constant).alias("content"),
        _sensitive(profile, values.columns).alias("sensitive"),
        _column(values, MARKER),
        _column(values, AUTHORITY),
        _column(values, ENDED),
        *_matched(values),
    )
    return built.with_columns(pl.Series("digest", _digests(built), dtype=pl.Binary))


def _column(values: pl.DataFrame, path: str) -> pl.Expr:
    return pl.col(path) if path in values.columns else pl.lit("").alias(path)


def _digests(built: pl.DataFrame) -> list[bytes]:
    said = built.select(
        pl.concat_str(["content", "sensitive", MARKER, AUTHORITY], separator="\x1f").alias("said")
    )
    blake = hashlib.blake2b
    return [blake(text.encode(), digest_size=DIGEST_SIZE).digest() for text in said["said"].to_list()]


def _matched(values: pl.DataFrame) -> Iterable[pl.Expr]:
    sources = {
        "former_family_name": "former_names.0.family_name",
        "postcode": "addresses.0.postcode",
        "address": "addresses.0.lines.0",
    }
    for name in MATCHED:
        path = sources.get(name, name)
        yield (pl.col(path) if path in values.columns else pl.lit("")).alias(name)


def _object(paths: list[str], prefix: str, constant: set[str]) -> pl.Expr:
    """One JSON object of the members below `prefix`. Null where nothing but constants would be in it."""
    members = list(dict.fromkeys(path.removeprefix(prefix).split(".")[0] for path in paths))
    parts: list[pl.Expr] = []
    for member in members:
        below = [
            path for path in paths if path == f"{prefix}{member}" or path.startswith(f"{prefix}{member}.")
        ]
        inner = _member(below, f"{prefix}{member}", constant)
        parts.append(pl.lit(f'"{member}":') + inner)
    text = pl.lit("{") + pl.concat_str(parts, separator=",", ignore_nulls=True) + pl.lit("}")
    if not prefix:
        return text
    return pl.when(_is_there(paths, prefix, constant)).then(text)


def _is_there(paths: list[str], prefix: str, constant: set[str]) -> pl.Expr:
    """Whether a part says anything: what it cannot be without is filled, and not by the profile alone."""
    needed = _NEEDED[prefix.split(".", 1)[0]]
    telling = [path for path in paths if not needed.isdisjoint(path.removeprefix(prefix).split("."))]
    supplied = [path for path in paths if path not in constant]
    return _any_filled(telling) & (_any_filled(supplied) if supplied else pl.lit(value=True))


def _any_filled(paths: list[str]) -> pl.Expr:
    return pl.any_horizontal([pl.col(path) != "" for path in paths]) if paths else pl.lit(value=False)


def _member(below: list[str], path: str, constant: set[str]) -> pl.Expr:
    if below == [path]:
        return _leaf(path)
    indexes = list(dict.fromkeys(each.removeprefix(f"{path}.").split(".")[0] for each in below))
    if not indexes[0].isdigit():
        return _object(below, f"{path}.", constant)
    items = []
    for index in indexes:
        inside = [each for each in below if each == f"{path}.{index}" or each.startswith(f"{path}.{index}.")]
        at = f"{path}.{index}"
        items.append(_leaf(at) if inside == [at] else _object(inside, f"{at}.", constant))
    listed = pl.concat_str(items, separator=",", ignore_nulls=True)
    return pl.when(listed != "").then(pl.lit("[") + listed + pl.lit("]"))


def _leaf(path: str) -> pl.Expr:
    value = pl.col(path)
    if path.rsplit(".", 1)[-1] in _FLAGS:
        return pl.when(value.is_in(["true", "false"])).then(value)
    return pl.when(value != "").then(_quoted(value))


def _quoted(value: pl.Expr) -> pl.Expr:
    escaped = value
    for plain, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t")):
        escaped = escaped.str.replace_all(plain, written, literal=True)
    return pl.lit('"') + escaped + pl.lit('"')


def _sensitive(profile: Profile, columns: list[str]) -> pl.Expr:
    """The sensitive involvement with its basis (SEN-2), as JSON of its own; '' for other rows."""
    if not profile.sensitive:
        return pl.lit("")
    paths = [
        path for path in (*BASIS_FIELDS, *ordered_fields()) if path in columns and path.startswith(_APART)
    ]
    parts = [pl.lit(f'"{path.split(".", 1)[1]}":') + _leaf(path) for path in paths]
    text = pl.lit("{") + pl.concat_str(parts, separator=",", ignore_nulls=True) + pl.lit("}")
    return pl.when(pl.col("basis.ground") != "").then(text).otherwise(pl.lit(""))
