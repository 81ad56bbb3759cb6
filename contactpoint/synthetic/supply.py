"""What all suppliers' rows have in common: who is in a file, dates in its form, its own references.

Owns no supplier; `national` and `local` do.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from contactpoint.synthetic.bodies import Bodies
from contactpoint.synthetic.files import COLUMNS, DATE_FORMS

Mask = npt.NDArray[np.bool_]
_REFERENCE_SPACE = 1_000_000_000
_SHUFFLE = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """A chunk of children, and what suppliers need to write about them."""

    children: pl.DataFrame
    bodies: Bodies
    seed: int
    chunk: int
    on: date

    @property
    def today(self) -> int:
        """Days since 1970."""
        return (self.on - date(1970, 1, 1)).days

    def chance(self, file: str) -> np.random.Generator:
        """The file's own source of chance, so one file's rules can change and leave the others."""
        return np.random.default_rng([self.seed, 10 + list(COLUMNS).index(file), self.chunk])


@dataclass(frozen=True, slots=True)
class Supplied:
    """One file's rows of one chunk, and whose they truly are."""

    rows: pl.DataFrame
    child_id: pl.Series


def choose_children(batch: Batch, rng: np.random.Generator, mask: Mask) -> pl.DataFrame:
    """The children of this file, in no telling order, with the columns that slips change."""
    places = np.flatnonzero(mask)
    rng.shuffle(places)
    return batch.children[places].with_columns(
        given=pl.col("given_name"),
        middles=pl.col("middle_names"),
        family=pl.col("family_name"),
        birth=pl.col("birth_date").dt.to_string("%Y-%m-%d"),
    )


def keep_former_name(frame: pl.DataFrame, rng: np.random.Generator, share: float) -> pl.DataFrame:
    """Some suppliers have not heard that the family name changed."""
    late = pl.Series(rng.random(frame.height) < share) & (frame["former_family_name"] != "")
    return frame.with_columns(
        pl.when(late).then("former_family_name").otherwise("family").alias("family"),
        pl.when(late).then(pl.lit("")).otherwise("former_family_name").alias("former"),
    )


def references(frame: pl.DataFrame, *, file: str, prefix: str) -> pl.Expr:
    """The supplier's own reference: meaningless, unlike any other file's, never twice in one file."""
    step = 236_067_977 + 20 * list(COLUMNS).index(file)  # ends in 7: coprime to the space
    number = (frame["child_id"] * step + step // _SHUFFLE) % _REFERENCE_SPACE
    return pl.lit(prefix) + pl.lit(number).cast(pl.String).str.zfill(9)


def birth_in_form(file: str) -> pl.Expr:
    """`birth` as this file writes dates; a partial one stays as it is."""
    parts = {"%Y": pl.col("birth").str.slice(0, 4), "%m": pl.col("birth").str.slice(5, 2)}
    parts["%d"] = pl.col("birth").str.slice(8, 2)
    pieces = [parts.get(piece, pl.lit(piece)) for piece in _pieces(DATE_FORMS[file])]
    return pl.when(pl.col("birth").str.len_bytes() == 10).then(pl.concat_str(pieces)).otherwise("birth")


def day_in_form(days: pl.Expr, file: str) -> pl.Expr:
    """Days since 1970 as this file writes dates; '' for none."""
    return days.cast(pl.Int32).cast(pl.Date).dt.to_string(DATE_FORMS[file]).fill_null("")


def full_name(given: str, family: str) -> pl.Expr:
    """'Given Family', or '' where there is no given name."""
    named = pl.concat_str([given, family], separator=" ").str.strip_chars()
    return pl.when(pl.col(given) != "").then(named).otherwise(pl.lit(""))


def email(given: str, family: str) -> pl.Expr:
    """A private address at example.org."""
    local = pl.concat_str([given, family], separator=".").str.to_lowercase().str.replace_all(r"[^a-z.]", "")
    return local + pl.lit("@example.org")


def finish(frame: pl.DataFrame, file: str, columns: dict[str, pl.Expr]) -> Supplied:
    """The file's columns in their order; what is not given is empty."""
    ordered = [columns.get(name, pl.lit("")).alias(name) for name in COLUMNS[file]]
    return Supplied(frame.select(ordered), frame["child_id"])


def _pieces(form: str) -> list[str]:
    found: list[str] = []
    while form:
        size = 2 if form.startswith("%") else 1
        found.append(form[:size])
        form = form[size:]
    return found
