"""Two processes of one data folder: the second waits, says so, and goes on when the first has ended."""

import threading
from pathlib import Path

from contactpoint.jobs.turns import our_turn


def test_the_second_waits_says_so_once_and_goes_on(tmp_path: Path) -> None:
    lock = tmp_path / "data" / "preparing"
    said: list[str] = []
    order: list[str] = []
    waits = threading.Event()

    def say(words: str) -> None:
        said.append(words)
        waits.set()

    def second() -> None:
        with our_turn(lock, say=say, waiting="waiting"):
            order.append("second")

    thread = threading.Thread(target=second)
    with our_turn(lock, say=order.append, waiting="the first never waits"):
        thread.start()
        assert waits.wait(10)
        order.append("first")
    thread.join(10)
    assert (said, order) == (["waiting"], ["first", "second"])
