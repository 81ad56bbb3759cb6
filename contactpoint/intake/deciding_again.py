"""What becomes of a waiting row that a person has decided on (SUP-8). Runs as `match`.

A row that is none of the children it was asked about is matched anew, against the directory as it is now,
by the same rules as any row, so that a child who came in the meantime is met and not doubled (SUP-9).
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from contactpoint.directory.publish import new_child_ids, remove_rows
from contactpoint.directory.values import from_json
from contactpoint.intake.content import MATCHED
from contactpoint.intake.deciding import NEW, Why
from contactpoint.intake.fields import REFERENCE
from contactpoint.intake.frames import ROW
from contactpoint.intake.linking import link_rows
from contactpoint.intake.publishing import say_candidates
from contactpoint.intake.remembered import find_remembered
from contactpoint.intake.waiting import WaitingRow, lock_waiting, publish_waiting
from contactpoint.matching.decide import Outcome
from contactpoint.matching.model import Model
from contactpoint.matching.standardise import standardise_frame


def publish_same(*, cursor: Any, row: int, child: int, decided_by: int, at: datetime) -> int | None:
    """Publish the row for the child that a person said it is; None where it waits no more or must be held."""
    waiting = lock_waiting(cursor=cursor, row=row)
    if waiting is None or waiting.why == Why.NEAR_SHIELD:
        _ask_on(cursor, row)
        return None
    published = publish_waiting(
        cursor=cursor, waiting=waiting, child=child, is_new=False, decided_by=decided_by, at=at
    )
    return child if published else None


def match_again(*, cursor: Any, row: int, decided_by: int, folder: Path, at: datetime) -> int | None:
    """Decide the row anew, knowing what people said of it. Gives the child, None where it goes on waiting."""
    waiting = lock_waiting(cursor=cursor, row=row)
    if waiting is None or waiting.why == Why.NEAR_SHIELD:
        _ask_on(cursor, row)
        return None
    keyed = _frame(waiting)
    verdict = link_rows(
        new=standardise_frame(keyed.select("key", *MATCHED)),
        supplier=waiting.supplier,
        one_row_per_child=True,  # a second row of one supplier is a question, whatever its profile says
        model=Model.load(),
        folder=folder,
        small=True,
        remembered=find_remembered(supplier=waiting.supplier, parts=[keyed]),
    ).get(str(row), NEW)
    child, is_new = verdict.child, False
    if verdict.outcome is Outcome.NEW and waiting.find_authority(at) and not waiting.is_sensitive:
        (child,), is_new = new_child_ids(cursor=cursor, count=1), True
    if child is not None and publish_waiting(
        cursor=cursor, waiting=waiting, child=child, is_new=is_new, decided_by=decided_by, at=at
    ):
        return child
    said = say_candidates(
        verdict, {}, marker=waiting.candidates["marker"], authority=waiting.candidates["authority"]
    )
    cursor.execute(
        "UPDATE hidden.waiting_row SET decision = NULL, why = %s, candidates = %s WHERE id = %s",
        [(verdict.why or Why.DOUBTFUL).value, json.dumps(said), row],
    )
    return None


_HELD = """
SELECT child_id, content::text, digest, load_id, supplied_at FROM (
    SELECT supplier_id, reference, child_id, content, digest, load_id, supplied_at FROM directory_suppliedrow
    UNION ALL
    SELECT supplier_id, reference, child_id, content, digest, load_id, supplied_at FROM hidden.supplied_row
) held WHERE supplier_id = %s AND reference = %s
"""
# A record of which something else is kept, or that is shielded, stays as it is.
_STAYS = """
SELECT EXISTS (SELECT 1 FROM hidden.shield WHERE child_id = %(child)s)
    OR EXISTS (SELECT 1 FROM hidden.sensitive_involvement WHERE child_id = %(child)s)
    OR 1 = (SELECT count(*) FROM directory_suppliedrow WHERE child_id = %(child)s)
       AND (EXISTS (SELECT 1 FROM directory_involvement WHERE child_id = %(child)s)
            OR EXISTS (SELECT 1 FROM directory_assessment WHERE child_id = %(child)s))
"""
_WAIT_AGAIN = """
INSERT INTO hidden.waiting_row
    (supplier_id, reference, content, digest, load_id, supplied_at, why, candidates)
VALUES (%s, %s, %s, %s, %s, %s, 'doubtful', %s)
"""


def ask_again(
    *, cursor: Any, supplier: str, reference: str, candidates: dict[str, Any], at: datetime
) -> int | None:
    """Put the question as it was once more, and take back what was published for its answer.

    Gives the child that loses the row. None: the row is gone, waits still, or its record must stay as it is.
    """
    _widen_question(cursor, supplier, reference, candidates)
    cursor.execute(_HELD, [supplier, reference])
    held = cursor.fetchone()
    if held is None:
        return None
    child, content, digest, load_id, supplied_at = held
    cursor.execute(_STAYS, {"child": child})
    if cursor.fetchone()[0]:
        return None
    remove_rows(cursor=cursor, keys=[(supplier, reference)], load_id=load_id, at=at)
    cursor.execute(
        _WAIT_AGAIN,
        [supplier, reference, content, bytes(digest), load_id, supplied_at, json.dumps(candidates)],
    )
    return int(child)


def _widen_question(cursor: Any, supplier: str, reference: str, candidates: dict[str, Any]) -> None:
    """A row that waits still is asked about these children too."""
    cursor.execute(
        "SELECT id, candidates::text FROM hidden.waiting_row"
        " WHERE supplier_id = %s AND reference = %s FOR UPDATE",
        [supplier, reference],
    )
    for row, text in cursor.fetchall():
        said = json.loads(text)
        known = {each["child"] for each in candidates["children"]}
        asked = [each for each in said["children"] if each["child"] not in known]
        both = [*candidates["children"], *asked]
        said["children"] = sorted(both, key=lambda each: -each.get("weight", 0.0))
        cursor.execute(
            "UPDATE hidden.waiting_row SET decision = NULL, candidates = %s WHERE id = %s",
            [json.dumps(said), row],
        )


def _ask_on(cursor: Any, row: int) -> None:
    cursor.execute("UPDATE hidden.waiting_row SET decision = NULL WHERE id = %s", [row])


def _frame(waiting: WaitingRow) -> pl.DataFrame:
    values = from_json(json.loads(waiting.content))
    address = values.addresses[0] if values.addresses else None
    return pl.DataFrame(
        {
            ROW: [waiting.id],
            "key": [str(waiting.id)],
            REFERENCE: [waiting.reference],
            "given_names": [values.given_names],
            "family_name": [values.family_name],
            "former_family_name": [values.former_names[0].family_name if values.former_names else ""],
            "birth_date": [values.birth_date],
            "gender": [values.gender],
            "postcode": [address.postcode if address else ""],
            "address": [address.lines[0] if address and address.lines else ""],
            "nhs": [values.nhs],
            "upn": [values.upn],
        }
    )
