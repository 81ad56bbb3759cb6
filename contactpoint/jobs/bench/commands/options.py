"""Options that every measurement has, and the place in which one works."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from contactpoint.jobs.bench.place import Place, alone, enter
from contactpoint.progress import Progress

SEED = 2026


def shared(*, with_children: bool = True) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Options of every measurement."""

    def add(function: Callable[..., None]) -> Callable[..., None]:
        out = click.option("--out", type=click.Path(path_type=Path), hidden=True)
        as_json = click.option("--json", "as_json", is_flag=True, help="One line of JSON instead of a table.")
        function = as_json(out(function))
        if with_children:
            function = click.option(
                "--seed", default=SEED, show_default=True, type=click.IntRange(0, 2**32 - 1)
            )(function)
            function = click.option("--children", default=100_000, show_default=True)(function)
        return function

    return add


@contextmanager
def working_in(place: Place) -> Iterator[Progress]:
    """The place's database up, nobody else measuring in it, and progress to report."""
    enter(place)
    from contactpoint.jobs.database import database
    from contactpoint.jobs.progress_bar import progress_bar

    with alone(place), database(migrate=True), progress_bar() as progress:
        yield progress


def read_numbers(*, text: str, name: str) -> tuple[int, ...]:
    """Whole numbers above 0. Raises UsageError, which names the option."""
    words = text.replace(",", " ").split()
    if not words or not all(word.isascii() and word.isdigit() and int(word) > 0 for word in words):
        raise click.UsageError(f"{name} must be whole numbers above 0, for example '100000 1000000'.")
    return tuple(int(word) for word in words)
