"""Makes the four roles and the database, once; running it again changes nothing (SHI-9)."""

import secrets as random_secrets

import psycopg
from psycopg import sql

from contactpoint.database.facts import (
    APP,
    HIDDEN,
    MATCH,
    OWNER,
    DatabaseFacts,
    DatabaseTrouble,
    read_secrets,
    write_secrets,
)

SIGN_IN = (OWNER, APP, MATCH)
SAMPLES = ("pg_stats", "pg_stats_ext", "pg_stats_ext_exprs")
PATIENCE = 10  # seconds for a server to let us in
HOW_TO = "See docs/how-to/use-your-own-postgresql.md."


def prepare_roles(facts: DatabaseFacts, *, new_passwords: bool = False) -> None:
    """Make the roles, their passwords and the database. Raises DatabaseTrouble.

    `new_passwords` replaces those of roles that another data folder made; whoever uses them is locked out.
    """
    try:
        with _connect_to_any(facts, "postgres" if facts.embedded else facts.name) as connection:
            version = connection.info.server_version
            if version < 150000:
                raise DatabaseTrouble(f"PostgreSQL 15 or later is needed; this server is {version // 10000}.")
            _make_roles(connection, facts, new_passwords)
            _make_database(connection, facts)
        with psycopg.connect(**facts.connection(facts.administrator), autocommit=True) as inside:
            _shut_the_public_schema(inside, facts)
            _hide_samples(inside)
        if facts.embedded:  # what is made from the template later is as shut
            template = facts.connection(facts.administrator, database="template1")
            with psycopg.connect(**template, autocommit=True) as inside:
                _hide_samples(inside)
    except psycopg.OperationalError as error:
        raise DatabaseTrouble(_why_not_in(facts, facts.administrator, error)) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseTrouble(
            f"The server refused to let `{facts.administrator}` set up: {error.diag.message_primary}.\n"
            f"It needs LOGIN, CREATEROLE and CREATEDB, and an existing database must be its own. {HOW_TO}"
        ) from error
    if not facts.embedded:
        for role in SIGN_IN:
            insist_on_password(facts, role)


def may_read_samples(facts: DatabaseFacts) -> bool:
    """Whether the server's role may read what the planner sampled, values of open tables among it (SHI-9)."""
    with psycopg.connect(**facts.connection(APP), autocommit=True) as connection:
        asked = "SELECT has_table_privilege('pg_catalog.' || %s, 'SELECT')"
        found = [connection.execute(asked, [view]).fetchone() for view in SAMPLES]
    return any(row and row[0] for row in found)


def insist_on_password(facts: DatabaseFacts, role: str) -> None:
    """Raises DatabaseTrouble where the server does not answer, or does not take the password we hold."""
    try:
        psycopg.connect(**facts.connection(role), connect_timeout=PATIENCE).close()
    except psycopg.OperationalError as error:
        raise DatabaseTrouble(_why_not_in(facts, role, error)) from error


def _why_not_in(facts: DatabaseFacts, role: str, error: psycopg.OperationalError) -> str:
    where = f"The database server at {facts.host}:{facts.port}"
    said = f"It said: {str(error).strip()}"
    if "No space left" in str(error):
        return f"The disk of the database is full. Make room, then run the same command again.\n{said}"
    if "authentication failed" not in str(error):
        advice = "Is it running?" if facts.embedded else "Is it running, and is DATABASE_URL right?"
        return f"{where} did not let `{role}` in.\n{said}\n{advice} Nothing was changed."
    if role == facts.administrator:
        return f"{where} did not let `{role}` in.\n{said}\nCheck DATABASE_URL; nothing was changed."
    return f"{where} does not take the password of `{role}` in {facts.secrets}.\n{_choices(facts)}"


def _choices(facts: DatabaseFacts) -> str:
    return (
        f"Another data folder set it. Copy its roles.json to {facts.secrets}, or use another server. "
        "`contactpoint database prepare --new-passwords` sets new ones, and locks that other folder out. "
        f"Nothing was changed. {HOW_TO}"
    )


def _connect_to_any(facts: DatabaseFacts, maintenance: str) -> psycopg.Connection:
    try:
        return psycopg.connect(
            **facts.connection(facts.administrator, database=maintenance),
            autocommit=True,
            connect_timeout=PATIENCE,
        )
    except psycopg.OperationalError:
        if maintenance == "postgres":
            raise
        return _connect_to_any(facts, "postgres")


def _make_roles(connection: psycopg.Connection, facts: DatabaseFacts, new_passwords: bool) -> None:
    known = {} if new_passwords and not facts.embedded else read_secrets(facts.secrets)
    for role in (*SIGN_IN, HIDDEN):
        found = connection.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        if found is None:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
            known.pop(role, None)
        elif found[0] and role not in known and not facts.embedded and not new_passwords:
            raise DatabaseTrouble(
                f"The server at {facts.host}:{facts.port} has the role `{role}` already, and its password is "
                f"not in {facts.secrets}.\n{_choices(facts)}"
            )
        if role != HIDDEN and (role not in known or found is None or not found[0]):
            _set_password(connection, facts, role, known)
    owner, hidden = sql.Identifier(OWNER), sql.Identifier(HIDDEN)
    connection.execute(sql.SQL("GRANT {} TO {}").format(hidden, owner))
    connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(APP), sql.Identifier(MATCH)))
    connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(owner))
    if not facts.embedded:
        connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))


def _set_password(
    connection: psycopg.Connection, facts: DatabaseFacts, role: str, known: dict[str, str]
) -> None:
    """Kept before it counts: a run that is stopped between the two sets it again."""
    known[role] = random_secrets.token_urlsafe(24)
    write_secrets(facts.secrets, known)
    # Only its SCRAM verifier is sent: a server may log the statements that it is given.
    verifier = connection.pgconn.encrypt_password(known[role].encode(), role.encode(), b"scram-sha-256")
    connection.execute(
        sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
            sql.Identifier(role), sql.Literal(verifier.decode())
        )
    )


def _make_database(connection: psycopg.Connection, facts: DatabaseFacts) -> None:
    found = connection.execute(
        "SELECT pg_has_role(datdba, 'USAGE'), pg_encoding_to_char(encoding)"
        " FROM pg_database WHERE datname = %s",
        [facts.name],
    ).fetchone()
    if found is not None and found != (True, "UTF8"):
        raise DatabaseTrouble(
            f"The database `{facts.name}` belongs to somebody else, or its encoding is not UTF8. "
            f"Name one that does not exist yet, and it is made. Nothing of it was changed. {HOW_TO}"
        )
    if found is None:
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
    for view in SAMPLES if is_superuser else ():
        connection.execute(sql.SQL("REVOKE ALL ON pg_catalog.{} FROM PUBLIC").format(sql.Identifier(view)))
