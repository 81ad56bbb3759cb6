"""Every row of the tables on protection has as many cells as its heading, and says what was measured."""

from contactpoint.jobs.bench.near_shields import KINDS
from contactpoint.jobs.bench.protection_report import write_shields, write_timing

KIND = {"hidden_p50_ms": 8.0, "nothing_p50_ms": 7.9, "difference_ms": 0.1, "between_ms": [-0.2, 0.3]}
LOOKS = {
    f"{look}_{share}_ms{where}": 8.0
    for look in ("search", "record")
    for share in ("p50", "p95")
    for where in ("", "_unshielded")
}
TIMING = {
    "children": 1000,
    "result": {
        "shielded": 5,
        "tries": 20,
        "kinds": {"NHS number": KIND},
        "shields_cost": {"search": KIND, "record": KIND},
        "headline": {**LOOKS, "shield_p50_ms": 20.0, "shield_worst_ms": 40.0},
    },
}
PLANTED = {"sent": 5, "joined": 1, "held": 3, "asked": 1, "open": 0}
SHIELDS = {
    "children": 1000,
    "result": {
        "suppliers": {"of_shielded": 12},
        "planted": dict.fromkeys(KINDS, PLANTED),
        "headline": {
            "shields": 5, "rows_of_others_held": 4, "rows_of_others_held_per_shield": 0.8,
            "share_of_all_rows_held": 0.001, "suppliers_rows_that_became_open": 0, "planted": 30,
            "planted_caught": 1.0, "planted_caught_between": [0.88, 1.0],
        },
    },
}  # fmt: skip


def widths(lines: list[str]) -> list[set[int]]:
    """Of each table, how many cells its rows have."""
    tables: list[set[int]] = [set()]
    for line in lines:
        if line.startswith("|"):
            tables[-1].add(line.count("|"))
        elif tables[-1]:
            tables.append(set())
    return [table for table in tables if table]


def test_tables_are_even_and_without_runs_there_are_none() -> None:
    assert [len(each) for each in widths(write_timing([TIMING]))] == [1, 1, 1]
    assert [len(each) for each in widths(write_shields([SHIELDS]))] == [1, 1]
    assert write_timing([]) == write_shields([]) == []
    assert any("-0.20 to +0.30 ms" in line for line in write_timing([TIMING]))
    assert any("100.0%" in line for line in write_shields([SHIELDS]))
