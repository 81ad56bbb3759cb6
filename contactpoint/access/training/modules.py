"""Which modules there are, in which versions they count, and for how long (ACC-3).

A version changes when the rules that it teaches do; one that no longer counts leaves `versions`.
"""

from dataclasses import dataclass

from contactpoint.access.training import hidden, looking, recording
from contactpoint.access.training.records import Question

ASKED = 5  # of each module's questions, drawn anew for each attempt
PASS_MARK = 4
YEARS = 1  # a setting of ACC-3


@dataclass(frozen=True, slots=True)
class Module:
    """`points` are read before the questions; the last of `versions` is today's."""

    key: str
    name: str
    versions: tuple[str, ...]
    points: tuple[str, ...]
    questions: tuple[Question, ...]

    @property
    def version(self) -> str:
        return self.versions[-1]


MODULES = {
    module.key: module
    for module in (
        Module("looking", "Looking a child up", ("2026-1",), looking.POINTS, looking.QUESTIONS),
        Module("hidden", "What is hidden, and why", ("2026-1",), hidden.POINTS, hidden.QUESTIONS),
        Module(
            "recording",
            "What to record, and reading aloud for somebody else",
            ("2026-1",),
            recording.POINTS,
            recording.QUESTIONS,
        ),
    )
}
