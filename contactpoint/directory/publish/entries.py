"""Practitioners' own entries when records are joined and parted: who works with the child follows the child.

Of two open entries of one person for one service the older stays, and of two leads the earlier;
what is set aside or loses the lead is remembered whole, and comes back when the records are parted.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from contactpoint.directory.publish.state import ChildState

INVOLVEMENT = (
    "id, child_id, account_id, organisation_id, service, role, team_telephone, team_email,"
    " started_on, ended_on, lead_from, confirmed_at, recorded_at"
)
ASSESSMENT = "id, child_id, account_id, organisation_id, kind, opened_on, closed_on, recorded_at"
SENSITIVE = (
    "row_id, child_id, service, organisation, practitioner, role, started_on, ended_on, basis,"
    " consent_given_by, obtained_by_role, obtained_on, review_on, recorded_by, confirmed_at"
)


@dataclass(frozen=True, slots=True)
class Entries:
    """Ids of what moved; `aside` are whole rows as they were, by table."""

    involvements: tuple[int, ...] = ()
    assessments: tuple[int, ...] = ()
    sensitive: tuple[int, ...] = ()
    aside: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def gather_entries(cursor: Any, *, survivor: int, other: int, is_hidden: bool) -> Entries:
    """Bring all entries of the two under the survivor, on its side."""
    aside: dict[str, list[dict[str, Any]]] = {}
    aside["involvement"] = _set_aside(cursor, "involvement", ("account_id", "service"), survivor, other)
    aside["assessment"] = _set_aside(cursor, "assessment", ("kind",), survivor, other)
    aside["lead"] = _settle_lead(cursor, survivor, other)
    aside["sensitive"] = _set_sensitive_aside(cursor, survivor, other)
    moved = {
        table: _bring(cursor, table, columns, other, survivor, is_hidden=is_hidden)
        for table, columns in (("involvement", INVOLVEMENT), ("assessment", ASSESSMENT))
    }
    cursor.execute(
        "UPDATE hidden.sensitive_involvement SET child_id = %s"
        " WHERE child_id = %s AND recorded_by IS NOT NULL RETURNING row_id",
        [survivor, other],
    )
    sensitive = tuple(row for (row,) in cursor.fetchall())
    return Entries(moved["involvement"], moved["assessment"], sensitive, aside)


def move_entries(cursor: Any, *, ids: Entries, source: ChildState, target: ChildState) -> None:
    """Those of these entries that the source still has become the target's; both are on one side."""
    tables = {"involvement": ids.involvements, "assessment": ids.assessments}
    for name, some in tables.items():
        for table in _sides(name):
            cursor.execute(
                f"UPDATE {table} SET child_id = %s WHERE child_id = %s AND id = ANY(%s)",
                [target.id, source.id, list(some)],
            )
    cursor.execute(
        "UPDATE hidden.sensitive_involvement SET child_id = %s WHERE child_id = %s AND row_id = ANY(%s)",
        [target.id, source.id, list(ids.sensitive)],
    )
    if target.shielded and not source.shielded:
        for name, columns in (("involvement", INVOLVEMENT), ("assessment", ASSESSMENT)):
            _bring(cursor, name, columns, target.id, target.id, is_hidden=True)


def restore_entries(cursor: Any, *, entries: Entries, is_hidden: bool) -> None:
    """Bring back what was set aside, and leads, as they were; what has changed since stays as it is."""
    for name, columns in (("involvement", INVOLVEMENT), ("assessment", ASSESSMENT)):
        rows = entries.aside.get(name, [])
        if rows:
            table = f"hidden.{name}" if is_hidden else f"directory_{name}"
            cursor.execute(
                f"INSERT INTO {table} ({columns}) SELECT {columns}"
                f" FROM jsonb_populate_recordset(NULL::{table}, %s) ON CONFLICT DO NOTHING",
                [json.dumps(rows)],
            )
    if entries.aside.get("sensitive"):
        cursor.execute(
            f"INSERT INTO hidden.sensitive_involvement ({SENSITIVE}) SELECT {SENSITIVE}"
            " FROM jsonb_populate_recordset(NULL::hidden.sensitive_involvement, %s) ON CONFLICT DO NOTHING",
            [json.dumps(entries.aside["sensitive"])],
        )
    for each in entries.aside.get("lead", []):
        for table in _sides("involvement"):
            cursor.execute(
                f"UPDATE {table} i SET lead_from = %s WHERE id = %s AND ended_on IS NULL AND NOT EXISTS"
                f" (SELECT 1 FROM {table} o WHERE o.child_id = i.child_id AND o.lead_from IS NOT NULL"
                " AND o.ended_on IS NULL)",
                [each["lead_from"], each["id"]],
            )


