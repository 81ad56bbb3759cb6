"""How long work tells the door that started it how far it is.

The work calls `progress(stage, done, total)`; the door shows rate and time left.
`total` is None where it is not known yet.
"""

from collections.abc import Callable

Progress = Callable[[str, int, "int | None"], None]


def no_progress(stage: str, done: int, total: int | None) -> None:
    """For callers that show nothing."""


STEP = 10_000  # rows


def in_rows_of(rows: int, progress: Progress) -> Progress:
    """Tell how much is done as a share of `rows`, in whole steps, each once and in order.

    What is told depends on `rows` alone, not on how many went another way, nor in which pieces (SHI-3).
    """
    told = dict[str, int]()  # by stage

    def tell(stage: str, done: int, total: int | None) -> None:
        if stage not in told:
            told[stage] = 0
            progress(stage, 0, rows)
        reached = rows * done // total // STEP * STEP if total and done < total else rows
        while told[stage] < reached:
            told[stage] = min(told[stage] + STEP, rows)
            progress(stage, told[stage], rows)

    return tell


def say_pace(*, done: int, total: int | None, seconds: float) -> str:
    """Rate and time left, to follow "so many of so many"; '' where it is too early to say."""
    if done <= 0 or seconds <= 0:
        return ""
    rate = done / seconds
    shown = f"{rate:,.0f} a second" if rate >= 1 else f"{rate * 60:,.0f} a minute"
    if not total or total <= done:
        return f", {shown}"
    return f", {shown}, {_say_time((total - done) / rate)} left"


def _say_time(seconds: float) -> str:
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 90 else f"about {minutes // 60} h {minutes % 60} min"
