"""A benchmark's children: made up once, published once, and asked about with known answers."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import polars as pl

from contactpoint.jobs.bench.filling import SUPPLIER, fill
from contactpoint.jobs.bench.owner import connect_as_owner
from contactpoint.jobs.bench.place import Place
from contactpoint.jobs.bench.questions import FULL_DATE, Question, Trouble
from contactpoint.jobs.bench.state import finish_stage, read_stages
from contactpoint.progress import Progress
from contactpoint.synthetic.england import make_england
from contactpoint.synthetic.queries import QueryKind, SearchTyped, draw_queries

STAGE = "filled"
SPARE = 1.05  # drawn beyond what is asked: a child who turned 18 since has no record
KINDS: dict[Trouble, QueryKind] = {
    Trouble.ONE_SLIP: "one_slip_each",
    Trouble.COMPOUND: "compound",
    Trouble.NAME_YEAR: "name_year",
    Trouble.GIVEN_DATE_POSTCODE: "given_dob_postcode",
}


def ensure_filled(*, place: Place, children: int, seed: int, progress: Progress) -> dict[str, Any]:
    """Make the children up and publish them, unless that was done; gives how it went."""
    asked = {"children": children, "seed": seed}
    known = read_stages(place.state).get(STAGE)
    if known and known["settings"] == asked:
        return dict(known["result"])
    truth = place.folder / "england" / "truth" / "children.parquet"
    began = time.perf_counter()
    if not truth.exists():
        today = datetime.now(UTC).date()
        make_england(children=children, seed=seed, out=place.folder / "england", on=today, progress=progress)
        for file in truth.parent.parent.glob("*.csv"):
            file.unlink()  # the suppliers' files, with their slips, are for `contactpoint load`
    made_up = time.perf_counter() - began
    result = {**fill(truth=truth, progress=progress), "made_up_in_s": round(made_up, 1)}
    result["bytes_per_child"] = round(database_size() / children)
    finish_stage(path=place.state, stage=STAGE, settings=asked, result=result, at=datetime.now(UTC))
    return result


def database_size() -> int:
    """Bytes of everything but the log, indexes included."""
    with connect_as_owner() as owner:
        row = owner.execute(
            "SELECT sum(pg_total_relation_size(c.oid))"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname IN ('public', 'hidden') AND c.relname NOT LIKE 'audit_%'"
        ).fetchone()
    return int(row[0]) if row else 0


def draw_questions(*, place: Place, seed: int, each: int) -> list[Question]:
    """So many of every kind, about children drawn at random; the kinds take turns."""
    drawn = {trouble: _draw(place, trouble, each, seed) for trouble in KINDS}
    return [question for together in zip(*drawn.values(), strict=True) for question in together]


def draw_enquiries(*, place: Place, seed: int, count: int) -> list[Question]:
    """What practitioners ask over HTTP: one slip in each name and compound trouble, taking turns."""
    half = -(-count // 2)
    drawn = [_draw(place, trouble, half, seed + 1) for trouble in FULL_DATE]
    return [question for together in zip(*drawn, strict=True) for question in together][:count]


def _draw(place: Place, trouble: Trouble, count: int, seed: int) -> list[Question]:
    truth = pl.read_parquet(place.folder / "england" / "truth" / "children.parquet")
    # A shielded child is found by visible fields alone (SHI-3), which is for the rules' tests to prove.
    open_ones = truth.filter(pl.col("restricted") == "")
    typed = draw_queries(open_ones, kind=KINDS[trouble], count=int(count * SPARE) + 5, seed=seed)
    numbers = _find_numbers(one.child_id for one in typed)
    known = [one for one in typed if one.child_id in numbers]
    return [_question(one, trouble, numbers[one.child_id]) for one in known[:count]]


def _question(typed: SearchTyped, trouble: Trouble, number: int) -> Question:
    return Question(
        trouble=trouble,
        given_name=typed.given_name,
        family_name=typed.family_name,
        birth_date=typed.birth_date,
        postcode=typed.postcode,
        wanted=frozenset([number]),
    )


def _find_numbers(references: Iterable[int]) -> dict[int, int]:
    """The directory's number of each child of the truth."""
    with connect_as_owner() as owner:
        rows = owner.execute(
            "SELECT reference, child_id FROM directory_suppliedrow"
            " WHERE supplier_id = %s AND reference = ANY(%s)",
            [SUPPLIER, [str(reference) for reference in references]],
        ).fetchall()
    return {int(reference): child for reference, child in rows}
