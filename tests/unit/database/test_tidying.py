"""Indexes are rebuilt while they are used, and what a stopped rebuilding left is taken away."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.db import IntegrityError, connections

from contactpoint.database.tidying import rebuild_indexes

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "match", "owner"])


@pytest.fixture
def worn() -> Iterator[None]:
    """A table of ours whose index has lost nine rows in ten."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE public.worn (number integer PRIMARY KEY, same boolean DEFAULT true)")
        cursor.execute("INSERT INTO public.worn (number) SELECT generate_series(1, 200000)")
        cursor.execute("DELETE FROM public.worn WHERE number % 10 <> 0")
        with suppress(IntegrityError):  # what fails in the middle leaves an index that nobody uses
            cursor.execute("CREATE UNIQUE INDEX CONCURRENTLY worn_ccnew ON public.worn (same)")
    yield
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP TABLE public.worn")


def test_room_is_given_back(worn: None) -> None:
    told: list[tuple[str, int, int | None]] = []
    with connections["owner"].cursor() as cursor:
        before, after = rebuild_indexes(cursor, progress=lambda *said: told.append(said))
        cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE 'worn%' AND relkind = 'i'")
        assert cursor.fetchall() == [("worn_pkey",)]
        cursor.execute("SELECT count(*) FROM public.worn WHERE number BETWEEN 100 AND 199")
        assert cursor.fetchone() == (10,)
    assert after < before / 2
    assert told[-1][1] == told[-1][2]
