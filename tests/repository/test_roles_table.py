"""The table of roles that people judge is the one that the software obeys."""

from pathlib import Path

from contactpoint.access.roles_table import make_table

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "roles.md"


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text() == make_table(), (
        "python -m contactpoint.access.roles_table > docs/reference/roles.md"
    )
