"""A server of the operator's own (DATABASE_URL): set up by no superuser, nobody locked out."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from contactpoint.database.embedded import running
from contactpoint.database.facts import (
    APP,
    HIDDEN,
    MATCH,
    OWNER,
    SUPERUSER,
    DatabaseFacts,
    DatabaseTrouble,
    get_facts,
)
from contactpoint.database.roles import insist_on_password, may_read_samples, prepare_roles

FAST = {"fsync": "off", "shared_buffers": "16MB", "max_wal_size": "64MB"}
MakeFacts = Callable[..., DatabaseFacts]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseFacts]:
    """Stands for the operator's: it was never prepared by us."""
    facts = get_facts(data=tmp_path_factory.mktemp("server"))
    with running(facts, settings=FAST):
        with connect(facts) as connection:
            connection.execute("CREATE ROLE admin LOGIN CREATEROLE CREATEDB PASSWORD 'right'")
            connection.execute("CREATE ROLE weak LOGIN PASSWORD 'right'")
            connection.execute("CREATE DATABASE theirs")
        yield facts


@pytest.fixture
def at(server: DatabaseFacts, tmp_path: Path) -> Iterator[MakeFacts]:
    """A data folder of its own that uses this server; afterwards the server is as it was."""

    def make(folder: str, *, name: str = "cp", user: str = "admin") -> DatabaseFacts:
        url = f"postgresql://{user}:right@/{name}?host={server.host}"
        return get_facts(data=tmp_path / folder, url=url)

    yield make
    with connect(server) as connection:
        connection.execute("DROP DATABASE IF EXISTS cp")
        for role in (OWNER, APP, MATCH, HIDDEN):
            connection.execute(f"DROP ROLE IF EXISTS {role}")


def connect(server: DatabaseFacts) -> psycopg.Connection:
    return psycopg.connect(**server.connection(SUPERUSER, database="postgres"), autocommit=True)


def test_an_administrator_who_is_no_superuser_can_set_up_and_again(at: MakeFacts) -> None:
    facts = at("one")
    prepare_roles(facts)
    before = facts.secrets.read_text()
    prepare_roles(facts)
    assert facts.secrets.read_text() == before
    assert may_read_samples(facts), "only a superuser can shut them, so that the operator is told"


def test_a_second_data_folder_is_refused_and_the_first_still_gets_in(at: MakeFacts) -> None:
    first, second = at("one"), at("two")
    prepare_roles(first)
    with pytest.raises(DatabaseTrouble, match=r"Copy its roles\.json"):
        prepare_roles(second)
    insist_on_password(first, APP)
    second.data.mkdir(parents=True, exist_ok=True)
    second.secrets.write_text(first.secrets.read_text())
    prepare_roles(second)


def test_new_passwords_are_asked_for_in_so_many_words_and_lock_the_other_folder_out(at: MakeFacts) -> None:
    first, second = at("one"), at("two")
    prepare_roles(first)
    prepare_roles(second, new_passwords=True)
    with pytest.raises(DatabaseTrouble, match="does not take the password of `contactpoint_app`"):
        insist_on_password(first, APP)
    with pytest.raises(DatabaseTrouble, match="does not take the password"):
        prepare_roles(first)


def test_a_set_up_that_was_stopped_between_file_and_server_goes_on(
    at: MakeFacts, server: DatabaseFacts
) -> None:
    facts = at("one")
    prepare_roles(facts)
    with connect(server) as connection:
        connection.execute(f"ALTER ROLE {MATCH} NOLOGIN PASSWORD NULL")
    prepare_roles(facts)
    insist_on_password(facts, MATCH)


@pytest.mark.parametrize(
    ("name", "user", "said"),
    [("cp", "weak", "CREATEROLE and CREATEDB"), ("theirs", "admin", "belongs to somebody else")],
)
def test_what_is_lacking_is_a_sentence(at: MakeFacts, name: str, user: str, said: str) -> None:
    with pytest.raises(DatabaseTrouble, match=said):
        prepare_roles(at("one", name=name, user=user))


def test_a_server_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    facts = get_facts(data=tmp_path, url=f"postgresql://admin:hidden@/cp?host={tmp_path}")
    with pytest.raises(DatabaseTrouble, match="Is it running") as trouble:
        prepare_roles(facts)
    assert "hidden" not in str(trouble.value)
