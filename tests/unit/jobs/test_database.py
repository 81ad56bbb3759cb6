"""A database whose tables are not this program's: said in a sentence, and left alone."""

from collections.abc import Iterator

import click
import pytest
from django.db import connections

from contactpoint.jobs.database import _insist_not_newer

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "match", "owner"])


@pytest.fixture
def of_the_future() -> Iterator[None]:
    values = ["access", "9999_of_the_future"]
    with connections["owner"].cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", values)
    yield
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = %s AND name = %s", values)


def test_tables_of_this_program_are_not_newer() -> None:
    _insist_not_newer()


def test_a_newer_program_s_tables_are_left_alone(of_the_future: None) -> None:
    with pytest.raises(click.ClickException, match=r"newer program \(access 9999_of_the_future\)"):
        _insist_not_newer()
