"""Link two files one to one, without a directory: what `contactpoint link` gives an analyst.

Uses the same weights, thresholds and rules as intake.
Two things differ, because the two files are all there is.
The prior: each row has about one partner in the other file, not one in all England.
The candidates: small files are compared more widely than eleven million rows could be.
"""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from contactpoint.matching.assign import assign
from contactpoint.matching.bulk import link
from contactpoint.matching.decide import Candidate, Decision, Outcome, decide
from contactpoint.matching.engine import DEFAULT_LIMITS, Limits
from contactpoint.matching.model import Model
from contactpoint.matching.score import Score, probability_of
from contactpoint.matching.twins import find_twins
from contactpoint.progress import Progress, no_progress

# Up to so many possible pairs, rows are also compared on a full birth date or a first address line alone.
_WIDE_UP_TO = 1_000_000_000
_WIDE_RULES = (
    "l.birth = r.birth AND length(l.birth) = 10",
    "l.address = r.address",
)
Compare = Callable[..., pl.DataFrame]
_OUTPUT = {"ref_a": pl.String, "ref_b": pl.String, "probability": pl.Float64, "decision": pl.String}


def link_files(
    a: pl.DataFrame,
    b: pl.DataFrame,
    *,
    model: Model,
    scratch: Path,
    progress: Progress = no_progress,
    limits: Limits = DEFAULT_LIMITS,
    compare: Compare = link,
) -> pl.DataFrame:
    """Pairs of rows of two standardised frames that are one child: ref_a, ref_b, probability, decision.

    Every row stands in at most one pair.
    `decision` is 'link' where intake would link without a person, else 'ask'.
    `compare` is the engine: `bulk.link`, or `spark.link_on_spark`.
    """
    if a.is_empty() or b.is_empty():
        return pl.DataFrame(schema=_OUTPUT)
    fitted = model.with_prior(1.0 / max(a.height, b.height, 2))
    wide = _WIDE_RULES if a.height * b.height <= _WIDE_UP_TO else ()
    pairs = compare(a, b, model=fitted, scratch=scratch, progress=progress, limits=limits, wider=wide)
    progress("deciding", 0, pairs.height)
    decided_a = _decide_side(pairs, model=fitted, own="new_key", other="known_key", own_rows=a, other_rows=b)
    decided_b = _decide_side(pairs, model=fitted, own="known_key", other="new_key", own_rows=b, other_rows=a)
    rows = [
        (
            ref_a,
            ref_b,
            probability_of(weight),
            _is_link(decided_a[ref_a], decided_b[ref_b], ref_a=ref_a, ref_b=ref_b),
        )
        for ref_a, ref_b, weight in _choose(pairs)
    ]
    progress("deciding", pairs.height, pairs.height)
    return pl.DataFrame(rows, schema={**_OUTPUT, "decision": pl.Boolean}, orient="row").with_columns(
        pl.when("decision").then(pl.lit("link")).otherwise(pl.lit("ask")).alias("decision")
    )


def _choose(pairs: pl.DataFrame) -> list[tuple[str, str, float]]:
    # Every pair here is likelier than not, so its weight is positive.
    return assign(pairs.select("new_key", "known_key", "weight").iter_rows())


def _decide_side(
    pairs: pl.DataFrame,
    *,
    model: Model,
    own: str,
    other: str,
    own_rows: pl.DataFrame,
    other_rows: pl.DataFrame,
) -> dict[str, Decision]:
    own_twins, other_twins = find_twins(own_rows), find_twins(other_rows)
    candidates: dict[str, list[Candidate]] = {}
    for key, other_key, weight, probability, levels in pairs.select(
        own, other, "weight", "probability", "levels"
    ).iter_rows():
        score = Score(weight, probability, tuple(levels))
        candidates.setdefault(key, []).append(Candidate(other_key, score, has_twin=other_key in other_twins))
    return {
        key: decide(model=model, candidates=held, has_twin=key in own_twins)
        for key, held in candidates.items()
    }


def _is_link(decided_a: Decision, decided_b: Decision, *, ref_a: str, ref_b: str) -> bool:
    """Sure from both sides, and each the other's best."""
    return (
        decided_a.outcome is Outcome.LINK
        and decided_b.outcome is Outcome.LINK
        and decided_a.candidates[0].key == ref_b
        and decided_b.candidates[0].key == ref_a
    )
