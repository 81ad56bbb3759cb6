"""The table on a day's changes is even, and says how many new children were found at once."""

from contactpoint.jobs.bench.report_feeds import write_deltas
from tests.unit.bench.test_protection_report import widths

HEAD = {
    "rows": 2000, "seconds": 4.0, "rows_per_second": 500, "peak_rss_mb": 1200, "found": 119, "asked": 120,
}  # fmt: skip
STAGES = {
    "Checking rows": {"python": 0.5, "database": 0.1},
    "Publishing rows": {"python": 0.3, "database": 0.2},
}


def test_a_delta_has_its_row() -> None:
    result = {"headline": HEAD, "delta": {"stages": STAGES}}
    lines = write_deltas([{"children": 20000, "machine": {"busy": 0.1}, "result": result}])
    assert [len(each) for each in widths(lines)] == [1]
    row = "| 20,000 | 2,000 | 4.0 s | 500 | 0.40 ms | 0.15 ms | 1,200 MB | 119 of 120 |"
    assert row in lines
    assert write_deltas([]) == []
