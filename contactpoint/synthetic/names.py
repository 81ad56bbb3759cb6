"""Names as diverse as England's: lists of common names, and a generator for the long tail of each origin.

Owns which names exist and how common each is; the lists are in `names/*.toml`.
A name is a number until it is written: below the length of the list it is a listed name,
above it the rank of a generated one, drawn so that rank r is about as common as 1/r (Zipf).
So the number of distinct names grows with the number of children, as it does in life.
"""

import math
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

_NAMES = Path(__file__).with_name("names")
_TRIPLE = re.compile(r"(.)\1\1+")
_TAIL_BEGINS = 500  # the first generated name is as common as the five hundredth of an endless list
_GIVEN_TAIL = 0.09
_GIVEN_FLATNESS = 20  # the commonest given names are 1 to 2 % of a sex, and not 10 %

Ids = npt.NDArray[np.int64]
Words = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Pool:
    """Listed names with their cumulative shares, and syllables for the rest."""

    listed: tuple[str, ...]
    cumulative: npt.NDArray[np.float64]
    syllables: tuple[tuple[str, ...], ...]
    tail_share: float
    tail_ranks: int

    def draw(self, rng: np.random.Generator, count: int) -> Ids:
        """Numbers of names, each as common as it should be."""
        listed = np.searchsorted(self.cumulative, rng.random(count), side="right")
        listed = np.minimum(listed, len(self.listed) - 1)
        span = math.log((self.tail_ranks + _TAIL_BEGINS) / _TAIL_BEGINS)
        rank = _TAIL_BEGINS * np.exp(rng.random(count) * span) - _TAIL_BEGINS
        rank = np.minimum(rank.astype(np.int64), self.tail_ranks - 1)
        return np.where(rng.random(count) < self.tail_share, rank + len(self.listed), listed).astype(np.int64)

    def spell(self, ids: Ids) -> Words:
        """The names of these numbers."""
        distinct, back = np.unique(ids, return_inverse=True)
        words = np.empty(len(distinct), dtype=object)
        words[:] = [self._spell(int(number)) for number in distinct]
        return words[back]

    def _spell(self, number: int) -> str:
        if number < len(self.listed):
            return self.listed[number]
        starts, middles, ends, finals = self.syllables
        simple = len(starts) * len(ends)
        block, place = divmod(number - len(self.listed), simple)
        # Neighbouring ranks should not look alike; a prime larger than any list is coprime to `simple`.
        place = place * 1_000_003 % simple
        end, start = divmod(place, len(starts))
        final, middle = divmod(block, len(middles))
        word = starts[start] + middles[middle] + ends[end] + finals[final % len(finals)]
        return _TRIPLE.sub(r"\1\1", word)


@dataclass(frozen=True, slots=True)
class Origin:
    """Families of one origin: how many, and how they name their children."""

    name: str
    share: float
    anglicised: float  # given names from the British list
    middle: tuple[float, ...]  # shares with none, one, two middle names
    double_barrelled: float
    single: float  # no family name at all
    families: Pool
    girls: Pool
    boys: Pool


@cache
def origins() -> tuple[Origin, ...]:
    """Every origin, British first; the shares add up to one."""
    paths = sorted(path for path in _NAMES.glob("*.toml") if path.stem != "nicknames")
    paths.sort(key=lambda path: path.stem != "british")
    return tuple(_origin(path) for path in paths)


@cache
def nicknames() -> dict[str, tuple[str, ...]]:
    """What a name may be shortened to."""
    table = tomllib.loads((_NAMES / "nicknames.toml").read_text(encoding="utf-8"))["short"]
    return {name: tuple(short.split()) for name, short in table.items()}


def _origin(path: Path) -> Origin:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    tail = {name: _syllables(text) for name, text in table["tail"].items()}
    family = (tail["starts"], tail["middles"], tail["ends"], tail["finals"])
    return Origin(
        name=path.stem,
        share=table["share"],
        anglicised=table["anglicised"],
        middle=tuple(table["middle"]),
        double_barrelled=table["double_barrelled"],
        single=table.get("single", 0.0),
        families=_family_pool(table, family),
        girls=_given_pool(table["names"]["girls"], tail, "girls"),
        boys=_given_pool(table["names"]["boys"], tail, "boys"),
    )


def _syllables(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys("" if each == "-" else each for each in text.split()))


def _family_pool(table: dict[str, dict[str, str]], syllables: tuple[tuple[str, ...], ...]) -> Pool:
    top: dict[str, int] = table["top"]  # type: ignore[assignment]
    head_share = float(table["head_share"])  # type: ignore[arg-type]
    named = [name for name in dict.fromkeys(table["names"]["families"].split()) if name not in top]
    known = np.array(list(top.values())) / 10_000
    falling = np.arange(len(top) + 1, len(top) + len(named) + 1) ** -0.75
    rest = falling / falling.sum() * (head_share - known.sum())
    return _pool((*top, *named), np.concatenate([known, rest]), syllables, int(table["tail_ranks"]))  # type: ignore[call-overload]


def _given_pool(listed: str, tail: dict[str, tuple[str, ...]], sex: str) -> Pool:
    names = tuple(dict.fromkeys(listed.split()))
    shares = (np.arange(len(names)) + 1.0 + _GIVEN_FLATNESS) ** -0.8
    syllables = (tail[f"{sex}_starts"], tail[f"{sex}_middles"], tail[f"{sex}_ends"], ("",))
    return _pool(names, shares / shares.sum() * (1 - _GIVEN_TAIL), syllables, math.prod(map(len, syllables)))


def _pool(
    names: tuple[str, ...],
    shares: npt.NDArray[np.float64],
    syllables: tuple[tuple[str, ...], ...],
    ranks: int,
) -> Pool:
    total = float(shares.sum())
    ranks = min(ranks, math.prod(map(len, syllables)))
    return Pool(names, np.cumsum(shares / total), syllables, 1 - total, ranks)
