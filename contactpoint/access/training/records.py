"""What a question of the training is made of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """One answer is right; `why` is told to whoever chose another."""

    key: str
    text: str
    right: str
    wrong: tuple[str, ...]
    why: str
