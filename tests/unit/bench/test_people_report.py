"""The report's part on people says which page was slowest, and what a night took."""

from contactpoint.jobs.bench.report_people import write_people


def test_the_slowest_pages_come_first() -> None:
    pages = [
        {"who": "auditor", "page": "log", "p50_ms": 10.0, "p95_ms": 20.0, "cpu_ms": 5.0},
        {"who": "account manager", "page": "team", "p50_ms": 40.0, "p95_ms": 80.0, "cpu_ms": 30.0},
    ]
    head = {
        "accounts": 330_000,
        "organisations": 20_000,
        "slowest_page": "team, account manager",
        "slowest_page_p95_ms": 80.0,
        "night_s": 5.5,
        "first_night_s": 57.4,
    }
    nights = [{"warned": 160_000}, {"warned": 8_000}, {"warned": 9_000}]
    run = {
        "machine": {"busy": 0.1},
        "result": {"headline": head, "events": 2_000_000, "pages": pages, "nights": nights},
    }
    lines = write_people([run])
    told = next(line for line in lines if line.startswith("| 330,000"))
    assert "57.4 s | 5.5 s | 8,500 |" in told
    rows = [line for line in lines if line.startswith(("| auditor", "| account manager"))]
    assert [row.split("|")[1].strip() for row in rows] == ["account manager", "auditor"]
    assert write_people([]) == []
