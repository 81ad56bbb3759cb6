"""The same decisions for millions of rows: what is plain is decided by whole columns, the rest one by one.

Plain is a row that met one child, surely, whom no other row met, where no rule could speak against the link.
Nothing here decides otherwise than `deciding` would; a property test holds the two equal.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from contactpoint.intake.deciding import (
    OTHER_BIRTH,
    Verdict,
    decide_scored,
    find_best,
    find_same_number,
    find_undated,
    to_scored,
)
from contactpoint.intake.known import Known
from contactpoint.intake.remembered import Remembered
from contactpoint.matching.decide import COMPATIBLE_GIVEN, Outcome
from contactpoint.matching.explain import find_numbers, place_of
from contactpoint.matching.model import Model

LINKS = {
    "key": pl.String(),
    "child": pl.Int64(),
    "weight": pl.Float64(),
    "probability": pl.Float64(),
    "levels": pl.List(pl.Int8),
}


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What becomes of a file's rows: those in neither are new.

    `links` has key, child, weight, probability and levels of plain links; `others` are verdicts by key.
    """

    links: pl.DataFrame
    others: dict[str, Verdict]

    @classmethod
    def of(cls, verdicts: Mapping[str, Verdict]) -> "Verdicts":
        """Of rows that were decided one by one."""
        return cls(pl.DataFrame(schema=LINKS), dict(verdicts))

    def and_of(self, others: Mapping[str, Verdict]) -> "Verdicts":
        """With these of further rows."""
        return Verdicts(self.links, {**self.others, **others})

    def one_by_one(self) -> dict[str, Verdict]:
        """All of them by key."""
        plain = {
            key: Verdict(Outcome.LINK, child=child, candidates=((child, score),))
            for key, child, score in to_scored(self.links)
        }
        return plain | self.others


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a portion's rows met: `best` and `near` have the columns of LINKS, best score with each child."""

    best: pl.DataFrame
    near: pl.DataFrame
    undated: frozenset[str]


def weigh_rows(
    *, model: Model, new: pl.DataFrame, known: Known, pairs: pl.DataFrame, near: pl.DataFrame
) -> Evidence:
    """As `deciding.decide_rows` takes them; `pairs` and `near` have `child` beside them."""
    found = find_same_number(model, new, known, pairs)
    numbers = [(key, child, each.weight, each.probability, each.levels) for key, child, each in found]
    same_number = pl.DataFrame(numbers, schema=LINKS, orient="row")
    return Evidence(pl.concat([_best(pairs), same_number]), _best(near), find_undated(new))


def gather_evidence(parts: list[Evidence]) -> Evidence:
    """The evidence of all portions of a file."""
    nothing = pl.DataFrame(schema=LINKS)
    return Evidence(
        pl.concat([nothing, *(part.best for part in parts)]),
        pl.concat([nothing, *(part.near for part in parts)]),
        frozenset().union(*(part.undated for part in parts)),
    )


def decide_many(
    *,
    model: Model,
    evidence: Evidence,
    within: pl.DataFrame,
    twins: Collection[str],
    shielded: Collection[int],
    twin_children: Collection[int],
    taken: Collection[int],
    remembered: Remembered,
) -> Verdicts:
    """Verdicts for a file's rows, as `deciding.decide_rows` gives them."""
    is_plain = pl.all_horizontal(
        pl.col("probability") >= model.thresholds.link,
        _level_in("given", find_numbers(model, "given", COMPATIBLE_GIVEN)),
        ~_level_in("birth", find_numbers(model, "birth", OTHER_BIRTH)),
        _is_alone("key"),
        _is_alone("child"),
        ~_among("child", {*shielded, *twin_children, *taken, *remembered.same.values()}, pl.Int64),
        ~_among("key", {*evidence.undated, *twins, *remembered.same}, pl.String),
        ~_among("key", {key for key, _ in remembered.different}, pl.String),
        ~pl.col("key").is_in(evidence.near["key"].unique().implode()),
        ~pl.col("key").is_in(pl.concat([within["key_a"], within["key_b"]]).unique().implode()),
    )
    parted = evidence.best.with_columns(is_plain.alias("plain"))
    others = decide_scored(
        model=model,
        scored=to_scored(parted.filter(~pl.col("plain"))),
        near=to_scored(evidence.near),
        within=within,
        undated=evidence.undated,
        twins=twins,
        shielded=shielded,
        twin_children=twin_children,
        taken=taken,
        remembered=remembered,
    )
    return Verdicts(parted.filter("plain").drop("plain"), others)


def _best(pairs: pl.DataFrame) -> pl.DataFrame:
    return find_best(pairs).rename({"new_key": "key"}).select(list(LINKS)).cast(pl.Schema(LINKS))


def _level_in(field: str, numbers: Collection[int]) -> pl.Expr:
    return pl.col("levels").list.get(place_of(field)).is_in(list(numbers))


def _is_alone(column: str) -> pl.Expr:
    return pl.len().over(column) == 1


def _among(column: str, values: Collection[object], kind: type[pl.DataType]) -> pl.Expr:
    return pl.col(column).is_in(pl.Series(list(values), dtype=kind).implode())
