"""Every table is mutable or append-only, by rights of the database; the server has no more (AUD-3)."""

import pytest
from django.apps import apps
from django.db import connections

MUTABLE = {
    "access": {
        "Account",
        "Accreditation",
        "Application",
        "Clearance",
        "Lapse",
        "MediatedVisit",
        "Merger",
        "OneTimeLink",
        "ProviderLink",
        "Organisation",
        "PastSession",
        "Profile",
        "QuizAttempt",
        "RoleGrant",
        "SignIn",
        "Stop",
        "TrainingResult",
    },
    "audit": set(),
    "directory": {
        "Assessment",
        "AuthorityOpening",
        "Child",
        "Involvement",
        "Name",
        "NameKey",
        "OpeningStep",
        "Redirect",
        "SearchName",
        "SearchNumber",
        "SuppliedRow",
        "Supplier",
    },
    "intake": {"Entry", "Load", "PlaceCode", "Rehearsal", "Timetable"},
    "web": set(),
}
APPEND_ONLY = {"audit": {"Event", "EventChild"}}
ROLES = {"default": "contactpoint_app", "match": "contactpoint_match"}
# Intake may do what the server may, and more; neither can become what owns anything.
BEYOND = {
    "default": ["contactpoint_owner", "contactpoint_hidden", "contactpoint_match"],
    "match": ["contactpoint_owner", "contactpoint_hidden"],
}

pytestmark = pytest.mark.django_db(databases=["default", "match", "owner"])


def ask(using: str, question: str, *given: object) -> object:
    with connections[using].cursor() as cursor:
        cursor.execute(question, list(given))
        return cursor.fetchone()[0]


def test_every_model_is_listed_as_the_one_or_the_other() -> None:
    for label, mutable in MUTABLE.items():
        named = {model.__name__ for model in apps.get_app_config(label).get_models()}
        assert named == mutable | APPEND_ONLY.get(label, set()), label


@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE"])
def test_append_only_is_held_by_the_database_each_partition_too(right: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT oid::regclass::text FROM pg_class"
            " WHERE relname LIKE 'audit\\_event%' AND relkind IN ('r', 'p')"
        )
        tables = [name for (name,) in cursor.fetchall()]
    assert len(tables) >= 2
    for role in ROLES.values():
        for table in tables:
            assert not ask("owner", "SELECT has_table_privilege(%s, %s, %s)", role, table, right), (
                role,
                table,
            )


@pytest.mark.parametrize("using", list(ROLES))
def test_the_service_is_neither_owner_nor_superuser(using: str) -> None:
    assert ask(using, "SELECT current_user") == ROLES[using]
    assert ask(using, "SELECT session_user") == ROLES[using]
    for power in ("rolsuper", "rolcreatedb", "rolcreaterole", "rolbypassrls", "rolreplication"):
        assert ask(using, f"SELECT {power} FROM pg_roles WHERE rolname = current_user") is False, power
    for other in BEYOND[using]:
        assert ask(using, "SELECT pg_has_role(current_user, %s, 'MEMBER')", other) is False, other
    assert ask(using, "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole") == 0
    assert ask(using, "SELECT has_schema_privilege('public', 'CREATE')") is False


def test_the_server_has_no_right_to_anything_hidden() -> None:
    assert ask("default", "SELECT has_schema_privilege('hidden', 'CREATE')") is False
    readable = ask(
        "default",
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'hidden' AND c.relkind IN ('r', 'p', 'v', 'm')"
        " AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'))",
    )
    assert readable == 0
