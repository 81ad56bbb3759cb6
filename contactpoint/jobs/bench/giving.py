"""What becomes of a measurement's result: a table or a line of JSON, and where asked the kept runs."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contactpoint.jobs.bench.place import PROJECT

DOCS = PROJECT / "docs" / "benchmarks"


def keep_run(stage: str, children: int, result: dict[str, Any], beside: float) -> None:
    """Add the run to those that are kept, and write tables and plots again."""
    from contactpoint.jobs.bench.machine import describe_machine
    from contactpoint.jobs.bench.plots import draw_plots
    from contactpoint.jobs.bench.report import append_run, write_report

    machine = {**describe_machine(), "busy": beside}
    append_run(
        docs=DOCS, stage=stage, children=children, machine=machine, result=result, at=datetime.now(UTC)
    )
    write_report(docs=DOCS, plots=draw_plots(docs=DOCS))


def give_result(result: dict[str, Any], *, headline: dict[str, Any], as_json: bool, out: Path | None) -> None:
    """Print the result, or write it to a file that another process reads."""
    if out is not None:
        out.write_text(json.dumps(result))
    if as_json:
        sys.stdout.write(json.dumps(headline) + "\n")
    elif out is None:
        from contactpoint.jobs.bench.tables import print_result

        print_result(result)
