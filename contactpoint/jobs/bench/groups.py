"""Groups of the made-up England's children for whom matching might be less right than for others."""

from pathlib import Path

import polars as pl

_ORIGINS = {
    "british": "British names",
    "african": "African names",
    "arabic": "Arabic names",
    "east_asian": "East Asian names",
    "east_european": "East European names",
    "indian": "Indian names",
    "south_asian_muslim": "South Asian Muslim names",
    "south_european": "South European names",
}
# What each is called, and who belongs: some children (`is_twin`), some rows (`is_undated`).
GROUPS: dict[str, pl.Expr] = {
    **{words: pl.col("origin") == origin for origin, words in _ORIGINS.items()},
    "one given and one family name, no trouble": ~(
        pl.col("is_twin")
        | pl.col("has_siblings")
        | pl.col("is_mover")
        | pl.col("is_renamed")
        | pl.col("has_nickname")
        | pl.col("is_undated")
        | pl.col("is_single")
    ),
    "twins and triplets": pl.col("is_twin"),
    "brothers and sisters": pl.col("has_siblings") & ~pl.col("is_twin"),
    "moved house": pl.col("is_mover"),
    "name changed": pl.col("is_renamed"),
    "goes by a nickname": pl.col("has_nickname"),
    "looked after": pl.col("is_looked_after"),
    "birth date missing or partial": pl.col("is_undated"),
    "a single name, or a placeholder": pl.col("is_single"),
}


def read_groups(*, folder: Path) -> pl.DataFrame:
    """By child: origin, and whether it is a twin, has siblings, moved, changed its name, has a nickname."""
    truth = pl.read_parquet(folder / "truth" / "children.parquet")
    return truth.select(
        pl.col("child_id").alias("child"),
        "origin",
        "is_twin",
        (pl.len().over("household_id") > 1).alias("has_siblings"),
        "is_mover",
        (pl.col("former_family_name") != "").alias("is_renamed"),
        (pl.col("nickname") != "").alias("has_nickname"),
        "is_looked_after",
    )
