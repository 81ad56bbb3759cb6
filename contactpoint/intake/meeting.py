"""Which rows meet, and how strongly: by the engine for many rows, by the small scorer for few.

Both give the same pairs and scores (tests hold them equal).
Starting the engine costs a second or two, which a practitioner's entry or a small delta should not.
Tells nobody how far it is: what it counts depends on who is hidden (SHI-3).
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from contactpoint.matching.candidates import WIDER, blocking_keys, wider_keys
from contactpoint.matching.model import Model
from contactpoint.matching.rows import FIELDS, MatchRow
from contactpoint.matching.score import score_pairs
from contactpoint.matching.standardise import frame_to_rows
from contactpoint.matching.twins import find_twins

FEW = 1_000  # rows
NEAR_SHIELD = 0.005  # SHI-5: from this probability a row near a shielded child is held
_SCHEMA = {"weight": pl.Float64(), "probability": pl.Float64(), "levels": pl.List(pl.Int8)}


def meet_known(*, new: pl.DataFrame, known: pl.DataFrame, model: Model, folder: Path) -> pl.DataFrame:
    """Pairs of a new and a known row from the asking threshold up: new_key, known_key and the score."""
    if new.height <= FEW:
        return _score_few(new, known, ("new_key", "known_key"), model, model.thresholds.ask)
    from contactpoint.matching.bulk import (
        link,  # Splink takes a second to import, and pages import intake too
    )

    return link(new, known.select(FIELDS), model=model, scratch=folder)


def meet_shielded(*, new: pl.DataFrame, shielded: pl.DataFrame, model: Model, folder: Path) -> pl.DataFrame:
    """The same with shielded children, compared more widely, from NEAR_SHIELD up."""
    if shielded.is_empty() or new.height <= FEW:
        return _score_few(new, shielded, ("new_key", "known_key"), model, NEAR_SHIELD, wider=True)
    from contactpoint.matching.bulk import link

    return link(
        new,
        shielded.select(FIELDS),
        model=model,
        scratch=folder,
        least=NEAR_SHIELD,
        wider=WIDER,
    )


def meet_each_other(*, new: pl.DataFrame, model: Model, folder: Path) -> pl.DataFrame:
    """Pairs within one file: key_a, which stands before key_b, and the score."""
    if new.height == 1:
        return _score_few(new.clear(), new.clear(), ("key_a", "key_b"), model, 1.0)
    if new.height <= FEW:
        return _score_few(new, new, ("key_a", "key_b"), model, model.thresholds.ask)
    from contactpoint.matching.bulk import dedupe

    return dedupe(new, model=model, scratch=folder)


def meet_in_portions(
    *, portions: Iterable[pl.DataFrame], rows: int, model: Model, folder: Path
) -> tuple[pl.DataFrame, frozenset[str]]:
    """The same for all portions of a file together, and which of its rows have a twin in it."""
    if rows <= FEW:
        new = pl.concat(portions)
        met = meet_each_other(new=new, model=model, folder=folder)
        return met, find_twins(new)
    from contactpoint.matching.bulk import dedupe_portions

    return dedupe_portions(portions, model=model, scratch=folder)


def _score_few(
    left: pl.DataFrame,
    right: pl.DataFrame,
    names: tuple[str, str],
    model: Model,
    least: float,
    *,
    wider: bool = False,
) -> pl.DataFrame:
    within = left is right
    schema = {name: pl.String() for name in names} | _SCHEMA
    if left.is_empty() or right.is_empty():
        return pl.DataFrame(schema=schema)
    others = frame_to_rows(right)
    by_key: dict[str, list[int]] = {}
    for place, row in enumerate(others):
        for key in _keys(row, wider=wider):
            by_key.setdefault(key, []).append(place)
    pairs: list[tuple[MatchRow, MatchRow]] = []
    for place, row in enumerate(frame_to_rows(left)):
        met = _met(_keys(row, wider=wider), by_key)
        pairs += [(row, others[other]) for other in sorted(met) if not within or other > place]
    scores = score_pairs(model, [a for a, _ in pairs], [b for _, b in pairs])
    kept = [
        (a.key, b.key, score.weight, score.probability, list(score.levels))
        for (a, b), score in zip(pairs, scores, strict=True)
        if score.probability >= least
    ]
    return pl.DataFrame(kept, schema=schema, orient="row")


def _keys(row: MatchRow, *, wider: bool) -> tuple[str, ...]:
    # Near a shield more is compared than elsewhere: a missed look-alike is an open copy (SHI-5).
    return blocking_keys(row) + (wider_keys(row) if wider else ())


def _met(keys: Iterable[str], by_key: Mapping[str, list[int]]) -> set[int]:
    return {place for key in keys for place in by_key.get(key, ())}
