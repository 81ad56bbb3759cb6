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


def print_matching(result: dict[str, Any]) -> None:
    """Every list, and every group of the made-up England."""
    lists = Table("List", "F1", "Recall", "Automatic recall", "Automatic and wrong")
    for name, some in result["lists"].items():
        wrong, shares = str(some["automatic_wrong"]), ("f1", "recall", "automatic_recall")
        lists.add_row(name, *(f"{some[share]:.4f}" for share in shares), wrong)
    groups = Table("Group", "Rows", "Linked", "Wrong", "Missed", "Asked")
    for name, some in {"everybody": result["england"]["all"], **result["england"]["groups"]}.items():
        linked, asked = (f"{some[share]:.2%}" for share in ("linked_share", "asked_share"))
        groups.add_row(name, f"{some['rows']:,}", linked, str(some["wrong"]), str(some["missed"]), asked)
    Console().print(lists, groups)


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