def _sides(name: str) -> tuple[str, str]:
    return f"directory_{name}", f"hidden.{name}"


def _set_aside(
    cursor: Any, name: str, same: tuple[str, ...], survivor: int, other: int
) -> list[dict[str, Any]]:
    """Take away the younger of two open entries that the joined record may have once only."""
    is_open, began = ("ended_on", "started_on") if name == "involvement" else ("closed_on", "opened_on")
    columns = INVOLVEMENT if name == "involvement" else ASSESSMENT
    both = " UNION ALL ".join(f"SELECT {columns} FROM {table}" for table in _sides(name))
    cursor.execute(
        f"SELECT to_jsonb(e)::text FROM (SELECT *, row_number() OVER"
        f" (PARTITION BY {', '.join(same)} ORDER BY {began}, id) AS place"
        f" FROM ({both}) b WHERE child_id = ANY(%s) AND {is_open} IS NULL) e WHERE place > 1",
        [[survivor, other]],
    )
    rows = [json.loads(text) for (text,) in cursor.fetchall()]
    for table in _sides(name):
        cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [[row["id"] for row in rows]])
    return rows


def _settle_lead(cursor: Any, survivor: int, other: int) -> list[dict[str, Any]]:
    """One lead: who was it first stays it."""
    both = " UNION ALL ".join(
        f"SELECT id, child_id, lead_from, ended_on FROM {t}" for t in _sides("involvement")
    )
    cursor.execute(
        f"SELECT id, lead_from::text FROM ({both}) b WHERE child_id = ANY(%s) AND lead_from IS NOT NULL"
        " AND ended_on IS NULL ORDER BY lead_from, id OFFSET 1",
        [[survivor, other]],
    )
    later = [{"id": number, "lead_from": since} for number, since in cursor.fetchall()]
    for table in _sides("involvement"):
        cursor.execute(
            f"UPDATE {table} SET lead_from = NULL WHERE id = ANY(%s)", [[each["id"] for each in later]]
        )
    return later


def _set_sensitive_aside(cursor: Any, survivor: int, other: int) -> list[dict[str, Any]]:
    cursor.execute(
        "DELETE FROM hidden.sensitive_involvement s USING hidden.sensitive_involvement kept"
        " WHERE s.child_id = %s AND kept.child_id = %s AND s.recorded_by = kept.recorded_by"
        " AND s.ended_on IS NULL AND kept.ended_on IS NULL"
        " AND (s.organisation, s.service) = (kept.organisation, kept.service) RETURNING to_jsonb(s)::text",
        [other, survivor],
    )
    return [json.loads(text) for (text,) in cursor.fetchall()]


def _bring(
    cursor: Any, name: str, columns: str, source: int, target: int, *, is_hidden: bool
) -> tuple[int, ...]:
    """All entries of the source to the target, and to the hidden side where the target is there."""
    moved: list[int] = []
    for table in _sides(name):
        cursor.execute(f"UPDATE {table} SET child_id = %s WHERE child_id = %s RETURNING id", [target, source])
        moved += [number for (number,) in cursor.fetchall()]
    if is_hidden:
        cursor.execute(
            f"WITH gone AS (DELETE FROM directory_{name} WHERE child_id = %s RETURNING *)"
            f" INSERT INTO hidden.{name} ({columns}) SELECT {columns} FROM gone",
            [target],
        )
    return tuple(moved)
