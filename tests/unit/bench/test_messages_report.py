"""The table on single messages is even, and says how many shields there were."""

from contactpoint.jobs.bench.report_feeds import MESSAGES, write_messages
from tests.unit.bench.test_protection_report import widths

SOME = {"p50_ms": 20.4, "p95_ms": 51.0, "max_ms": 80.0, "program_cpu_ms": 15.0, "database_cpu_ms": 6.0}


def test_every_kind_of_message_has_its_row() -> None:
    run = {
        "children": 1000,
        "machine": {"busy": 0.1},
        "result": {"headline": {"shields": 5}, "kinds": dict.fromkeys(MESSAGES, SOME)},
    }
    lines = write_messages([run])
    assert [len(each) for each in widths(lines)] == [1]
    assert "| 1,000 | 5 | a child whom nobody knew | 20 ms | 51 ms | 80 ms | 15 ms | 6 ms |" in lines
    assert write_messages([]) == []
