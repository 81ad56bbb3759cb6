"""What import-linter cannot see: string foreign keys, and which doors the pages use."""

import ast
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from django.apps import apps

from contactpoint.directory import actions, queries
from contactpoint.directory.sensitive import actions as sensitive_actions
from contactpoint.directory.sensitive import queries as sensitive_queries

HOME = Path(__file__).parents[2] / "contactpoint"
LOWEST_FIRST = ["audit", "access", "directory", "intake"]
# The only ways to a child from outside the directory (a look, and a practitioner's own entries).
DOORS = {"list_own_involvements", "open_record", "search_children", "search_own_authority"}
CHANGES = {
    "become_lead",
    "close_assessment",
    "confirm_involvement",
    "end_involvement",
    "record_assessment",
    "record_involvement",
    "stop_being_lead",
    "take_back_assessment",
    "take_back_involvement",
}
# The same for a sensitive service's own entries: reading, and what changes them or asks before.
SENSITIVE_DOORS = {"get_own_sensitive", "list_own_sensitive"}
SENSITIVE_CHANGES = {
    "check_consent",
    "check_work",
    "end_sensitive_involvement",
    "insist_provider",
    "record_sensitive_involvement",
    "renew_consent",
    "withdraw_consent",
}
# What the pages may import of the rooms below: doors, and values that are frozen already.
WEB_MAY = {
    "directory": {"actions", "queries", "records", "sensitive", "values"},
    "directory.sensitive": {"actions", "queries", "records"},
    "intake": {"feeds_door", "quality", "queries", "receiving"},
    "audit": {"actions", "kinds"},
}


def imports(folder: str) -> Iterator[tuple[Path, str]]:
    """Every module of ours that files of a folder import, with the file."""
    for path in sorted((HOME / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield from ((path, f"{node.module}.{name.name}") for name in node.names)
            elif isinstance(node, ast.Import):
                yield from ((path, name.name) for name in node.names)


def test_no_foreign_key_points_upwards() -> None:
    for height, label in enumerate(LOWEST_FIRST):
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.get_fields():
                if field.is_relation and not field.auto_created and field.related_model is not None:
                    target = field.related_model._meta.app_label
                    allowed = LOWEST_FIRST[: height + 1]
                    assert target in allowed or target not in LOWEST_FIRST, f"{model} → {target}"


def public_functions(module: ModuleType) -> set[str]:
    return {
        name
        for name, thing in vars(module).items()
        if callable(thing)
        and getattr(thing, "__module__", "") == module.__name__
        and name[0].islower()
        and name[0] != "_"
    }


def test_the_doors_to_a_child_are_these_and_no_others() -> None:
    assert set(queries.__all__) == DOORS
    assert public_functions(actions) == CHANGES
    assert public_functions(sensitive_queries) == SENSITIVE_DOORS
    assert public_functions(sensitive_actions) == SENSITIVE_CHANGES


@pytest.mark.parametrize("room", list(WEB_MAY))
def test_pages_go_through_the_doors_only(room: str) -> None:
    for path, module in imports("web"):
        if module.startswith(f"contactpoint.{room}."):
            part = module.split(".")[room.count(".") + 2]
            assert part in WEB_MAY[room], f"{path.name} imports {module}"


def test_pages_know_no_table_but_that_of_accounts() -> None:
    for path, module in imports("web"):
        assert ".models." not in module or module == "contactpoint.access.models.Account", (path, module)
        assert not module.startswith(("django.db.models", "psycopg")), (path, module)


def test_the_journey_opens_no_transaction_and_no_cursor() -> None:
    for path, module in imports("web/pages"):
        assert not module.startswith("django.db"), (path, module)


def test_views_of_the_journey_stay_small() -> None:
    """A view reads the input and chooses the page; whatever is longer has begun to decide."""
    for path in sorted((HOME / "web" / "pages").glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and any(
                "for_viewer" in ast.dump(each) for each in node.decorator_list
            ):
                lines = (node.end_lineno or 0) - node.lineno + 1
                assert lines <= 18, f"{path.name}: {node.name} has {lines} lines"
