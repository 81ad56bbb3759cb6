"""Which of several suppliers' values a record shows: the one table of it (REC-5).

`identity` and `composition` do it; `tests/rules/test_precedence.py` holds them to this table,
and docs/reference/precedence.md is made from it.
"""

from dataclasses import dataclass

ORDER = (
    "A supplier with a lower number is believed first (`precedence` in its profile); "
    "between two rows of equal standing, the one supplied last."
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of one field, and what becomes of the other values."""

    field: str
    shown: str
    others: str


PRECEDENCE = (
    Shown(
        "Name",
        "of the first row in order that has a given and a family name; a placeholder such as Baby or Unknown"
        " gives way to any name",
        "shown as other names, with their source; the record is found by them",
    ),
    Shown(
        "Date of birth",
        "the first in order that is known to the day; else the one with the most parts",
        "kept with their rows, seen in the history of values",
    ),
    Shown("Gender", "the first in order that is not “not specified”", "seen in the history of values"),
    Shown(
        "Addresses",
        "every current one; the one that began, or was supplied, last counts as best",
        "where none is current, those that ended last are shown as last known",
    ),
    Shown("NHS number, UPN", "every one, to those whose sector may see it", "two that differ are both shown"),
    Shown(
        "Parents and carers",
        "every one; lines with the same name become one, each fact from the first row in order that has it",
        "none are left out",
    ),
    Shown(
        "School, GP practice", "every current one, and those left within a year", "older ones are left out"
    ),
    Shown(
        "Services, assessments",
        "each as its own supplier says, and as practitioners record",
        "one supplier never overrules another",
    ),
    Shown(
        "Responsible authority",
        "of the best current address when the record is made; then by agreement",
        "the supplier’s own where the address gives none",
    ),
)


def write_table() -> str:
    """docs/reference/precedence.md."""
    lines = [
        "# What is shown when suppliers differ",
        "",
        "Made from `contactpoint/directory/precedence.py`; a test fails when this page is stale.",
        ORDER,
        "Supplied rows are never edited: the record is computed from them at every look.",
        "Every value keeps its source and date.",
        "What only a sensitive service says is never shown.",
        "",
        "| Field | Shown | Other values |",
        "|---|---|---|",
        *(f"| {each.field} | {each.shown} | {each.others} |" for each in PRECEDENCE),
        "",
    ]
    return "\n".join(lines)
