"""A supplier's reference that stands for another child now, at once or by slow change (SUP-9).

The supplier says that the row is the same as before; where names and birth date say another child,
a person decides, and what was said before stays until then.
Slow change is seen by comparing with what the reference said at first.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from django.db import connections

from contactpoint.intake.content import MATCHED
from contactpoint.intake.deciding import OTHER_BIRTH, OTHER_GIVEN, Verdict, Why
from contactpoint.intake.fields import REFERENCE
from contactpoint.intake.frames import ROW
from contactpoint.intake.known import COLUMNS, USING
from contactpoint.matching.decide import Outcome
from contactpoint.matching.explain import level_id
from contactpoint.matching.model import Model
from contactpoint.matching.rows import FIELDS, MatchRow
from contactpoint.matching.score import Score, score_pairs
from contactpoint.matching.standardise import standardise_frame

BATCH = 20_000
OTHER_FAMILY = frozenset({"family.different", "family.half"})
OTHER = (OTHER_GIVEN, OTHER_FAMILY, OTHER_BIRTH | {"birth.year"})
_COMPARED = ["given", "family", "birth_date"]
_NOW = f"""
SELECT reference, {COLUMNS} FROM directory_suppliedrow
WHERE supplier_id = %(supplier)s AND reference = ANY(%(some)s)
UNION ALL
SELECT reference, {COLUMNS} FROM hidden.supplied_row
WHERE supplier_id = %(supplier)s AND reference = ANY(%(some)s)
"""
_FIRST = f"""
SELECT DISTINCT ON (reference) reference, {COLUMNS} FROM (
    SELECT e.id, e.previous ->> 'reference' AS reference, e.previous -> 'content' AS content
    FROM hidden.row_effect e
    WHERE e.effect = 'replaced' AND e.child_id = ANY(%(children)s)
      AND (e.previous ->> 'child')::bigint = e.child_id
      AND e.previous ->> 'supplier' = %(supplier)s AND e.previous ->> 'reference' = ANY(%(some)s)
) first ORDER BY reference, id
"""
_SCHEMA = {REFERENCE: pl.String, **dict.fromkeys(MATCHED, pl.String)}


def find_reused(
    *, supplier: str, rows: pl.DataFrame, replaced: Mapping[int, int], model: Model
) -> dict[str, Verdict]:
    """A question for every changed row that may be another child. `rows` has row, reference and MATCHED."""
    with connections[USING].cursor() as cursor:
        cursor.execute(
            "SELECT child_id FROM hidden.shield WHERE child_id = ANY(%s)", [list(replaced.values())]
        )
        shielded = frozenset(child for (child,) in cursor.fetchall())
    changed = rows.filter(pl.col(ROW).is_in(list(replaced)))
    asked: dict[str, Verdict] = {}
    for start in range(0, changed.height, BATCH):
        some = changed.slice(start, BATCH)
        for row, child, score in _find_other(supplier, some, replaced, model):
            why = Why.NEAR_SHIELD if child in shielded else Why.DOUBTFUL
            asked.setdefault(str(row), Verdict(Outcome.ASK, why=why, candidates=((child, score),)))
    return asked


def _find_other(
    supplier: str, rows: pl.DataFrame, replaced: Mapping[int, int], model: Model
) -> Iterator[tuple[int, int, Score]]:
    new = standardise_frame(rows.select(pl.col(ROW).cast(pl.String).alias("key"), *MATCHED))
    children = pl.Series("child", [replaced[row] for row in rows[ROW].to_list()], dtype=pl.Int64)
    new = new.with_columns(rows[REFERENCE], children)
    given = {
        "supplier": supplier,
        "some": rows[REFERENCE].to_list(),
        "children": new["child"].unique().to_list(),
    }
    for query in (_NOW, _FIRST):
        met = new.join(_read(query, given), on=REFERENCE, suffix="_old")
        same = pl.all_horizontal([pl.col(name) == pl.col(f"{name}_old") for name in _COMPARED])
        met = met.filter(~same)
        now = [MatchRow(*values) for values in met.select(FIELDS).iter_rows()]
        old = [MatchRow(*values) for values in met.select(f"{name}_old" for name in FIELDS).iter_rows()]
        for key, child, score in zip(met["key"], met["child"], score_pairs(model, now, old), strict=True):
            if is_another(model, score):
                yield int(key), child, score


def is_another(model: Model, score: Score) -> bool:
    """Two of given name, family name and birth date altogether others, and no number shared."""
    levels = [level_id(model, score.levels, name) for name in ("given", "family", "birth", "nhs", "upn")]
    if "nhs.exact" in levels or "upn.exact" in levels:
        return False
    return sum(level in others for level, others in zip(levels, OTHER, strict=False)) >= 2


def _read(query: str, given: Mapping[str, Any]) -> pl.DataFrame:
    with connections[USING].cursor() as cursor:
        cursor.execute(query, given)
        rows = [tuple("" if value is None else value for value in row) for row in cursor.fetchall()]
    frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    return standardise_frame(frame.with_columns(pl.lit("").alias("key"))).with_columns(frame[REFERENCE])
