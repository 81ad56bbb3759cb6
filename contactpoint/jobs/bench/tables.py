"""A result on the terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table

from contactpoint.jobs.bench.questions import TROUBLE_WORDS, Trouble


def print_result(result: dict[str, Any]) -> None:
    """The headline, and for search the table by kind of question."""
    console = Console()
    headline = result.get("headline", result)
    for name, value in headline.items():
        console.print(f"{name.replace('_', ' ')}: [bold]{value}[/bold]")
    if "door" in result:
        console.print(_by_trouble({"door": result["door"], **result.get("peers", {})}))


def _by_trouble(asked: dict[str, Any]) -> Table:
    table = Table("Question", "Asked", "Recall at 10", "Too many", "p50 ms", "p95 ms", "Worst ms")
    for trouble in Trouble:
        for who, found in asked.items():
            some = found["by_trouble"].get(trouble.value)
            if some:
                table.add_row(
                    TROUBLE_WORDS[trouble] if who == "door" else "",
                    who,
                    f"{some['recall_at_10']:.2%}",
                    f"{some['too_many']:.1%}" if who == "door" else "",
                    f"{some['p50_ms']:.1f}",
                    f"{some['p95_ms']:.1f}",
                    f"{some['max_ms']:.0f}",
                )
    return table
