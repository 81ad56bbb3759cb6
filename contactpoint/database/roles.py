"""Makes the four roles and the database, once; running it again changes nothing (SHI-9)."""

import secrets as random_secrets

import psycopg
from psycopg import sql

from contactpoint.database.embedded import DatabaseTrouble
from contactpoint.database.facts import APP, HIDDEN, MATCH, OWNER, DatabaseFacts, read_secrets, write_secrets

SIGN_IN = (OWNER, APP, MATCH)


def prepare_roles(facts: DatabaseFacts) -> None:
    """Make the roles, their passwords and the database. Raises DatabaseTrouble."""
    maintenance = "postgres" if facts.embedded else facts.name
    try:
        connection = _connect_to_any(facts, maintenance)
    except psycopg.OperationalError as error:
        raise DatabaseTrouble(
            f"The database server at {facts.host}:{facts.port} did not let `{facts.administrator}` in.\n"
            f"It said: {str(error).strip()}\nCheck DATABASE_URL; nothing was changed."
        ) from error
    with connection:
        version = connection.info.server_version
        if version < 150000:
            raise DatabaseTrouble(f"PostgreSQL 15 or later is needed; this server is {version // 10000}.")
        _make_roles(connection, facts)
        _make_database(connection, facts)
    with psycopg.connect(**facts.connection(facts.administrator), autocommit=True) as inside:
        _shut_the_public_schema(inside, facts)
        _hide_samples(inside)
    if facts.embedded:  # what is made from the template later is as shut
        template = facts.connection(facts.administrator, database="template1")
        with psycopg.connect(**template, autocommit=True) as inside:
            _hide_samples(inside)


def _connect_to_any(facts: DatabaseFacts, maintenance: str) -> psycopg.Connection:
    try:
        return psycopg.connect(
            **facts.connection(facts.administrator, database=maintenance),
            autocommit=True,
            connect_timeout=10,
        )
    except psycopg.OperationalError:
        if maintenance == "postgres":
            raise
        return _connect_to_any(facts, "postgres")


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None


def _make_roles(connection: psycopg.Connection, facts: DatabaseFacts) -> None:
    known = read_secrets(facts.secrets)
    for role in (*SIGN_IN, HIDDEN):
        if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
            known.pop(role, None)
        if role != HIDDEN and role not in known:
            known[role] = random_secrets.token_urlsafe(24)
            write_secrets(facts.secrets, known)
            connection.execute(
                sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
                    sql.Identifier(role), sql.Literal(known[role])
                )
            )
    owner, hidden = sql.Identifier(OWNER), sql.Identifier(HIDDEN)
    connection.execute(sql.SQL("GRANT {} TO {}").format(hidden, owner))
    connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(APP), sql.Identifier(MATCH)))
    connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(owner))
    if not facts.embedded:
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))


def _make_database(connection: psycopg.Connection, facts: DatabaseFacts) -> None:
    if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", facts.name):
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                sql.Identifier(facts.name), sql.Identifier(OWNER)
            )
        )


def _shut_the_public_schema(connection: psycopg.Connection, facts: DatabaseFacts) -> None:
    owner, name = sql.Identifier(OWNER), sql.Identifier(facts.name)
    connection.execute(sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    connection.execute(sql.SQL("GRANT CREATE, USAGE ON SCHEMA public TO {}").format(owner))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    for role in (APP, MATCH, OWNER):
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, sql.Identifier(role)))
    connection.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(name, owner))


def _hide_samples(connection: psycopg.Connection) -> None:
    """The planner's samples keep values of open tables until the next ANALYZE: longer than a shield may wait.

    Only a superuser may shut them; a real server's administrator may not be one.
    """
    is_superuser = connection.info.parameter_status("is_superuser") == "on"
    for view in ("pg_stats", "pg_stats_ext", "pg_stats_ext_exprs") if is_superuser else ():
        connection.execute(sql.SQL("REVOKE ALL ON pg_catalog.{} FROM PUBLIC").format(sql.Identifier(view)))
