"""Which birth dates may be meant by the one typed: pure (SEA-3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class MeantDates:
    """`near` are the day typed and where a partial date that contains it is filed; `slips` all others."""

    near: tuple[date, ...]
    slips: tuple[date, ...]


@lru_cache(maxsize=10_000)
def find_meant(day: date) -> MeantDates:
    """Day and month swapped, a day or two off, one figure wrong, two figures swapped."""
    near = tuple(dict.fromkeys((day, day.replace(day=1), day.replace(month=1, day=1))))
    slips = dict.fromkeys(_slips(day))
    return MeantDates(near, tuple(each for each in slips if each not in near))


def _slips(day: date) -> Iterator[date]:
    yield from _real([(day.year, day.day, day.month)])
    yield from (day + timedelta(days=days) for days in (-1, 1, -2, 2))
    yield from _real((day.year, day.month, each) for each in _one_figure_wrong(day.day))
    yield from _real((day.year, each, day.day) for each in _one_figure_wrong(day.month))
    century, year = divmod(day.year, 100)
    yield from _real((century * 100 + each, day.month, day.day) for each in _one_figure_wrong(year))


def _one_figure_wrong(number: int) -> Iterator[int]:
    tens, units = divmod(number, 10)
    yield units * 10 + tens
    yield from (tens * 10 + other for other in range(10) if other != units)
    yield from (other * 10 + units for other in range(10) if other != tens)


def _real(parts: Iterator[tuple[int, int, int]] | list[tuple[int, int, int]]) -> Iterator[date]:
    for year, month, day in parts:
        try:
            yield date(year, month, day)
        except ValueError:
            continue
