"""The tables on a day's changes and on a part of a feed are even."""

from contactpoint.jobs.bench.report_feeds import write_deltas, write_feeds
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


def test_a_part_of_a_feed_has_its_row() -> None:
    head = {"rows": 900, "seconds": 3.0, "rows_per_second": 300, "cpu_ms_per_row": 0.412, "peak_rss_mb": 2000}
    stages = {"reading what is known": {"seconds": 1.2, "python": 1.0, "database": 0.1}}
    one = {"linked": 850, "replaced": 0, "made": 20, "not_placed": 30, "stages": stages}
    result = {"headline": head, "feed": one, "memory_mb": {"python": 1500}}
    lines = write_feeds([{"children": 1000, "machine": {"busy": 0.1}, "result": result}])
    assert [len(each) for each in widths(lines)] == [1]
    row = "| 1,000 | 900 | 850 | 20 | 30 | 3 s | 300 | 0.41 ms | 1 s | 1,500 MB | 2,000 MB |"
    assert row in lines
    assert write_feeds([]) == []
