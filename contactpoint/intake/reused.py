"""A supplier's reference that stands for another child now, at once or by slow change (SUP-9).

The supplier says that the row is the same as before; where names and birth date say another child,
a person decides, and what was said before stays until then.
Slow change is seen by comparing with what the reference said at first.
"""

from collections.abc import Iterator, Mapping
from operator import attrgetter
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
from contactpoint.matching.rows import MatchRow
from contactpoint.matching.score import Score, score_pairs
from contactpoint.matching.standardise import frame_to_rows, standardise_frame

BATCH = 20_000
OTHER_FAMILY = frozenset({"family.different", "family.half"})
OTHER = (OTHER_GIVEN, OTHER_FAMILY, OTHER_BIRTH | {"birth.year"})
_compared = attrgetter("given", "family", "birth_date")
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
    numbers, references = rows[ROW].to_list(), rows[REFERENCE].to_list()
    said = dict(zip(references, zip(numbers, _standard(rows), strict=True), strict=True))
    children = list({replaced[row] for row in numbers})
    given = {"supplier": supplier, "some": references, "children": children}
    for query in (_NOW, _FIRST):
        met = [(*said[reference], old) for reference, old in _read(query, given)]
        met = [(row, now, old) for row, now, old in met if _compared(now) != _compared(old)]
        scores = score_pairs(model, [now for _, now, _ in met], [old for _, _, old in met])
        for (row, _, _), score in zip(met, scores, strict=True):
            if is_another(model, score):
                yield row, replaced[row], score


def is_another(model: Model, score: Score) -> bool:
    """Two of given name, family name and birth date altogether others, and no number shared."""
    levels = [level_id(model, score.levels, name) for name in ("given", "family", "birth", "nhs", "upn")]
    if "nhs.exact" in levels or "upn.exact" in levels:
        return False
    return sum(level in others for level, others in zip(levels, OTHER, strict=False)) >= 2


def _read(query: str, given: Mapping[str, Any]) -> Iterator[tuple[str, MatchRow]]:
    with connections[USING].cursor() as cursor:
        cursor.execute(query, given)
        held = pl.DataFrame(cursor.fetchall(), schema=_SCHEMA, orient="row")
    return zip(held[REFERENCE].to_list(), _standard(held), strict=True)


def _standard(rows: pl.DataFrame) -> list[MatchRow]:
    return frame_to_rows(standardise_frame(rows[list(MATCHED)].with_columns(pl.lit("").alias("key"))))
