"""The tables on a soak are even, and say where each figure began and ended."""

from contactpoint.jobs.bench.report_soak import write_soak
from contactpoint.jobs.bench.soaking import DRIFTS
from tests.unit.bench.test_protection_report import widths

ROUND = {
    "enquiries_per_second": 20.0, "p50_ms": 60.0, "p95_ms": 180.0, "pages_mb": 200.0, "database_mb": 90.0,
    "disk_mb": 40_000.0,
}  # fmt: skip


def test_a_soak_has_its_rows() -> None:
    last = {**ROUND, "p95_ms": 150.0, "disk_mb": 40_120.0}
    head = {"minutes": 10.0, "errors": 0, **{f"{name}_drift": 0.0 for name in DRIFTS}, "p95_ms_drift": -30.0}
    result = {"headline": head, "pace": 20.0, "rounds": [ROUND, last]}
    lines = write_soak([{"children": 20000, "machine": {"busy": 0.1}, "result": result}])
    assert [len(each) for each in widths(lines)] == [1, 1]
    assert "| 20,000 | 10 | 20 | 20.0 | 0 | 60, 60 ms | +0 ms | 180, 150 ms | -30 ms |" in lines
    assert "| 20,000 | Disk | 40,000, 40,120 MB | +0 MB |" in lines
    assert write_soak([]) == []
