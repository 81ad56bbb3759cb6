"""Chunks are worked on two at a time, in order, and nothing goes on after a failure or a stop."""

import threading
from contextlib import closing

import polars as pl
import pytest

from contactpoint.intake.side_by_side import work_side_by_side

CHUNKS = [pl.DataFrame({"n": [number]}) for number in range(6)]


def never(chunk: pl.DataFrame) -> bool:
    return False


def test_two_are_under_way_at_once_and_results_come_in_order() -> None:
    together = threading.Barrier(2, timeout=30)  # one alone would wait for ever

    def work(chunk: pl.DataFrame) -> int:
        together.wait()
        return int(chunk["n"][0])

    assert list(work_side_by_side(CHUNKS, work, alone=never)) == [0, 1, 2, 3, 4, 5]


def test_a_chunk_that_must_be_alone_waits_for_all_before_it() -> None:
    ended: list[int] = []
    seen: dict[int, list[int]] = {}
    go_on = threading.Event()

    def work(chunk: pl.DataFrame) -> None:
        number = int(chunk["n"][0])
        seen[number] = list(ended)
        if number == 1:
            go_on.wait(0.3)  # long enough for a third to begin, were it let
        ended.append(number)

    list(work_side_by_side(CHUNKS[:3], work, alone=lambda chunk: chunk["n"][0] == 2))
    assert sorted(seen[2]) == [0, 1]


def test_after_a_failure_no_other_begins() -> None:
    begun: list[int] = []

    def work(chunk: pl.DataFrame) -> None:
        begun.append(int(chunk["n"][0]))
        if begun[-1] == 0:
            raise ValueError("no room")

    with pytest.raises(ValueError, match="no room"):
        list(work_side_by_side(CHUNKS, work, alone=never))
    assert set(begun) <= {0, 1}


def test_closing_waits_for_what_is_under_way() -> None:
    ended: list[int] = []

    def work(chunk: pl.DataFrame) -> int:
        threading.Event().wait(0.1 * int(chunk["n"][0]))
        ended.append(int(chunk["n"][0]))
        return ended[-1]

    with closing(work_side_by_side(CHUNKS, work, alone=never)) as results:
        assert next(results) == 0
    begun = sorted(ended)
    threading.Event().wait(0.3)
    assert sorted(ended) == begun  # nothing goes on afterwards
    assert begun in ([0], [0, 1], [0, 1, 2])  # on a busy machine the second may not have begun
