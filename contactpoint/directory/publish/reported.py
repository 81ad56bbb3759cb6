"""A death that a supplier reports waits for a person before anything changes (REC-9).

Only a register of deaths says so at once (`died_on`); any other supplier's word is `death_reported_on`.
Once denied, the same report does not come back.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from contactpoint.codes.partial_date import PartialDate
from contactpoint.directory.copying import array
from contactpoint.directory.publish.state import StoredRow

REPORTED = "death_reported_on"
_REPORT = """
INSERT INTO hidden.ending (child_id, kind, happened_on, source, reported_at)
SELECT DISTINCT ON (told.child) told.child, 'died', told.day, told.supplier, %s
FROM unnest(%s::bigint[], %s::date[], %s::text[]) AS told (child, day, supplier)
WHERE NOT EXISTS (SELECT 1 FROM hidden.ending e
    WHERE e.child_id = told.child AND e.kind = 'died' AND e.happened_on = told.day)
ON CONFLICT (child_id, kind) WHERE ended_at IS NULL DO NOTHING
"""


def report_deaths(cursor: Any, *, arrived: Iterable[tuple[int, StoredRow]], at: datetime) -> None:
    """Of the rows that say so, one question for each child."""
    told = [
        (child, said.latest, row.supplier)
        for child, row in arrived
        if (text := row.held.content.get(REPORTED)) and (said := PartialDate.parse(text))
    ]
    if told:
        cursor.execute(_REPORT, [at, *(array(column) for column in zip(*told, strict=True))])
